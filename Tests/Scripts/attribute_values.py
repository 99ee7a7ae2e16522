"""Encodings of docs/formats/attribute-keys.md: CBOR, headers, authority records, attribute keys."""

import hashlib
import hmac

from attribute_groups import G1, G2, Malformed, R, decoded, decoded_target, encoded, hash_to_scalar, pair, scalar
from attribute_policy import attribute_names, cover, parsed
from attribute_structure import authorities

POSSESSION = b"PHR-V1-POSSESSION-BLS12381_XMD:SHA-256"


class Refused(Exception):
    """The code of an error."""


# CBOR, as far as the specification allows it.


def encode_head(kind, value):
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([kind << 5 | value])
        if value < 1 << 8 * size:
            return bytes([kind << 5 | code]) + value.to_bytes(size, "big")
    raise ValueError(value)


def encode(value):
    match value:
        case int():
            return encode_head(0, value)
        case bytes():
            return encode_head(2, len(value)) + value
        case str():
            return encode_head(3, len(value.encode())) + value.encode()
        case list():
            return encode_head(4, len(value)) + b"".join(map(encode, value))
        case dict():
            return encode_head(5, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))
    raise TypeError(value)


def decode(data):
    value, end = decode_item(data, 0, 0)
    if end != len(data):
        raise Malformed("bytes behind the value")
    if encode(value) != data:
        raise Malformed("not the one form of the value")
    return value


def decode_item(data, at, depth):
    if at >= len(data) or depth > 8:
        raise Malformed("CBOR ends too early or is too deep")
    kind, short = data[at] >> 5, data[at] & 31
    at += 1
    if short >= 24:
        if short > 27:
            raise Malformed("a type that is not allowed")
        size = 1 << (short - 24)
        short, at = int.from_bytes(data[at : at + size], "big"), at + size
    if kind == 0:
        return short, at
    if kind in (2, 3):
        if at + short > len(data):
            raise Malformed("CBOR ends too early")
        part = data[at : at + short]
        try:
            return part if kind == 2 else part.decode(), at + short
        except UnicodeDecodeError as error:
            raise Malformed("no UTF-8") from error
    if kind not in (4, 5):
        raise Malformed("a type that is not allowed")
    items = []
    for _ in range(short * (kind - 3)):
        item, at = decode_item(data, at, depth + 1)
        items.append(item)
    if kind == 4:
        return items, at
    keys = items[::2]
    if any(not isinstance(key, int) or key > 23 for key in keys):
        raise Malformed("a key of a map")
    return dict(zip(keys, items[1::2])), at


def fields(value, table, optional=()):
    """Checks a map against a table of types or lengths."""
    if not isinstance(value, dict) or not set(table) - set(optional) <= set(value) <= set(table):
        raise Malformed("the keys of a map")
    for key, item in value.items():
        expected = table[key]
        if isinstance(expected, int):
            if not isinstance(item, bytes) or len(item) != expected:
                raise Malformed(f"field {key} has {expected} bytes")
        elif not isinstance(item, expected):
            raise Malformed(f"field {key}")
    return value


# Headers.


def leaves_ascend(leaves, depth):
    return all(isinstance(leaf, int) and leaf < 1 << depth for leaf in leaves) and leaves == sorted(set(leaves)) and 1 <= depth <= 24


def read_header(data):
    header = decode(data)
    if not isinstance(header, dict) or not isinstance(header.get(0), int):
        raise Malformed("no suite")
    if header[0] not in (1, 2):
        raise Refused("unsupportedSuite")
    fields(header, {0: int, 1: str, 2: list, 3: bytes, 4: 32, 5: 32})
    if "valid now" in header[1]:
        raise Refused("unusablePolicy")
    names = sorted(authorities(parsed(header[1])))
    if (len(names) == 1) != (header[0] == 1) or len(header[2]) != len(names):
        raise Malformed("the authorities do not go with policy and suite")
    for entry in header[2]:
        table = {1: 32, 2: int, 3: int, 4: list} | ({5: 96} if header[0] == 2 else {})
        fields(entry, table, (3, 4))
        if (3 in entry) != (4 in entry) or (3 in entry and not (entry[4] and leaves_ascend(entry[4], entry[3]))):
            raise Malformed("revoked leaves")
    return header | {"names": names}


# Authorities.


def published_key(data):
    """The fields of an authority's public key, and its fingerprint; the proof of possession must hold."""
    public = fields(decode(data), {0: int, 1: int, 2: 32, 3: 576, 4: 48, 5: 48, 6: 128})
    proof = public[6]
    c, *z = (int.from_bytes(proof[i : i + 32], "big") for i in range(0, 128, 32))
    if any(number >= R for number in [c, *z]):
        raise Malformed("a scalar that is not below r")
    y, a, b = decoded_target(public[3]), decoded(public[4]), decoded(public[5])
    commitments = pair(G1, G2) ** scalar(z[0]) * y ** scalar(-c), G1 * scalar(z[1]) - a * scalar(c), G1 * scalar(z[2]) - b * scalar(c)
    message = public[2] + public[1].to_bytes(8, "big") + public[3] + commitments[0].serialize() + public[4] + public[5]
    if hash_to_scalar(message + encoded(commitments[1]) + encoded(commitments[2]), POSSESSION) != c:
        raise Refused("invalidSignature")
    without = encode({key: value for key, value in public.items() if key != 6})
    return public, hashlib.sha256(b"phr/v1/authority-key" + without).digest()


def record_fields(data):
    """The fields of an authority record. Its signature is not checked here: its caller trusts the record."""
    record = fields(decode(data), {0: int, 1: int, 2: int, 3: bytes, 4: int, 5: list, 6: list, 7: int, 8: 32, 15: 64}, (8,))
    if not leaves_ascend(record[5], record[4]):
        raise Malformed("revoked leaves")
    return record


# Attribute keys.


class Elements:
    """The secret elements of a key, which has names."""

    def read_elements(self, elements):
        if len(elements) != 192 + 144 * len(self.names):
            raise Malformed("the elements of a key")
        self.elements = elements
        self.master, self.randomness, self.k4 = (decoded(elements[a:b]) for a, b in ((0, 48), (48, 144), (144, 192)))

    def fabeo(self, name):
        return decoded(self.elements[192 + 144 * self.names[name] :][:48])

    def decentralized(self, name):
        return decoded(self.elements[240 + 144 * self.names[name] :][:96])


class AttributeKey(Elements):
    """§4.3"""

    def __init__(self, data):
        end = 5 + int.from_bytes(data[1:5], "big")
        table = {0: int, 1: str, 2: int, 3: 32, 4: 96, 5: 32, 6: list, 7: int, 8: int, 9: int, 10: int, 11: int, 12: int}
        summary = fields(decode(data[5:end]), table)
        if data[0] != 1 or summary[0] != 1:
            raise Refused("unsupportedSuite")
        self.fingerprint, self.points, self.gid = summary[3], summary[4], summary[5]
        self.first, self.last = summary[7], summary[8]
        start = end + 32 * summary[12]
        name_key = data[end:start]

        names = {name for attribute in summary[6] for name in attribute_names(attribute)}
        if summary[12]:
            names = {"~h" + hmac.digest(name_key, name.encode(), "sha256")[:16].hex() for name in names}
        months = cover(self.first, self.last, 12)
        names |= {f"~v/{length}/{bits}" for length, bits in ([(1, 0), (1, 1)] if months == [(0, 0)] else months)}
        names |= {f"~m/{summary[10]}/{length}/{summary[9] >> (summary[10] - length)}" for length in range(summary[10] + 1)}
        self.names = {name: index for index, name in enumerate(sorted(names, key=str.encode))}
        self.read_elements(data[start:])


class TransformPart(Elements):
    """One key of §7."""

    def __init__(self, entry):
        fields(entry, {1: 32, 2: 96, 3: list, 4: bytes})
        if entry[3] != sorted(set(entry[3]), key=str.encode):
            raise Malformed("the names of a transform key")
        self.fingerprint, self.points = entry[1], entry[2]
        self.names = {name: index for index, name in enumerate(entry[3])}
        self.read_elements(entry[4])


def read_transform_key(data):
    """H(gid)/z, g2/z and the keys."""
    value = fields(decode(data), {0: int, 1: 96, 2: 96, 3: list})
    if value[0] != 1:
        raise Refused("unsupportedSuite")
    return decoded(value[1]), decoded(value[2]), [TransformPart(entry) for entry in value[3]]
