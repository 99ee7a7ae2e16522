import AttributeEncryption
import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import Testing

/// Writes the vectors anew into the folder that `PHR_WRITE_VECTORS` names. Published ones are never replaced: a changed
/// format gets a new version and a new folder.
@Suite struct VectorWriter {
    static let folder = ProcessInfo.processInfo.environment["PHR_WRITE_VECTORS"]

    @Test(.enabled(if: folder != nil, "only when vectors are to be written")) func write() throws {
        let folder = URL(fileURLWithPath: try #require(Self.folder))
        var set = VectorSet()
        try set.addGood()
        try set.addDamaged()
        try set.addRuleBreakers()
        try set.addPolicies()
        try set.addPolicyBreakers()
        for (vector, file) in set.vectors { try Data(file).write(to: folder.appendingPathComponent("\(vector.name).phr")) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bundles = try encoder.encode(bundles()) + Data("\n".utf8)
        try bundles.write(to: folder.appendingPathComponent("key-bundles.json"))
        try (encoder.encode(set.vectors.map(\.0)) + Data("\n".utf8)).write(to: folder.appendingPathComponent("vectors.json"))
    }
}

/// A first bundle, its successor under a new key, and bundles to be refused.
private func bundles() throws -> [BundleVector] {
    let first = try KeyBundle(signer: World.owner, xWingKey: World.alice.publicKey, created: 1_790_000_000)
    let second = try KeyBundle(
        signer: World.signer, xWingKey: World.alice.publicKey, x25519Key: World.bob.publicKey, rsaKeyDER: World.dave.publicKey,
        created: 1_790_000_100, following: (first, World.owner))
    let other = try KeyBundle(signer: World.signer, xWingKey: World.alice.publicKey, created: 1)
    let stolen = try KeyBundle(signer: World.signer, xWingKey: World.alice.publicKey, created: 2, following: (other, World.signer))
    var changed = first.encoded()
    changed[50] ^= 1
    func vector(_ name: String, _ bundle: [UInt8], _ previous: KeyBundle?, _ expect: String) -> BundleVector {
        BundleVector(name: name, bundle: bundle.hexadecimal, previous: previous?.encoded().hexadecimal, expect: expect)
    }
    return [
        vector("first", first.encoded(), nil, "success"),
        vector("second", second.encoded(), first, "success"),
        vector("first-again", first.encoded(), first, "malformed"),
        vector("not-vouched-for", stolen.encoded(), first, "wrongSigner"),
        vector("changed", changed, nil, "wrongSigner"),
    ]
}

struct VectorSet {
    var vectors: [(Vector, [UInt8])] = []

    static let bob = Vector.Key(kind: "x25519", key: hexadecimal(World.bob))
    static let carol = Vector.Key(kind: "x25519", key: hexadecimal(World.carol))
    static let alice = Vector.Key(kind: "x-wing", key: hexadecimal(World.alice))
    static let dave = Vector.Key(kind: "rsa", key: hexadecimal(World.dave))
    static let passphrase = "correct horse battery staple"

    static func hexadecimal(_ identity: Identity) -> String { (identity.exportPrivateKey() ?? []).hexadecimal }

    mutating func good(
        _ name: String, _ comment: String, _ file: [UInt8], keys: [Vector.Key] = [bob], month: Month? = nil, owner: String? = nil
    ) throws {
        var vector = Vector(
            name: name, comment: comment, keys: keys, month: month?.description, expect: "success", signer: World.signer.publicKey.hexadecimal, owner: owner)
        let layout = try layout(file)
        let reader = try EnvelopeReader(layout: layout, source: ArrayByteSource(file), identities: vector.identities())
        let plaintext = try reader.readAll()
        vector.plaintextByteCount = plaintext.count
        vector.plaintextSHA256 = SHA256.hash(data: plaintext).hexadecimal
        vector.originalName = reader.metadata.originalName
        vector.objectID = layout.objectID.hexadecimal
        vector.memberCount = layout.members.count
        vector.headerRevision = layout.headerRevision
        vector.headersDigest = layout.headersDigest.hexadecimal
        vector.envelopeRoot = layout.footerHash.hexadecimal
        vectors.append((vector, file))
    }

    mutating func bad(
        _ name: String, _ expect: EnvelopeError.Code, _ comment: String, _ file: [UInt8], keys: [Vector.Key] = [bob], month: Month? = nil,
        owner: String? = nil
    ) {
        let signer = World.signer.publicKey.hexadecimal
        let vector = Vector(
            name: name, comment: comment, keys: keys, month: month?.description, expect: expect.rawValue, signer: signer, owner: owner)
        vectors.append((vector, file))
    }

    mutating func addGood() throws {
        try good("empty", "no content: one empty segment", seal([]))
        try good("x25519-lean", "a short record in a lean slot", seal(pattern(100)))
        try good(
            "x-wing-full", "X-Wing, slot of 4,096 bytes", seal(pattern(3049), for: [World.alice.publicSide], options: .init(slot: .full)),
            keys: [Self.alice])
        try good("rsa", "RSA-3072", seal(pattern(100), for: [World.dave.publicSide]), keys: [Self.dave])
        let passphrase = Vector.Key(kind: "passphrase", key: Array(Self.passphrase.utf8).hexadecimal)
        try good(
            "passphrase", "scrypt, N = 2^12", seal(pattern(100), for: [.passphrase(Passphrase(Self.passphrase), workFactor: 12)]), keys: [passphrase])
        let everyone = [World.alice, World.bob, World.carol, World.dave].map(\.publicSide)
        try good("many-recipients", "four recipients of three kinds, opened by the RSA key", seal(pattern(100), for: everyone), keys: [Self.dave])
        try good("segment-boundary", "65,536 bytes: a full segment and an empty one", seal(pattern(65_536)))
        try good("two-segments-leaf-list", "65,537 bytes with a leaf list", seal(pattern(65_537), options: .init(leafList: true)))
        try good("padded", "5,000 bytes padded to 5,120", seal(pattern(5000), options: .init(padding: .padme)))
        let source = RecordMetadata.Source(uploader: "clinic", tlsSuite: "TLS_AES_256_GCM_SHA384", receivedAt: 1_790_000_000)
        let metadata = RecordMetadata(
            originalName: "Alcántar.xml", mediaType: "application/xml", clientModificationTime: 1_780_000_000, source: source)
        let ingested = try sealMember(pattern(200), options: .init(sealedOnIngest: true, notAfter: 2_000_000_000), metadata: metadata)
        try good("ingested", "sealed by a server, with all metadata and an expiry", ingested.bytes)
        let members = try sealMembers([pattern(100), [], pattern(70)])
        try good("three-members", "an upload interrupted twice and resumed", members)
        let rewrapped = try rewrap(members, to: [World.alice.publicSide, World.carol.publicSide], revision: 3)
        try good(
            "rewrapped", "three-members, shared with others and signed by the owner", rewrapped, keys: [Self.carol],
            owner: World.owner.publicKey.hexadecimal)
        let unknown = CBOR.map([0: .unsigned(6), 1: .bytes([1, 2, 3]), 2: .array([.text("later")])])
        let stanza = try HandmadeMember.stanza(wrapping: HandmadeMember().wrapKey, for: World.bob.publicKey)
        try good("unknown-type", "a stanza of an unknown type is passed over", HandmadeMember(stanzas: [unknown, stanza]).sealed())
        try good("unknown-field", "header field 16 is not critical", HandmadeMember(header: [16: .text("later")]).sealed())
    }

    private func rewrap(_ file: [UInt8], to recipients: [Recipient], revision: UInt64) throws -> [UInt8] {
        let members = try layout(file).members
        let heads = try HeaderRewriter.rewrap(
            heads: members.map(\.head.bytes), opening: [World.bob], recipients: recipients, revision: revision, notAfter: nil, owner: World.owner,
            slot: .full)
        return zip(members, heads).flatMap { $1 + file[Int($0.headRange.upperBound)..<Int($0.footerRange.upperBound)] }
    }

    mutating func addDamaged() throws {
        let file = try seal(pattern(100), options: .init(leafList: true))
        let member = try layout(file).members[0]
        func changed(_ offset: Int) -> [UInt8] {
            var copy = file
            copy[offset] ^= 1
            return copy
        }
        bad("wrong-key", .wrongKey, "sealed for another key", file, keys: [Self.carol])
        bad("changed-object-id", .tampered, "byte 16 of the prefix", changed(16))
        bad("changed-salt", .tampered, "byte 32 of the prefix", changed(32))
        bad("changed-header-mac", .tampered, "first byte of the header MAC", changed(Int(member.headRange.upperBound) - 36))
        bad("changed-segment", .tampered, "one bit of the content", changed(Int(member.segmentsRange.lowerBound) + 50))
        bad("changed-metadata", .tampered, "one bit of the metadata", changed(Int(member.metadataRange.lowerBound)))
        bad("changed-leaf-list", .tampered, "one bit of the leaf list", changed(Int(member.leafListRange.lowerBound)))
        bad("changed-root", .tampered, "one bit of the Merkle root", changed(Int(member.footerRange.lowerBound) + 40))
        bad("changed-signature", .tampered, "one bit of the footer's signature", changed(Int(member.footerRange.lowerBound) + 160))
        bad("changed-footer-mac", .tampered, "one bit of the footer's MAC", changed(Int(member.footerRange.lowerBound) + 224))
        bad("cut-in-footer", .truncated, "the last byte is missing", Array(file.dropLast()))
        bad("cut-before-footer", .truncated, "the footer is missing", Array(file.dropLast(256)))
        bad("appended", .truncated, "a byte follows the footer", file + [0])
        let damagedMagic: [UInt8] = [0x89, 0x50, 0x48, 0x52, 0x0a, 0x1a, 0x0a]
        bad("text-mode", .malformed, "line ends changed by a transfer in text mode", damagedMagic + Array(file.dropFirst(8)))
        bad("foreign", .malformed, "no envelope at all", Array("%PDF-1.7\n".utf8) + pattern(1000))
        var version = file
        version[8] = 2
        bad("version-2", .unsupported, "an unknown version", version)
        let large = try seal(pattern(140_000))
        let start = Int(try layout(large).members[0].segmentsRange.lowerBound)
        let edges = [0, start, start + 65_552, start + 131_104, large.count]
        let parts = zip(edges, edges.dropFirst()).map { Array(large[$0..<$1]) }
        bad("swapped-segments", .tampered, "the first two segments exchanged", [0, 2, 1, 3].flatMap { parts[$0] })
        let members = try sealMembers([pattern(10), pattern(20), pattern(30)])
        let ends = try layout(members).members.map { Int($0.footerRange.upperBound) }
        bad("dropped-first-member", .tampered, "the first of three members is missing", Array(members[ends[0]...]))
        bad("dropped-middle-member", .tampered, "the second of three members is missing", Array(members[..<ends[0]] + Array(members[ends[1]...])))
        bad("dropped-last-member", .incomplete, "the last of three members is missing", Array(members[..<ends[1]]))
        let other = try seal(pattern(100), options: .init(leafList: true))
        let headEnd = Int(member.headRange.upperBound)
        bad("head-of-another-file", .tampered, "prefix and header of another record", Array(other[..<headEnd]) + Array(file[headEnd...]))
    }

    mutating func addRuleBreakers() throws {
        let honest = HandmadeMember()
        let attack = HandmadeMember(fileKey: [UInt8](repeating: 0xf2, count: 32), commitment: Array(honest.boundPrefix.suffix(32)))
        let reserved = CBOR.map([0: .unsigned(4), 1: .bytes([1, 2, 3]), 2: .array([.text("policy")])])
        let own = try HandmadeMember.stanza(wrapping: honest.wrapKey, for: World.bob.publicKey)
        bad("unknown-stanza", .malformed, "type 4 with fields that are not its own", try HandmadeMember(stanzas: [reserved, own]).sealed())
        bad("other-commitment", .commitmentMismatch, "the wrapped key is not the committed one; everything else fits", try attack.sealed())
        let stanza = own
        bad("same-recipient-twice", .malformed, "two stanzas for one key", try HandmadeMember(stanzas: [stanza, stanza]).sealed())
        let passphrase = CBOR.map([
            0: .unsigned(5), 1: .bytes([UInt8](repeating: 0, count: 16)), 2: .bytes([UInt8](repeating: 1, count: 16)),
            3: .bytes([UInt8](repeating: 2, count: 48)), 4: .unsigned(12),
        ])
        bad("passphrase-beside-a-key", .malformed, "a passphrase must be alone", try HandmadeMember(stanzas: [stanza, passphrase]).sealed())
        let costly = CBOR.map((passphrase.mapValue ?? [:]).merging([4: .unsigned(21)]) { $1 })
        bad("costly-passphrase", .limitExceeded, "scrypt with N = 2^21", try HandmadeMember(stanzas: [costly]).sealed())
        let many = [stanza] + (0..<64).map { CBOR.map([0: .unsigned(100 + UInt64($0))]) }
        bad("too-many-recipients", .limitExceeded, "65 stanzas", try HandmadeMember(stanzas: many).sealed())
        bad("critical-field", .unsupported, "header field 6 is not known", try HandmadeMember(header: [6: .unsigned(1)]).sealed())
        var unordered = CBOR.map([0: .unsigned(0), 2: .array([stanza])]).encoded()
        unordered.replaceSubrange(1..<3, with: [0x18, 0x00])
        bad("not-canonical", .malformed, "a header in CBOR that is not deterministic", try HandmadeMember(encodedHeader: unordered).sealed())
        bad("slack-not-zero", .malformed, "a one among the zeros of the slot", try HandmadeMember(slack: [0, 1, 0]).sealed())
        bad("padding-not-zero", .malformed, "a one among the zeros behind the content", try HandmadeMember(flags: 2, padding: [0, 1, 0]).sealed())
        bad("padding-without-flag", .malformed, "more content than the metadata says", try HandmadeMember(padding: [0, 0, 0]).sealed())
        bad(
            "wrong-digest", .tampered, "the digest in the metadata is of something else",
            try HandmadeMember(metadata: [1: .bytes([UInt8](repeating: 0, count: 32))]).sealed())
        bad("complete-and-interrupted", .malformed, "two footer flags that exclude each other", try HandmadeMember(footerFlags: 3).sealed())
        bad("interrupted", .incomplete, "the upload never ended", try HandmadeMember(footerFlags: 2).sealed())
        bad("not-the-owner", .wrongSigner, "signed by somebody, not by the owner", try signedByStranger(), owner: World.owner.publicKey.hexadecimal)
        let first = try sealMember(pattern(5), interrupted: true)
        let second = try sealMember(pattern(5), chain: .following(first.summary), revision: 1)
        bad("mixed-revisions", .tampered, "two members with headers of different revisions", first.bytes + second.bytes)
    }

    private func signedByStranger() throws -> [UInt8] {
        let file = try seal(pattern(10))
        let heads = try HeaderRewriter.rewrap(
            heads: layout(file).heads, opening: [World.bob], recipients: [World.bob.publicSide], revision: 1, notAfter: nil, owner: World.signer,
            slot: .lean)
        return heads[0] + file[Int(try layout(file).members[0].headRange.upperBound)...]
    }
}
