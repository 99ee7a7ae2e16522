#!/usr/bin/env python3
"""Attribute headers of docs/formats/attribute-keys.md, made and opened by a second implementation over mcl.

    attribute_oracle.py < requests > answers

A request is a JSON object in a line, bytes in hexadecimal, and so is the answer to it:

    {"op": "open", "header", "associatedData", "keys": [attribute key, …], "month": "2026-11"}
        {"key"} or {"error": code}; of each authority and holder, the keys are tried in every combination
    {"op": "seal", "policy": canonical text, "records": {account: authority record}, "associatedData", "message"}
        {"header", "key"}
    {"op": "transform", "header", "transformKey"}
        {"transformed"}
    {"op": "openEntry", "header", "associatedData", "keys": [key-policy key, …]}
        {"key"} or {"error": code}
    {"op": "sealEntry", "publicKey", "attributes": [text, …], "associatedData", "message"}
        {"header", "key"}
"""

import hmac
import itertools
import json
import sys

from attribute_entries import open_entry, seal_entry
from attribute_groups import G1, G2, Malformed, decoded, decoded_target, encoded, hash_to_g1, hash_to_g2, pair, scalar
from attribute_policy import parsed
from attribute_structure import AccessStructure
from attribute_transform import Transform, drawing, weighted
from attribute_values import AttributeKey, Refused, encode, published_key, read_header, read_transform_key, record_fields

ATTRIBUTE1 = b"PHR-V1-FABEO-ATTRIBUTE-BLS12381G1_XMD:SHA-256_SSWU_RO_"
BASE = hash_to_g1(b"", b"PHR-V1-FABEO-BASE-BLS12381G1_XMD:SHA-256_SSWU_RO_")
ATTRIBUTE2 = b"PHR-V1-MA-ATTRIBUTE-BLS12381G2_XMD:SHA-256_SSWU_RO_"
IDENTITY = b"PHR-V1-MA-IDENTITY-BLS12381G2_XMD:SHA-256_SSWU_RO_"


def messages(structure, entries):
    return [entries[authority][1] + name.encode() for authority, name in structure.rows]


def make_elements(suite, structure, entries, coins):
    """The elements and s, from the coins alone."""
    draw, attributes = drawing(coins), messages(structure, entries)
    s = draw()
    shares = structure.shares(s, draw)
    if suite == 1:
        occurrences = [draw() for _ in range(max(structure.occurrences) + 1)]
        elements = [encoded(G2 * scalar(s))] + [encoded(G2 * scalar(k)) for k in occurrences]
        for share, message, occurrence in zip(shares, attributes, structure.occurrences, strict=True):
            elements.append(encoded(BASE * scalar(share) + hash_to_g1(message, ATTRIBUTE1) * scalar(occurrences[occurrence])))
        return b"".join(elements), s
    zeros = structure.shares(0, draw)
    points = [(decoded(entry[5][:48]), decoded(entry[5][48:])) for entry in entries]
    elements = []
    for (authority, _), message, share, zero in zip(structure.rows, attributes, shares, zeros, strict=True):
        a, b = points[authority]
        random = scalar(draw())
        elements += [G1 * scalar(zero) + b * random, hash_to_g2(message, ATTRIBUTE2) * random, G1 * scalar(share) + a * random, G1 * random]
    return b"".join(map(encoded, elements)), s


def shared_secret(suite, structure, elements, weights, keys, identity, generator=G2):
    """The pairings of §5.1 for the rows that have weights; keys by index of the authority."""

    def name(row):
        return structure.rows[row][1]

    if suite == 1:
        (key,) = keys.values()
        count = max(structure.occurrences) + 1
        c3 = [(weight, decoded(elements[96 * (1 + count) + 48 * row :][:48])) for row, weight in weights.items()]
        result = pair(key.master, decoded(elements[:96])) * pair(-weighted(c3), key.randomness)
        for k in {structure.occurrences[row] for row in weights}:
            own = [(weight, key.fabeo(name(row))) for row, weight in weights.items() if structure.occurrences[row] == k]
            result = result * pair(weighted(own), decoded(elements[96 * (1 + k) :][:96]))
        return result
    rows = {row: [decoded(elements[240 * row + start : 240 * row + end]) for start, end in ((0, 48), (48, 144), (144, 192), (192, 240))] for row in weights}
    result = pair(weighted([(weights[row], rows[row][2]) for row in rows]), generator)
    result = result * pair(weighted([(weights[row], rows[row][0]) for row in rows]), identity)
    for authority, key in keys.items():
        own = [row for row in rows if structure.rows[row][0] == authority]
        if own:
            result = result * pair(key.k4, weighted([(weights[row], rows[row][1]) for row in own]))
        for row in own:
            result = result * pair(-(rows[row][3] * scalar(weights[row])), key.decentralized(name(row)))
    return result


def choices(keys, entries, month):
    """Combinations of at most one key for each authority of the header, of one holder, within validity."""
    valid = [key for key in keys if key.first <= month <= key.last]
    for gid in dict.fromkeys(key.gid for key in valid):
        groups = []
        for index, entry in enumerate(entries):
            own = [(index, key) for key in valid if key.gid == gid and key.fingerprint == entry[1]]
            if any(5 in entry and key.points != entry[5] for _, key in own):
                raise Refused("authorityChanged")
            if own:
                groups.append(own)
        yield from map(dict, itertools.product(*groups))


def structured(header):
    """The access structure of a header, whose elements must go with it."""
    suite, entries, elements = header[0], header[2], header[3]
    structure = AccessStructure(parsed(header[1]), {name: (entry[3], entry[4]) for name, entry in zip(header["names"], entries) if 3 in entry})
    count = max(structure.occurrences) + 1
    if len(elements) != (96 * (1 + count) + 48 * len(structure.rows) if suite == 1 else 240 * len(structure.rows)):
        raise Malformed("the elements do not go with the policy")
    return structure


def satisfying(structure, found):
    """The first combination of keys that satisfies the policy, with the weights of its rows."""
    for choice in found:
        held = {authority: key.names for authority, key in choice.items()}
        weights = structure.weights(lambda row: structure.rows[row][1] in held.get(structure.rows[row][0], ()))
        if weights:
            return weights, choice
    raise Refused("notSatisfied")


def transform_header(request):
    header = read_header(bytes.fromhex(request["header"]))
    structure = structured(header)
    identity, generator, parts = read_transform_key(bytes.fromhex(request["transformKey"]))
    groups = [[(index, part) for part in parts if part.fingerprint == entry[1]] for index, entry in enumerate(header[2])]
    weights, choice = satisfying(structure, map(dict, itertools.product(*filter(None, groups))))
    return {"transformed": shared_secret(header[0], structure, header[3], weights, choice, identity, generator).serialize().hex()}


def open_header(request):
    header = read_header(bytes.fromhex(request["header"]))
    suite, entries, elements = header[0], header[2], header[3]
    structure = structured(header)
    keys = [AttributeKey(bytes.fromhex(text)) for text in request["keys"]]
    year, month = map(int, request["month"].split("-"))
    weights, choice = satisfying(structure, choices(keys, entries, (year - 2000) * 12 + month - 1))
    secret = shared_secret(suite, structure, elements, weights, choice, hash_to_g2(next(iter(choice.values())).gid, IDENTITY))
    transform = Transform(encode({key: header[key] for key in (0, 1, 2)}), bytes.fromhex(request["associatedData"]))
    coins, key, tag = transform.derive(transform.masked(header[4], secret))
    if not hmac.compare_digest(tag, header[5]) or not hmac.compare_digest(make_elements(suite, structure, entries, coins)[0], elements):
        raise Refused("tampered")
    return {"key": key.hex()}


def seal_header(request):
    node = parsed(request["policy"])
    names = AccessStructure(node, {}).names
    records = [record_fields(bytes.fromhex(request["records"][name])) for name in names]
    suite = 1 if len(names) == 1 else 2
    entries, members = [], {}
    for name, record in zip(names, records, strict=True):
        public, fingerprint = published_key(record[3])
        entry = {1: fingerprint, 2: public[1]}
        if record[5]:
            entry |= {3: record[4], 4: record[5]}
            members[name] = record[4], record[5]
        entries.append(entry | ({5: public[4] + public[5]} if suite == 2 else {}))
    structure = AccessStructure(node, members)
    preamble = {0: suite, 1: request["policy"], 2: entries}
    transform = Transform(encode(preamble), bytes.fromhex(request["associatedData"]))
    message = bytes.fromhex(request["message"])
    coins, key, tag = transform.derive(message)
    elements, s = make_elements(suite, structure, entries, coins)
    secret = (decoded_target(public[3]) if suite == 1 else pair(G1, G2)) ** scalar(s)
    header = preamble | {3: elements, 4: transform.masked(message, secret), 5: tag}
    return {"header": encode(header).hex(), "key": key.hex()}


OPERATIONS = {"open": open_header, "seal": seal_header, "transform": transform_header, "openEntry": open_entry, "sealEntry": seal_entry}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = OPERATIONS[request["op"]](request)
        except Refused as refusal:
            answer = {"error": str(refusal)}
        except Malformed as error:
            answer = {"error": "malformed", "reason": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
