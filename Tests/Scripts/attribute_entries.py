"""Suite 3 of docs/formats/attribute-keys.md §6: entries with attributes, keys with policies."""

import hashlib
import hmac

from attribute_groups import G2, Malformed, decoded, decoded_target, encoded, hash_to_g1, pair, scalar
from attribute_policy import attribute_names, parsed
from attribute_structure import AccessStructure
from attribute_transform import Transform, drawing, weighted
from attribute_values import Refused, decode, encode, fields

ATTRIBUTE = b"PHR-V1-FABEO-KP-ATTRIBUTE-BLS12381G1_XMD:SHA-256_SSWU_RO_"


class PolicyKey:
    """§6.2"""

    def __init__(self, data):
        end = 5 + int.from_bytes(data[1:5], "big")
        summary = fields(decode(data[5:end]), {0: int, 1: 32, 2: int, 3: str, 4: int})
        if data[0] != 1 or summary[0] != 1:
            raise Refused("unsupportedSuite")
        self.fingerprint, self.epoch = summary[1], summary[2]
        self.structure = AccessStructure(parsed(summary[3]), {})
        count, rows = max(self.structure.occurrences) + 1, len(self.structure.rows)
        if len(self.structure.names) != 1 or len(data) - end != 96 * count + 48 * rows:
            raise Malformed("the elements of a key-policy key")
        self.occurrences = [decoded(data[end + 96 * k :][:96]) for k in range(count)]
        self.rows = [decoded(data[end + 96 * count + 48 * i :][:48]) for i in range(rows)]

    def shared_secret(self, header, names):
        weights = self.structure.weights(lambda row: self.structure.rows[row][1] in names)
        if not weights:
            return None
        elements = {name: header[4][96 + 48 * index :][:48] for index, name in enumerate(names)}
        result = pair(weighted([(weight, self.rows[row]) for row, weight in weights.items()]), decoded(header[4][:96]))
        for k in {self.structure.occurrences[row] for row in weights}:
            own = [(weights[row], decoded(elements[self.structure.rows[row][1]])) for row in weights if self.structure.occurrences[row] == k]
            result = result * pair(-weighted(own), self.occurrences[k])
        return result


def names_of(attributes):
    return sorted({name for attribute in attributes for name in attribute_names(attribute)}, key=str.encode)


def make_elements(fingerprint, names, coins):
    s = drawing(coins)()
    points = [G2 * scalar(s)] + [hash_to_g1(fingerprint + name.encode(), ATTRIBUTE) * scalar(s) for name in names]
    return b"".join(map(encoded, points)), s


def open_entry(request):
    header = decode(bytes.fromhex(request["header"]))
    if not isinstance(header, dict) or header.get(0) != 3:
        raise Refused("unsupportedSuite")
    fields(header, {0: int, 1: list, 2: 32, 3: int, 4: bytes, 5: 32, 6: 32})
    names = names_of(header[1])
    if not header[1] or header[1] != sorted(set(header[1]), key=str.encode) or len(header[4]) != 96 + 48 * len(names):
        raise Malformed("the elements do not go with the attributes")
    keys = [key for key in map(PolicyKey, map(bytes.fromhex, request["keys"])) if (key.fingerprint, key.epoch) == (header[2], header[3])]
    if not keys:
        raise Refused("wrongEpoch")
    secret = next(filter(None, (key.shared_secret(header, names) for key in keys)), None)
    if secret is None:
        raise Refused("notSatisfied")
    transform = Transform(encode({key: header[key] for key in range(4)}), bytes.fromhex(request["associatedData"]))
    coins, key, tag = transform.derive(transform.masked(header[5], secret))
    if not hmac.compare_digest(tag, header[6]) or not hmac.compare_digest(make_elements(header[2], names, coins)[0], header[4]):
        raise Refused("tampered")
    return {"key": key.hex()}


def seal_entry(request):
    encoding = bytes.fromhex(request["publicKey"])
    public = fields(decode(encoding), {0: int, 1: int, 2: 32, 3: 576})
    fingerprint = hashlib.sha256(b"phr/v1/key-policy-key" + encoding).digest()
    attributes = sorted(set(request["attributes"]), key=str.encode)
    preamble = {0: 3, 1: attributes, 2: fingerprint, 3: public[1]}
    transform = Transform(encode(preamble), bytes.fromhex(request["associatedData"]))
    message = bytes.fromhex(request["message"])
    coins, key, tag = transform.derive(message)
    elements, s = make_elements(fingerprint, names_of(attributes), coins)
    header = preamble | {4: elements, 5: transform.masked(message, decoded_target(public[3]) ** scalar(s)), 6: tag}
    return {"header": encode(header).hex(), "key": key.hex()}
