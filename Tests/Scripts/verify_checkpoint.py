#!/usr/bin/env python3
"""Verifies checkpoints, proofs and whole logs of docs/formats/ledger.md, from the documents alone.

    verify_checkpoint.py checkpoint  VKEY CHECKPOINT
    verify_checkpoint.py proof       VKEY RECORD-PROOF-OR-DOCUMENT-PROOF
    verify_checkpoint.py consistency VKEY OLD-CHECKPOINT NEW-CHECKPOINT HASH-LINES
    verify_checkpoint.py log         VKEY CHECKPOINT ENTRY-BUNDLE...

VKEY is the log's verifier key or a file that holds it. Needs the package `cryptography` for Ed25519 only.
Prints what is proven and exits with 0, or says what is wrong and exits with 1.
"""

import base64
import hashlib
import os
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    pass


def require(holds, reason):
    if not holds:
        raise Refused(reason)


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("is not base64: " + text)
    require(base64.b64encode(data).decode() == text, "is base64 in a second spelling: " + text)
    return data


def decimal(text):
    require(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"), "is no decimal number: " + text)
    return int(text)


def check_signature(key, signature, message, what):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise Refused(what + " has a bad signature")


# Trees: RFC 6962 by its recursive definition.


def tree_root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(tree_root(hashes[:split]), tree_root(hashes[split:]))


def split_point(size):
    return 1 << ((size - 1).bit_length() - 1)


def root_from_inclusion(leaf, index, size, path):
    """The root that a path from the leaf up leads to."""
    require(0 <= index < size, "the entry is not in a tree of that size")
    if size == 1:
        require(not path, "the path is too long")
        return leaf
    require(path, "the path is too short")
    split = split_point(size)
    if index < split:
        return node_hash(root_from_inclusion(leaf, index, split, path[:-1]), path[-1])
    return node_hash(path[-1], root_from_inclusion(leaf, index - split, size - split, path[:-1]))


def roots_from_consistency(old, new, path, old_root, is_whole=True):
    """The old and the new root that a consistency path leads to."""
    if old == new:
        if is_whole:
            require(not path, "the path is too long")
            return old_root, old_root
        require(len(path) == 1, "the path has another length")
        return path[0], path[0]
    require(path, "the path is too short")
    split = split_point(new)
    if old <= split:
        before, after = roots_from_consistency(old, split, path[:-1], old_root, is_whole)
        return before, node_hash(after, path[-1])
    before, after = roots_from_consistency(old - split, new - split, path[:-1], old_root, False)
    return node_hash(path[-1], before), node_hash(path[-1], after)


# Notes: C2SP signed-note and tlog-checkpoint.


class VerifierKey:
    def __init__(self, text):
        self.name, identifier, key = text.strip("\n").split("+", 2)
        data = unbase64(key)
        require(len(data) == 33 and data[0] == 1, "the verifier key is not Ed25519")
        self.key = data[1:]
        self.identifier = sha256(self.name.encode() + b"\n" + data)[:4]
        require(self.identifier.hex() == identifier, "the verifier key has another key id")


class Checkpoint:
    def __init__(self, note, verifier):
        text, blank, signatures = note.rpartition("\n\n")
        require(blank and signatures.endswith("\n"), "the note has no signatures")
        text += "\n"
        verified = False
        for line in signatures[:-1].split("\n"):
            require(line.startswith("\u2014 ") and line.count(" ") == 2, "a signature line is malformed")
            _, name, value = line.split(" ")
            data = unbase64(value)
            if name == verifier.name and data[:4] == verifier.identifier:
                check_signature(verifier.key, data[4:], text.encode(), "the note")
                verified = True
        require(verified, "the note is not signed by " + verifier.name)
        lines = text.split("\n")
        require(len(lines) >= 4, "the checkpoint has too few lines")
        require(lines[0] == verifier.name, "the checkpoint is of another log")
        self.size = decimal(lines[1])
        self.root = unbase64(lines[2])
        require(len(self.root) == 32, "the root is not 32 bytes long")

    def __str__(self):
        return "%d entries, root %s" % (self.size, self.root.hex())


# Entries: the CBOR profile and the maps of the format.


def decode(data):
    value, rest = decode_item(data, 0)
    require(not rest, "bytes follow the CBOR value")
    require(encode(value) == data, "CBOR is not in its one form")
    return value


def decode_item(data, depth):
    require(data and depth <= 8, "CBOR ends too early or is nested too deeply")
    major, short = data[0] >> 5, data[0] & 31
    require(major in (0, 2, 3, 4, 5) and short < 28, "CBOR has a type outside the profile")
    width = 0 if short < 24 else 1 << (short - 24)
    require(len(data) > width, "CBOR ends too early")
    argument = short if short < 24 else int.from_bytes(data[1 : 1 + width], "big")
    rest = data[1 + width :]
    if major == 0:
        return argument, rest
    if major in (2, 3):
        require(len(rest) >= argument, "CBOR ends too early")
        value = bytes(rest[:argument])
        return (value if major == 2 else value.decode("utf-8")), rest[argument:]
    values = []
    for _ in range(argument * (1 if major == 4 else 2)):
        value, rest = decode_item(rest, depth + 1)
        values.append(value)
    if major == 4:
        return values, rest
    keys = values[0::2]
    require(all(isinstance(key, int) and key < 24 for key in keys), "CBOR has a map key outside the profile")
    require(len(set(keys)) == len(keys), "CBOR has a map key twice")
    return dict(zip(keys, values[1::2])), rest


def encode(value):
    def head(major, argument):
        if argument < 24:
            return bytes([major << 5 | argument])
        for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if argument < 1 << (8 * width):
                return bytes([major << 5 | code]) + argument.to_bytes(width, "big")
        raise Refused("a number is too large")

    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))


DOMAINS = {0: b"phr-genesis/v1\n", 2: b"phr-block/v1\n"}
NAMES = {
    0: "genesis", 2: "block header", 16: "RECORD", 17: "HEADER", 18: "KEY", 19: "TOMBSTONE", 20: "ACCESS",
    21: "AUTHORITY", 22: "ISSUE", 23: "POLICY", 24: "EMERGENCY", 25: "AUDIT",
}
# Of the transactions from 21 on: the length of each byte string, None for any, and int for numbers.
BODIES = {
    21: {1: 16, 2: int, 3: int, 4: None},
    22: {1: 16, 2: int, 3: 32, 4: 16},
    23: {1: 16, 2: 16, 3: int, 4: 32},
    24: {1: 16, 2: 16, 3: 32},
    25: {1: int, 2: 32},
}
# What commits to a document: the domain, and where the commitment stands.
DOCUMENTS = {22: (b"phr/v1/issue", 3), 23: (b"phr/v1/policy", 4), 24: (b"phr/v1/emergency", 3)}


def decode_entry(data):
    entry = decode(data)
    require(isinstance(entry, dict) and entry.get(0) == 1, "the entry is not of version 1")
    require(entry.get(1) in NAMES, "the entry has an unknown type")
    if entry[1] in BODIES:
        check_body(decode(entry[6]), BODIES[entry[1]])
    return entry


def check_body(body, fields):
    require(isinstance(body, dict) and body.keys() == fields.keys(), "the body has missing or unknown keys")
    for key, rule in fields.items():
        require(isinstance(body[key], int if rule is int else bytes), "key %d of the body has another type" % key)
        require(rule in (int, None) or len(body[key]) == rule, "key %d of the body has another length" % key)


def check_entry_signature(entry, key):
    content = {number: value for number, value in entry.items() if number != 15}
    check_signature(key, entry[15], DOMAINS.get(entry[1], b"phr-tx/v1\n") + encode(content), "the entry")


def commitment(opening):
    require(opening[0] == 1 and len(opening[1]) == 32 and len(opening[2]) == 16, "the opening is malformed")
    return sha256(b"phr-record/v1" + opening[1] + opening[2] + opening[3] + opening[4] + struct.pack(">Q", opening[5]))


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8")


def hash_lines(lines):
    hashes = [unbase64(line) for line in lines]
    require(all(len(value) == 32 for value in hashes), "a hash of the proof is not 32 bytes long")
    return hashes


# Commands.


def verify_checkpoint(verifier, path):
    print("checkpoint of %s: %s" % (verifier.name, Checkpoint(read(path), verifier)))


def verify_proof(verifier, path):
    head, _, proof = read(path).partition("\n\n")
    lines = head.split("\n")
    kind = lines.pop(0)
    opening = salt = document = None
    if kind == "phr-document-proof/v1":
        require(len(lines) == 3 and lines[0].startswith("salt ") and lines[1].startswith("document "), "the proof has no document")
        salt, document = unbase64(lines.pop(0)[5:]), unbase64(lines.pop(0)[9:])
        require(len(salt) == 32, "the salt is not 32 bytes long")
    else:
        require(kind == "phr-record-proof/v1", "the file is no proof of an entry")
        opening = decode(unbase64(lines.pop(0)[8:])) if lines[0].startswith("opening ") else None
    require(len(lines) == 1 and lines[0].startswith("entry "), "the proof has no entry line")
    data = unbase64(lines[0][6:])
    path_text, _, note = proof.partition("\n\n")
    path_lines = path_text.split("\n")
    require(path_lines.pop(0) == "c2sp.org/tlog-proof@v1", "the file has no tlog proof")
    if path_lines and path_lines[0].startswith("extra "):
        path_lines.pop(0)
    require(path_lines and path_lines[0].startswith("index "), "the tlog proof has no index")
    index = decimal(path_lines.pop(0)[6:])
    checkpoint = Checkpoint(note, verifier)
    root = root_from_inclusion(leaf_hash(data), index, checkpoint.size, hash_lines(path_lines))
    require(root == checkpoint.root, "the proof does not lead to the root")
    entry = decode_entry(data)
    require(entry[1] >= 16, "the entry is no transaction")
    body = decode(entry[6])
    if opening is not None:
        require(entry[1] in (16, 17), "the entry has no commitment to open")
        require(body[4] == commitment(opening), "the opening does not open the entry's commitment")
        require(entry[1] == 17 or body[5] == opening[3], "the opening has another envelope root")
        require(entry[1] == 16 or body[3] == opening[5], "the opening has another header revision")
    if document is not None:
        require(entry[1] in DOCUMENTS, "the entry has no document")
        domain, key = DOCUMENTS[entry[1]]
        require(body[key] == sha256(domain + salt + sha256(document)), "the document does not open the entry's commitment")
    print("entry %d of %s is a %s transaction; %s" % (index, verifier.name, NAMES[entry[1]], checkpoint))


def verify_consistency(verifier, old_path, new_path, hashes_path):
    old, new = Checkpoint(read(old_path), verifier), Checkpoint(read(new_path), verifier)
    require(0 < old.size <= new.size, "the sizes do not fit")
    text = read(hashes_path)
    hashes = hash_lines(text.split("\n")[:-1])
    roots = roots_from_consistency(old.size, new.size, hashes, old.root)
    require(roots == (old.root, new.root), "the proof does not lead to the roots")
    print("the log of %d entries begins with the one of %d" % (new.size, old.size))


def verify_log(verifier, checkpoint_path, *bundle_paths):
    checkpoint = Checkpoint(read(checkpoint_path), verifier)
    entries = []
    for path in bundle_paths:
        with open(path, "rb") as file:
            data = file.read()
        while data:
            (length,) = struct.unpack(">H", data[:2])
            require(len(data) >= 2 + length, "a bundle ends too early")
            entries.append(data[2 : 2 + length])
            data = data[2 + length :]
    require(len(entries) == checkpoint.size, "the bundles hold %d entries" % len(entries))
    hashes = [leaf_hash(entry) for entry in entries]
    require(tree_root(hashes) == checkpoint.root, "the entries do not add up to the root")

    genesis = decode_entry(entries[0])
    require(genesis[1] == 0 and genesis[2] == verifier.name, "the log does not begin with its genesis entry")
    authority = genesis[3]
    check_entry_signature(genesis, authority)
    chain, author = sha256(entries[0]), sha256(authority)
    first, sequence, height = 0, 0, 0
    previous, time = bytes(32), 0
    for index, data in enumerate(entries):
        if index == 0:
            continue
        entry = decode_entry(data)
        require(entry[2] == chain, "entry %d is of another chain" % index)
        check_entry_signature(entry, authority)
        if entry[1] == 2:
            require(entry[3] == height and entry[4] == previous and entry[5] == first, "header %d is not linked" % index)
            require(entry[6] == index - first, "header %d counts wrongly" % index)
            require(entry[7] == tree_root(hashes[first:index]), "header %d has another transaction root" % index)
            require(entry[8] == tree_root(hashes[:first]), "header %d has another log root" % index)
            require(entry[10] > time and entry[12] == author, "header %d has a wrong time or authority" % index)
            first, height, previous, time = index + 1, height + 1, hashes[index], entry[10]
        else:
            sequence += 1
            require(entry[1] >= 16 and entry[3] == author and entry[4] == sequence, "entry %d is out of order" % index)
    require(first == len(entries), "the log does not end on a header")
    print("%d entries in %d blocks follow every rule; %s" % (len(entries), height, checkpoint))


COMMANDS = {"checkpoint": verify_checkpoint, "proof": verify_proof, "consistency": verify_consistency, "log": verify_log}


def main(arguments):
    if len(arguments) < 3 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        key = read(arguments[1]) if os.path.exists(arguments[1]) else arguments[1]
        COMMANDS[arguments[0]](VerifierKey(key), *arguments[2:])
    except (Refused, OSError, ValueError, KeyError, IndexError, TypeError, struct.error) as error:
        print("refused: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
