"""The operations of BLS12-381 as other libraries compute them: what bls12381_oracle.py says.

Every result comes from a library or from Python's own integers, and where two libraries know the answer, from both:
py_arkworks_bls12381 ("ark"), pymcl, pyblst and py_ecc.
"""

import hashlib

import pyblst
import pymcl
from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
from py_ecc.bls.hash import expand_message_xmd
from py_ecc.optimized_bls12_381 import FQ12

X = 0xD201000000010000
R = X**4 - X**2 + 1
P = (X + 1) ** 2 * R // 3 - X
assert P.bit_length() == 381 and R.bit_length() == 255


class G1:
    size, ark, mcl, blst = 48, G1Point, pymcl.G1, pyblst.BlstP1Element
    map_element = G1Point.map_from_fp_be


class G2:
    size, ark, mcl, blst = 96, G2Point, pymcl.G2, pyblst.BlstP2Element
    map_element = G2Point.map_from_fp2_be


GROUPS = {"g1": G1, "g2": G2}


class Refused(Exception):
    """The reason for which an input is refused."""


def same(*values):
    """The one value that all libraries give."""
    if any(value != values[0] for value in values):
        raise AssertionError(f"the libraries disagree: {[value.hex() for value in values]}")
    return values[0]


def attempt(function, *arguments):
    """The result, or None if the library refuses."""
    try:
        return function(*arguments)
    except ValueError:
        return None


def short(point):
    return bytes(point.to_compressed_bytes())


def long(group, point):
    """The uncompressed encoding of an arkworks point: c1 before c0."""
    data = bytes(point.to_xy_bytes_be())
    if not any(data):
        return b"\x40" + data[1:]
    return b"".join(swapped(data[i : i + group.size]) for i in (0, group.size))


def swapped(coordinate):
    """A coordinate with its parts in the other order."""
    return b"".join(coordinate[i : i + 48] for i in reversed(range(0, len(coordinate), 48)))


def to_mcl(group, point):
    data = bytes(point.to_xy_bytes_be())
    numbers = [int.from_bytes(data[i : i + 48], "big") for i in range(0, len(data), 48)]
    return group.mcl(" ".join(map(str, [1] + numbers)), 10) if any(data) else group.mcl()


def from_mcl(group, point):
    """The compressed encoding of an mcl point."""
    numbers = [int(part) for part in str(point).split()]
    if numbers[0] == 0:
        return short(group.ark.identity())
    return short(group.ark.from_xy_bytes_be(b"".join(number.to_bytes(48, "big") for number in numbers[1:])))


def mcl_scalar(number):
    return pymcl.Fr(str(number), 10)


def ark_scalar(number):
    return Scalar.from_be_bytes(number.to_bytes(32, "big"))


# The operations.


def inputs(case):
    """The group of a case, its points for arkworks and its scalars."""
    group = GROUPS[case["group"]]
    points = [group.ark.from_compressed_bytes(bytes.fromhex(text)) for text in case["points"]]
    return group, points, [int(text, 16) for text in case.get("scalars", [])]


def add(case):
    group, (a, b), _ = inputs(case)
    blst = [group.blst.uncompress(bytes.fromhex(text)) for text in case["points"]]
    return same(short(a + b), from_mcl(group, to_mcl(group, a) + to_mcl(group, b)), bytes((blst[0] + blst[1]).compress()))


def multiple_sum(case):
    group, points, scalars = inputs(case)
    mcl, blst = group.mcl(), group.blst()
    for point, text, scalar in zip(points, case["points"], scalars, strict=True):
        mcl = mcl + to_mcl(group, point) * mcl_scalar(scalar)
        blst = blst + group.blst.uncompress(bytes.fromhex(text)).scalar_mul(scalar)
    ark = group.ark.multiexp_unchecked(points, [ark_scalar(scalar) for scalar in scalars])
    return same(short(ark), from_mcl(group, mcl), bytes(blst.compress()))


REASONS = {"BLST_BAD_ENCODING": "encoding", "BLST_POINT_NOT_ON_CURVE": "curve", "BLST_POINT_NOT_IN_GROUP": "group"}


def decode(case):
    """A compressed point, uncompressed. blst is as strict as the draft; arkworks accepts infinity with other bits set."""
    group, data = GROUPS[case["group"]], bytes.fromhex(case["bytes"])
    try:
        accepted = bytes(group.blst.uncompress(data).compress())
    except ValueError as error:
        raise Refused(next(REASONS[name] for name in REASONS if name in str(error))) from error
    return long(group, group.ark.from_compressed_bytes(same(data, accepted)))


def decode_long(case):
    """An uncompressed point, compressed. No library here reads this form; arkworks reads the coordinates."""
    group, data = GROUPS[case["group"]], bytes.fromhex(case["bytes"])
    if data == b"\x40" + bytes(2 * group.size - 1):
        return short(group.ark.identity())
    numbers = [int.from_bytes(data[i : i + 48], "big") for i in range(0, len(data), 48)]
    if len(data) != 2 * group.size or any(number >= P for number in numbers):
        raise Refused("encoding")
    if not any(numbers):
        raise Refused("curve")
    coordinates = b"".join(swapped(data[i : i + group.size]) for i in (0, group.size))
    point = attempt(group.ark.from_xy_bytes_unchecked_be, coordinates)
    if point is None:
        raise Refused("curve")
    if not point.is_in_subgroup():
        raise Refused("group")
    return short(point)


def short_domain(domain):
    """RFC 9380 §5.3.3."""
    return domain if len(domain) <= 255 else hashlib.sha256(b"H2C-OVERSIZE-DST-" + domain).digest()


def texts(case):
    return bytes.fromhex(case["message"]), bytes.fromhex(case["domain"])


def expand(case):
    message, domain = texts(case)
    return expand_message_xmd(message, short_domain(domain), case["count"], hashlib.sha256)


def hash_to_group(case):
    group, (message, domain) = GROUPS[case["group"]], texts(case)
    blst = group.blst().hash_to_group(message, short_domain(domain))
    return same(short(group.ark.hash_to_curve(message, domain)), bytes(blst.compress()))


def encode_to_group(case):
    group = GROUPS[case["group"]]
    data = expand(case | {"count": group.size // 48 * 64})
    numbers = [int.from_bytes(data[i : i + 64], "big") % P for i in range(0, len(data), 64)]
    return short(group.map_element(b"".join(number.to_bytes(48, "big") for number in numbers)))


def map_to_group(case):
    """map_to_curve and clear_cofactor of an element, c0 before c1."""
    group = GROUPS[case["group"]]
    point = attempt(group.map_element, bytes.fromhex(case["bytes"]))
    if point is None:
        raise Refused("encoding")
    return short(point)


def scalar_field(case):
    """a + b, a - b, a·b and 1/a."""
    a, b = (int(text, 16) for text in case["scalars"])
    numbers = [a + b, a - b, a * b, pow(a, -1, R) if a else 0]
    return b"".join((number % R).to_bytes(32, "big") for number in numbers)


def reduce(case):
    return (int(case["bytes"] or "0", 16) % R).to_bytes(32, "big")


def pairing_product(case):
    points = [G1.ark.from_compressed_bytes(bytes.fromhex(text)) for text in case["points"]]
    others = [G2.ark.from_compressed_bytes(bytes.fromhex(text)) for text in case["others"]]
    mcl = pymcl.GT()
    for point, other in zip(points, others, strict=True):
        mcl = mcl * pymcl.pairing(to_mcl(G1, point), to_mcl(G2, other))
    return same(bytes.fromhex(str(GT.multi_pairing(points, others))), mcl.serialize())


def power(case):
    """e(point, other)^scalar: the power in mcl, the pairing of the multiple in arkworks."""
    (point,), (other,), (scalar,) = case["points"], case["others"], case["scalars"]
    p, q = G1.ark.from_compressed_bytes(bytes.fromhex(point)), G2.ark.from_compressed_bytes(bytes.fromhex(other))
    base = pymcl.pairing(to_mcl(G1, p), to_mcl(G2, q))
    ark = GT.pairing(p * ark_scalar(int(scalar, 16)), q)
    return same(bytes.fromhex(str(ark)), (base ** mcl_scalar(int(scalar, 16))).serialize())


# GT in py_ecc: polynomials in w with w^12 = 2w^6 - 2, where u = w^6 - 1.

POSITIONS = [0, 2, 4, 1, 3, 5]  # exponents of w of c0.c0, c0.c1, c0.c2, c1.c0, c1.c1, c1.c2


def gt_element(case):
    """Twelve coefficients, if they are an element of GT."""
    data = bytes.fromhex(case["bytes"])
    numbers = [int.from_bytes(data[i : i + 48], "little") for i in range(0, len(data), 48)]
    if len(data) != 576 or any(number >= P for number in numbers):
        raise Refused("encoding")
    coefficients = [0] * 12
    for index, exponent in enumerate(POSITIONS):
        a, b = numbers[2 * index], numbers[2 * index + 1]
        coefficients[exponent], coefficients[exponent + 6] = (a - b) % P, b
    if FQ12(coefficients) ** R != FQ12.one():
        raise Refused("group")
    return data


def gt_bytes(polynomial):
    numbers = [int(coefficient) % P for coefficient in polynomial.coeffs]
    parts = []
    for exponent in POSITIONS:
        parts += [(numbers[exponent] + numbers[exponent + 6]) % P, numbers[exponent + 6]]
    return b"".join(number.to_bytes(48, "little") for number in parts)


OPERATIONS = {
    "add": add,
    "sum": multiple_sum,
    "decode": decode,
    "decodeLong": decode_long,
    "expand": expand,
    "hash": hash_to_group,
    "encode": encode_to_group,
    "map": map_to_group,
    "scalar": scalar_field,
    "reduce": reduce,
    "pairing": pairing_product,
    "power": power,
    "gt": gt_element,
}


def solve(case):
    """What the libraries say to a case: its result and the reason for a refusal."""
    try:
        return {"result": OPERATIONS[case["op"]](case).hex()}
    except Refused as refusal:
        return {"result": None, "reason": str(refusal)}
