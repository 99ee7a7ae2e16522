#!/usr/bin/env python3
"""Reads .phr envelopes of format version 1, from docs/formats/envelope.md alone.

An independent reader: it shares no code and no library with the product. It checks
everything the format asks for and, with --vectors, that published files are opened
or refused as they should be. Stanzas of policies (type 4) are checked and passed over:
it holds no attribute keys.

    read_envelope.py FILE.phr --x25519 HEX [--signer HEX] [--out FILE]
    read_envelope.py --vectors Tests/Vectors/phr/v1

Needs the package cryptography, version 48 or later.
"""
import argparse
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, padding, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = bytes.fromhex("895048520d0a1a0a")
FOOTER_MAGIC = bytes.fromhex("895048460d0a1a0a")
SEGMENT = 65536
SEALED = SEGMENT + 16
MIB = 1 << 20


class Refused(Exception):
    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code


def need(condition, code, why):
    if not condition:
        raise Refused(code, why)


def u32(data, at=0):
    return int.from_bytes(data[at:at + 4], "big")


def u64(data, at=0):
    return int.from_bytes(data[at:at + 8], "big")


# --- deterministic CBOR: unsigned, bytes, text, arrays, maps with keys 0 to 23 ---

def decode_cbor(data):
    value, end = _value(data, 0, 0)
    need(end == len(data), "malformed", "bytes behind the CBOR value")
    return value


def _head(data, at):
    need(at < len(data), "malformed", "CBOR ends too early")
    major, short = data[at] >> 5, data[at] & 31
    at += 1
    if short < 24:
        return major, short, at
    need(short <= 27, "malformed", "indefinite length")
    width = 1 << (short - 24)
    need(at + width <= len(data), "malformed", "CBOR ends too early")
    argument = int.from_bytes(data[at:at + width], "big")
    need(argument >= (24 if width == 1 else 1 << (4 * width)), "malformed", "number not in its shortest form")
    return major, argument, at + width


def _value(data, at, depth):
    need(depth <= 8, "malformed", "too deep")
    major, argument, at = _head(data, at)
    if major == 0:
        return argument, at
    if major in (2, 3):
        need(at + argument <= len(data), "malformed", "CBOR ends too early")
        raw = data[at:at + argument]
        if major == 2:
            return bytes(raw), at + argument
        try:
            return raw.decode("utf-8"), at + argument
        except UnicodeDecodeError:
            raise Refused("malformed", "text is not UTF-8") from None
    need(major in (4, 5), "malformed", "a kind of value that is not allowed")
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _value(data, at, depth + 1)
            items.append(item)
        return items, at
    entries, previous = {}, -1
    for _ in range(argument):
        need(at < len(data) and previous < data[at] <= 23, "malformed", "map key")
        previous = key = data[at]
        entries[key], at = _value(data, at + 1, depth + 1)
    return entries, at


def encode_cbor(value):
    def head(major, argument):
        if argument < 24:
            return bytes([major << 5 | argument])
        for short, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if argument < 1 << (8 * width):
                return bytes([major << 5 | short]) + argument.to_bytes(width, "big")
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(encode_cbor(item) for item in value)
    return head(5, len(value)) + b"".join(bytes([key]) + encode_cbor(value[key]) for key in sorted(value))


# --- primitives ---

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def extract(salt, secret):
    return mac(salt or bytes(32), secret)


def expand(key, info, length):
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = mac(key, block + info + bytes([counter]))
        output += block
        counter += 1
    return output[:length]


def hpke_open(kem_id, shared, info, ciphertext):
    """RFC 9180, base mode, HKDF-SHA256, AES-256-GCM, first message, no additional data."""
    suite = b"HPKE" + kem_id + b"\x00\x01\x00\x02"

    def labeled_extract(salt, label, secret):
        return extract(salt, b"HPKE-v1" + suite + label + secret)

    def labeled_expand(key, label, context, length):
        return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, length)

    context = b"\x00" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared, b"secret", b"")
    key = labeled_expand(secret, b"key", context, 32)
    nonce = labeled_expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def x25519_agree(private, public):
    return x25519.X25519PrivateKey.from_private_bytes(private).exchange(x25519.X25519PublicKey.from_public_bytes(public))


def x25519_public(private):
    return x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_id(kind, public):
    return sha256(b"phr/v1/key-id", bytes([kind]), public)[:16]


# --- identities ---

class X25519:
    kind = 2

    def __init__(self, private):
        self.private = private
        self.public = x25519_public(private)
        self.key_id = key_id(2, self.public)

    def unwrap(self, stanza, info):
        enc = stanza[2]
        kem = b"KEM\x00\x20"
        dh = x25519_agree(self.private, enc)
        eae = extract(b"", b"HPKE-v1" + kem + b"eae_prk" + dh)
        shared = expand(eae, b"\x00\x20HPKE-v1" + kem + b"shared_secret" + enc + self.public, 32)
        return hpke_open(b"\x00\x20", shared, info, stanza[3])


class XWing:
    """draft-connolly-cfrg-xwing-kem: ML-KEM-768 and X25519 from one seed of 32 bytes."""
    kind = 1

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(96)
        self.ml_kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self.x = expanded[64:]
        self.x_public = x25519_public(self.x)
        self.public = self.ml_kem.public_key().public_bytes_raw() + self.x_public
        self.key_id = key_id(1, self.public)

    def unwrap(self, stanza, info):
        ml_kem_part, x_part = stanza[2][:1088], stanza[2][1088:]
        parts = self.ml_kem.decapsulate(ml_kem_part) + x25519_agree(self.x, x_part) + x_part + self.x_public
        shared = hashlib.sha3_256(parts + b"\\.//^\\").digest()
        return hpke_open(b"\x64\x7a", shared, info, stanza[3])


class RSA:
    kind = 3

    def __init__(self, der):
        self.private = serialization.load_der_private_key(der, None)
        public = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.key_id = key_id(3, public)

    def unwrap(self, stanza, info):
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        secret = self.private.decrypt(stanza[2], oaep)
        return AESGCM(expand(extract(b"", secret), info, 32)).decrypt(bytes(12), stanza[3], info)


class Passphrase:
    kind = 5
    key_id = bytes(16)

    def __init__(self, text):
        self.text = text

    def unwrap(self, stanza, info):
        secret = hashlib.scrypt(
            self.text, salt=b"phr/v1/scrypt" + stanza[2], n=1 << stanza[4], r=8, p=1, maxmem=(1 << 31) - 1, dklen=32)
        info += bytes([stanza[4]])
        return AESGCM(expand(extract(b"", secret), info, 32)).decrypt(bytes(12), stanza[3], info)


IDENTITIES = {"x25519": X25519, "x-wing": XWing, "rsa": RSA, "passphrase": Passphrase}
ENC_LENGTHS = {1: range(1120, 1121), 2: range(32, 33), 3: range(384, 1025), 4: range(1, 262145), 5: range(16, 17)}


# --- the format ---

def check_magic(data):
    if data[:8] != MAGIC:
        why = "changed by a transfer in text mode" if data[1:4] == b"PHR" else "not an envelope"
        raise Refused("malformed", why)


class Head:
    def __init__(self, data):
        check_magic(data)
        need(data[8] == 1 and data[9] == 1 and data[10] == 16 and data[11] < 16, "unsupported", "version, suite or flags")
        self.data, self.flags, slot = data, data[11], u32(data, 12)
        need(slot > 40, "malformed", "slot too small")
        need(slot <= MIB, "limitExceeded", "slot above 1 MiB")
        need(len(data) == 96 + slot, "malformed", "slot length")
        self.object_id, self.salt, self.commitment = data[16:32], data[32:64], data[64:96]
        self.bound = data[:12] + bytes(4) + data[16:96]
        length = u32(data, 96)
        need(0 < length <= slot - 40, "malformed", "header length")
        need(u32(data, len(data) - 4) == slot, "malformed", "the two slot lengths differ")
        need(not any(data[100 + length:-36]), "malformed", "slack is not zero")
        self.mac, self.authenticated = data[-36:-4], data[:-36]
        self.header(data[100:100 + length])

    def header(self, data):
        fields = decode_cbor(data)
        need(isinstance(fields, dict), "malformed", "header is not a map")
        need(not any(5 < key < 16 for key in fields), "unsupported", "critical field")
        self.revision, stanzas, self.wrapped = fields.get(0), fields.get(2), fields.get(3)
        need(isinstance(self.revision, int) and isinstance(stanzas, list) and stanzas, "malformed", "header fields")
        need(isinstance(self.wrapped, bytes) and len(self.wrapped) == 60, "malformed", "wrapped file key")
        need(isinstance(fields.get(1, 0), int), "malformed", "not_after")
        need((4 in fields) == (5 in fields), "malformed", "owner key without signature, or the reverse")
        need(len(fields.get(4, bytes(16))) == 16 and len(fields.get(5, bytes(64))) == 64, "malformed", "owner fields")
        need(len(stanzas) <= 64, "limitExceeded", "more than 64 stanzas")
        self.stanzas = [self.stanza(stanza) for stanza in stanzas]
        self.owner_id, self.signature = fields.pop(4, None), fields.pop(5, None)
        if self.owner_id is not None:
            fields[4] = self.owner_id
        self.owner_message = b"phr/v1/owner-header\n" + self.bound + encode_cbor(fields)
        kinds = [stanza[0] for stanza in self.stanzas]
        need(5 not in kinds or len(kinds) == 1, "malformed", "a passphrase beside something else")
        names = [(s[0], s[1]) if s[0] in ENC_LENGTHS else encode_cbor(s) for s in self.stanzas]
        need(len(names) == len(set(names)), "malformed", "the same recipient twice")

    @staticmethod
    def stanza(stanza):
        need(isinstance(stanza, dict) and isinstance(stanza.get(0), int), "malformed", "stanza")
        kind = stanza[0]
        if kind in ENC_LENGTHS:
            need(set(stanza) == ({0, 1, 2, 3, 4} if kind == 5 else {0, 1, 2, 3}), "malformed", "stanza fields")
            need(all(isinstance(stanza[key], bytes) for key in (1, 2, 3)), "malformed", "stanza fields")
            need(len(stanza[1]) == 16 and len(stanza[3]) == 48, "malformed", "stanza lengths")
            need(len(stanza[2]) in ENC_LENGTHS[kind], "malformed", "stanza lengths")
            if kind == 4:
                need(stanza[1] == key_id(4, stanza[2]), "malformed", "identifier of a policy stanza")
            if kind == 5:
                need(isinstance(stanza[4], int) and stanza[4] >= 1 and not any(stanza[1]), "malformed", "passphrase stanza")
                need(stanza[4] <= 20, "limitExceeded", "work factor")
        return stanza

    def open(self, identities):
        wrap_key = self.wrap_key(identities)
        kek = expand(extract(b"", wrap_key), b"phr/v1/file-key-wrap", 32)
        try:
            file_key = AESGCM(kek).decrypt(self.wrapped[:12], self.wrapped[12:], self.bound)
        except InvalidTag:
            raise Refused("tampered", "wrapped file key") from None
        info = b"phr/v1/member" + self.data[:12] + self.object_id
        keys = expand(extract(self.salt, file_key), info, 172)
        self.payload_key, self.metadata_key, header_key, self.footer_key = (keys[i:i + 32] for i in range(0, 128, 32))
        self.base_nonce = keys[160:]
        need(hmac.compare_digest(keys[128:160], self.commitment), "commitmentMismatch", "not the committed key")
        need(hmac.compare_digest(mac(header_key, self.authenticated), self.mac), "tampered", "header MAC")

    def wrap_key(self, identities):
        for identity in identities:
            for stanza in self.stanzas:
                if stanza[0] == identity.kind and stanza[1] == identity.key_id:
                    info = b"phr/v1/wrap-key" + bytes([identity.kind]) + identity.key_id
                    try:
                        return identity.unwrap(stanza, info)
                    except (InvalidTag, ValueError):
                        raise Refused("wrongKey" if identity.kind == 5 else "tampered", "stanza") from None
        raise Refused("wrongKey", "no stanza for these keys")


class Footer:
    def __init__(self, data):
        need(len(data) == 256 and data[:8] == FOOTER_MAGIC, "truncated", "no end mark")
        self.data = data
        self.body, self.count, self.metadata, self.number = u64(data, 8), u64(data, 16), u32(data, 24), u32(data, 28)
        self.flags = data[32]
        need(not any(data[33:40]), "malformed", "reserved bytes")
        need(self.flags in (1, 2, 5, 6), "malformed", "flags")
        need(self.count <= 1 << 32, "limitExceeded", "segments")
        need(self.count == self.body // SEALED + 1 and self.body % SEALED >= 16, "malformed", "segment count")
        block = self.metadata - 16
        need(256 <= block <= 65536 and block % 256 == 0, "malformed", "metadata length")
        self.root, self.previous, self.frame, self.object_id = data[40:72], data[72:104], data[104:136], data[136:152]
        self.hint, self.signature, self.mac = data[152:160], data[160:224], data[224:]
        self.hash = sha256(data)

    def check_signature(self, public):
        try:
            need(key_id(0x10, public)[:8] == self.hint, "wrongSigner", "another signer")
            verify(public, self.signature, b"phr/v1/footer\n" + self.data[:160])
        except InvalidSignature:
            raise Refused("wrongSigner", "footer signature") from None


def verify(public, signature, message):
    ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


class Member:
    """The member that ends at `end`."""

    def __init__(self, file, end):
        def back(count, what):
            need(count <= self.start, "truncated", what)
            self.start -= count
            return file[self.start:self.start + count]
        self.start = end
        self.footer = footer = Footer(back(min(256, end), "footer"))
        self.leaves = back(32 * footer.count if footer.flags & 4 else 0, "leaf list")
        self.metadata = back(footer.metadata, "metadata")
        self.body = back(footer.body, "segments")
        need(self.start >= 4, "truncated", "header")
        slot = u32(file, self.start - 4)
        need(slot <= MIB, "limitExceeded", "slot above 1 MiB")
        self.head = head = Head(back(96 + slot, "header"))
        need(head.object_id == footer.object_id and bool(head.flags & 8) == bool(footer.flags & 4), "tampered", "head of another member")
        need(footer.frame == sha256(b"phr/v1/frame\n", head.bound, self.metadata), "tampered", "frame digest")

    def segments(self):
        return [self.body[i * SEALED:(i + 1) * SEALED] for i in range(self.footer.count)]

    def open(self, identities):
        head, footer = self.head, self.footer
        head.open(identities)
        need(hmac.compare_digest(mac(head.footer_key, footer.data[:224]), footer.mac), "tampered", "footer MAC")
        number = footer.number.to_bytes(4, "big")
        try:
            block = AESGCM(head.metadata_key).decrypt(bytes(12), self.metadata, head.object_id + number)
        except InvalidTag:
            raise Refused("tampered", "metadata") from None
        length = u32(block)
        need(length <= len(block) - 4 and not any(block[4 + length:]), "malformed", "metadata padding")
        self.info = decode_cbor(block[4:4 + length])
        need(isinstance(self.info.get(0), int) and isinstance(self.info.get(1), bytes), "malformed", "metadata")
        size, padded = self.info[0], footer.body - 16 * footer.count
        need(size == padded or (head.flags & 2 and size < padded), "malformed", "size")
        content = self.content(number)
        need(not any(content[size:]), "malformed", "padding is not zero")
        self.check_tree()
        need(sha256(content[:size]) == self.info[1], "tampered", "digest of the content")
        return content[:size]

    def content(self, number):
        cipher, content = AESGCM(self.head.payload_key), []
        base = int.from_bytes(self.head.base_nonce, "big")
        for index, segment in enumerate(self.segments()):
            nonce = (base ^ index).to_bytes(12, "big")
            try:
                content.append(cipher.decrypt(nonce, segment, self.head.object_id + number + index.to_bytes(8, "big")))
            except InvalidTag:
                raise Refused("tampered", f"segment {index}") from None
        return b"".join(content)

    def check_tree(self):
        leaves = [sha256(b"\x00", index.to_bytes(8, "big"), segment) for index, segment in enumerate(self.segments())]
        need(merkle_root(leaves) == self.footer.root, "tampered", "Merkle root")
        need(not self.leaves or self.leaves == b"".join(leaves), "tampered", "leaf list")


def merkle_root(leaves):
    """RFC 6962 section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def scan(file):
    check_magic(file)
    members, end = [], len(file)
    while True:
        need(len(members) < 1024, "limitExceeded", "more than 1,024 members")
        members.insert(0, Member(file, end))
        end = members[0].start
        if end == 0:
            break
    previous = bytes(32)
    for number, member in enumerate(members):
        footer, head = member.footer, member.head
        need(footer.number == number and footer.previous == previous and head.object_id == members[0].head.object_id
             and bool(head.flags & 4) == (number > 0), "tampered", "chain of members")
        need(head.revision == members[0].head.revision, "tampered", "revisions differ")
        previous = footer.hash
    need(members[-1].footer.flags & 1, "incomplete", "the upload never ended")
    return members


def read(file, identities, signer=None, owner=None):
    members = scan(file)
    if owner:
        for member in members:
            try:
                need(member.head.owner_id == key_id(0x10, owner), "wrongSigner", "another owner")
                verify(owner, member.head.signature, member.head.owner_message)
            except InvalidSignature:
                raise Refused("wrongSigner", "owner signature") from None
    content = b"".join(member.open(identities) for member in members)
    if signer:
        for member in members:
            member.footer.check_signature(signer)
    return members, content


def read_bundle(data, previous=None):
    """A key bundle, and that it follows `previous`."""
    try:
        fields = decode_cbor(data)
        need(isinstance(fields, dict) and fields.get(0) == 1 and set(fields) <= {0, 1, 2, 3, 4, 5, 6, 14, 15}, "unsupported", "fields")
        lengths = {1: range(32, 33), 2: range(1216, 1217), 3: range(32, 33), 4: range(398, 2049), 14: range(64, 65), 15: range(64, 65)}
        for key in {1, 2, 15} | set(fields) & set(lengths):
            need(isinstance(fields.get(key), bytes) and len(fields[key]) in lengths[key], "malformed", f"field {key}")
        need(isinstance(fields.get(5), int) and isinstance(fields.get(6), int), "malformed", "sequence or time")
        need((fields[5] > 0) == (14 in fields), "malformed", "signature of the previous key")
        message = b"phr-key-bundle/v1\n" + encode_cbor({key: value for key, value in fields.items() if key < 14})
        verify(fields[1], fields[15], message)
        if previous:
            need(fields[5] == previous[5] + 1, "malformed", "sequence")
            verify(previous[1], fields[14], message)
        return fields
    except InvalidSignature:
        raise Refused("wrongSigner", "key bundle") from None


def check_bundle(vector):
    try:
        previous = read_bundle(bytes.fromhex(vector["previous"])) if "previous" in vector else None
        read_bundle(bytes.fromhex(vector["bundle"]), previous)
        return "success"
    except Refused as refused:
        return refused.code


def check_frame(vector, file):
    """What can be said of a file without the attribute keys that would open it: everything but its content."""
    try:
        members = scan(file)
    except Refused as refused:
        return refused.code
    found = public_facts(members)
    wrong = [name for name, value in found.items() if name in vector and vector[name] != value]
    if wrong:
        return f"{wrong[0]} is {found[wrong[0]]}, not {vector[wrong[0]]}"
    return vector["expect"] if vector["expect"] in ("success", "notSatisfied", "tampered") else "success"


def public_facts(members):
    return {
        "objectID": members[0].head.object_id.hex(),
        "memberCount": len(members),
        "headerRevision": members[0].head.revision,
        "headersDigest": sha256(b"".join(sha256(member.head.data) for member in members)).hex(),
        "envelopeRoot": members[-1].footer.hash.hex(),
    }


def check_vectors(folder):
    failures = unopened = 0
    vectors = json.loads((folder / "vectors.json").read_text())
    for vector in vectors:
        file = (folder / f"{vector['name']}.phr").read_bytes()
        if any(key["kind"] == "attributes" for key in vector["keys"]):
            unopened += 1
            result = check_frame(vector, file)
            if result != vector["expect"]:
                failures += 1
                print(f"{vector['name']}: {result}, expected {vector['expect']}")
            continue
        identities = [IDENTITIES[key["kind"]](bytes.fromhex(key["key"])) for key in vector["keys"]]
        owner = bytes.fromhex(vector["owner"]) if "owner" in vector else None
        try:
            members, content = read(file, identities, bytes.fromhex(vector["signer"]), owner)
            result = "success"
            found = {
                "plaintextByteCount": len(content),
                "plaintextSHA256": sha256(content).hex(),
                "originalName": members[-1].info.get(2),
            } | public_facts(members)
            for name, value in found.items():
                if vector.get(name) != value:
                    result = f"{name} is {value}, not {vector.get(name)}"
        except Refused as refused:
            result = refused.code
        if result != vector["expect"]:
            failures += 1
            print(f"{vector['name']}: {result}, expected {vector['expect']}")
    bundles = json.loads((folder / "key-bundles.json").read_text())
    for vector in bundles:
        result = check_bundle(vector)
        if result != vector["expect"]:
            failures += 1
            print(f"key bundle {vector['name']}: {result}, expected {vector['expect']}")
    print(f"{len(vectors) + len(bundles)} vectors, {failures} failures; {unopened} for attribute keys, read but not opened")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description="Reads .phr envelopes of format version 1.")
    parser.add_argument("file", nargs="?", type=pathlib.Path)
    parser.add_argument("--vectors", type=pathlib.Path, help="folder of published vectors")
    parser.add_argument("--out", type=pathlib.Path, help="where to write the content")
    parser.add_argument("--signer", type=bytes.fromhex, help="Ed25519 public key of the footers")
    parser.add_argument("--owner", type=bytes.fromhex, help="Ed25519 public key of the heads")
    for kind in IDENTITIES:
        parser.add_argument(f"--{kind}", action="append", default=[], type=bytes.fromhex, metavar="HEX")
    arguments = parser.parse_args()
    if arguments.vectors:
        return check_vectors(arguments.vectors)
    if not arguments.file:
        parser.error("a file or --vectors is needed")
    identities = [make(key) for kind, make in IDENTITIES.items() for key in getattr(arguments, kind.replace("-", "_"))]
    try:
        members, content = read(arguments.file.read_bytes(), identities, arguments.signer, arguments.owner)
    except Refused as refused:
        print(f"{arguments.file}: {refused}", file=sys.stderr)
        return 1
    if arguments.out:
        arguments.out.write_bytes(content)
    print(f"{len(members)} members, {len(content)} bytes, sha256 {sha256(content).hex()}, root {members[-1].footer.hash.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
