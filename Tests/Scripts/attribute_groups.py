"""Groups and hashes of docs/formats/attribute-keys.md §1, over mcl (arithmetic) and py_ecc (hashes to curves)."""

import hashlib
import hmac
from functools import cache

import pymcl
from py_ecc.bls.hash import expand_message_xmd
from py_ecc.bls.hash_to_curve import hash_to_G1, hash_to_G2
from py_ecc.optimized_bls12_381 import normalize

X = 0xD201000000010000
R = X**4 - X**2 + 1
P = (X + 1) ** 2 * R // 3 - X

G1, G2 = pymcl.g1, pymcl.g2
pair = pymcl.pairing


class Malformed(Exception):
    """Bytes that the specification refuses."""


def scalar(number):
    return pymcl.Fr(str(number % R), 10)


def numbers(point):
    """The affine coordinates."""
    parts = [int(part) for part in str(point).split()]
    if parts[0] == 0:
        raise Malformed("the point at infinity")
    return parts[1:]


def encoded(point):
    """The compressed encoding."""
    coordinates = numbers(point)
    half = len(coordinates) // 2
    x, y = coordinates[:half], coordinates[half:]
    data = bytearray(b"".join(number.to_bytes(48, "big") for number in reversed(x)))
    data[0] |= 0x80 | (0x20 if is_larger(y) else 0)
    return bytes(data)


def is_larger(y):
    """Whether y is the larger of y and -y: the coefficient of u decides, if it is not 0."""
    decisive = next((number for number in reversed(y) if number), 0)
    return decisive > (P - 1) // 2


def root(number):
    result = pow(number, (P + 1) // 4, P)
    if result * result % P != number % P:
        raise Malformed("no square root")
    return result


def root2(a, b):
    """A square root of a + b·u, from that of its norm."""
    if b == 0:
        try:
            return root(a), 0
        except Malformed:
            return 0, root(-a % P)
    norm = root((a * a + b * b) % P)
    for sign in (1, -1):
        half = (a + sign * norm) * pow(2, -1, P) % P
        try:
            x = root(half)
        except Malformed:
            continue
        return x, b * pow(2 * x, -1, P) % P
    raise Malformed("no square root")


def decoded(data):
    """The point of G1 (48 bytes) or G2 (96 bytes), never infinity."""
    if not data[0] & 0x80 or data[0] & 0x40:
        raise Malformed("flags of a point")
    larger = bool(data[0] & 0x20)
    data = bytes([data[0] & 0x1F]) + data[1:]
    x = [int.from_bytes(data[i : i + 48], "big") for i in reversed(range(0, len(data), 48))]
    if any(number >= P for number in x):
        raise Malformed("a coordinate is not below p")
    if len(x) == 1:
        y = [root((x[0] ** 3 + 4) % P)]
        group = pymcl.G1
    else:
        a, b = x
        square = (a * a - b * b, 2 * a * b)
        y = list(root2((square[0] * a - square[1] * b + 4) % P, (square[0] * b + square[1] * a + 4) % P))
        group = pymcl.G2
    if is_larger(y) != larger:
        y = [-number % P for number in y]
    try:
        point = group(" ".join(map(str, [1] + x + y)), 10)
    except RuntimeError as error:  # mcl looks at the order, too
        raise Malformed("a point outside the group") from error
    if point * scalar(R - 1) != -point:
        raise Malformed("a point outside the group")
    return point


def decoded_target(data):
    """An element of GT other than 1."""
    if len(data) != 576 or any(int.from_bytes(data[i : i + 48], "little") >= P for i in range(0, 576, 48)):
        raise Malformed("an element of GT")
    element = pymcl.GT.deserialize(data)
    if element.is_one() or not (element ** scalar(R - 1) * element).is_one():
        raise Malformed("an element outside GT")
    return element


# Hashes.


def to_mcl(group, point):
    coordinates = []
    for coordinate in normalize(point):
        coordinates += [int(part) for part in coordinate.coeffs] if hasattr(coordinate, "coeffs") else [int(coordinate)]
    return group(" ".join(map(str, [1] + coordinates)), 10)


@cache
def hash_to_g1(message, domain):
    return to_mcl(pymcl.G1, hash_to_G1(message, domain, hashlib.sha256))


@cache
def hash_to_g2(message, domain):
    return to_mcl(pymcl.G2, hash_to_G2(message, domain, hashlib.sha256))


def hash_to_scalar(message, domain):
    return int.from_bytes(expand_message_xmd(message, domain, 48, hashlib.sha256), "big") % R


def hkdf(secret, salt, info, count):
    """RFC 5869 with SHA-256."""
    key = hmac.digest(salt, secret, "sha256")
    output = block = b""
    index = 1
    while len(output) < count:
        block = hmac.digest(key, block + info + bytes([index]), "sha256")
        output += block
        index += 1
    return output[:count]
