// What a person or site publishes: the keys to seal for, signed by the key to check signatures with.

internal import CanonicalEncoding

/// Public keys under one name, in a numbered series of bundles.
///
/// Two signatures over the same message, the domain and the encoding without both: 15 by the bundle's own signing key,
/// and from the second bundle on 14 by the signing key of the bundle before.
package struct KeyBundle: Equatable, Sendable {
    private enum Key {
        static let version: UInt64 = 0
        static let signing: UInt64 = 1
        static let xWing: UInt64 = 2
        static let x25519: UInt64 = 3
        static let rsa: UInt64 = 4
        static let sequence: UInt64 = 5
        static let created: UInt64 = 6
        static let previousSignature: UInt64 = 14
        static let selfSignature: UInt64 = 15
        static let all: Set<UInt64> = [version, signing, xWing, x25519, rsa, sequence, created, previousSignature, selfSignature]
    }

    /// Ed25519, 32 bytes.
    package let signingKey: [UInt8]
    /// 1,216 bytes.
    package let xWingKey: [UInt8]
    /// 32 bytes.
    package let x25519Key: [UInt8]?
    /// DER SubjectPublicKeyInfo.
    package let rsaKeyDER: [UInt8]?
    /// 0 for the first bundle.
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    /// By the signing key of the bundle before; nil for the first.
    package let previousSignature: [UInt8]?
    package let selfSignature: [UInt8]

    package static let maximumByteCount = 8192

    /// Makes a bundle: the first one, or the one after `previous`, signed with that one's key as well.
    package init(
        signer: Signer, xWingKey: [UInt8], x25519Key: [UInt8]? = nil, rsaKeyDER: [UInt8]? = nil, created: UInt64,
        following previous: (bundle: KeyBundle, signer: Signer)? = nil
    ) throws(EnvelopeError) {
        let (sequence, isLast) = previous.map { $0.bundle.sequence.addingReportingOverflow(1) } ?? (0, false)
        guard !isLast else { throw EnvelopeError(.limitExceeded, "no number is left for another bundle", at: "key bundle") }
        var entries: [UInt64: CBOR] = [
            Key.version: .unsigned(1), Key.signing: .bytes(signer.publicKey), Key.xWing: .bytes(xWingKey),
            Key.sequence: .unsigned(sequence), Key.created: .unsigned(created),
        ]
        if let x25519Key { entries[Key.x25519] = .bytes(x25519Key) }
        if let rsaKeyDER { entries[Key.rsa] = .bytes(rsaKeyDER) }
        let message = Self.message(entries)
        if let previous {
            guard previous.signer.publicKey == previous.bundle.signingKey else {
                throw EnvelopeError(.wrongSigner, "the key is not that of the previous bundle", at: "key bundle")
            }
            entries[Key.previousSignature] = .bytes(try previous.signer.sign(message))
        }
        entries[Key.selfSignature] = .bytes(try signer.sign(message))
        try self.init(entries)
    }

    /// Reads a bundle and checks its own signature.
    package init(decoding bytes: [UInt8]) throws(EnvelopeError) {
        guard let entries = (try? CBOR(decoding: bytes, limit: .init(byteCount: Self.maximumByteCount)))?.mapValue else {
            throw EnvelopeError(.malformed, "not a map in deterministic CBOR of at most 8 KiB", at: "key bundle")
        }
        try self.init(entries)
    }

    private init(_ entries: [UInt64: CBOR]) throws(EnvelopeError) {
        guard entries[Key.version] == .unsigned(1), Key.all.isSuperset(of: entries.keys) else {
            throw EnvelopeError(.unsupported, "a version or field that is not known", at: "key bundle")
        }
        guard let sequence = entries[Key.sequence]?.unsignedValue, let created = entries[Key.created]?.unsignedValue else {
            throw EnvelopeError(.malformed, "sequence or time of creation missing", at: "key bundle")
        }
        self.sequence = sequence
        self.created = created
        signingKey = try Self.bytes(entries, Key.signing, 32...32)
        xWingKey = try Self.bytes(entries, Key.xWing, 1216...1216)
        x25519Key = entries[Key.x25519] == nil ? nil : try Self.bytes(entries, Key.x25519, 32...32)
        rsaKeyDER = entries[Key.rsa] == nil ? nil : try Self.bytes(entries, Key.rsa, 398...2048)
        previousSignature = sequence == 0 ? nil : try Self.bytes(entries, Key.previousSignature, 64...64)
        guard sequence > 0 || entries[Key.previousSignature] == nil else {
            throw EnvelopeError(.malformed, "a first bundle cannot be signed by an earlier key", at: "key bundle")
        }
        selfSignature = try Self.bytes(entries, Key.selfSignature, 64...64)
        guard Signer.isValid(selfSignature, of: Self.message(entries), by: signingKey) else {
            throw EnvelopeError(.wrongSigner, "not signed by its own key", at: "key bundle")
        }
    }

    private static func bytes(_ entries: [UInt64: CBOR], _ key: UInt64, _ counts: ClosedRange<Int>) throws(EnvelopeError) -> [UInt8] {
        guard let bytes = entries[key]?.bytesValue, counts.contains(bytes.count) else {
            throw EnvelopeError(.malformed, "field \(key) is missing or of a wrong length", at: "key bundle")
        }
        return bytes
    }

    private static func message(_ entries: [UInt64: CBOR]) -> [UInt8] {
        let signed = entries.filter { $0.key != Key.previousSignature && $0.key != Key.selfSignature }
        return Array("phr-key-bundle/v1\n".utf8) + CBOR.map(signed).encoded()
    }

    private var entries: [UInt64: CBOR] {
        var entries: [UInt64: CBOR] = [
            Key.version: .unsigned(1), Key.signing: .bytes(signingKey), Key.xWing: .bytes(xWingKey), Key.sequence: .unsigned(sequence),
            Key.created: .unsigned(created), Key.selfSignature: .bytes(selfSignature),
        ]
        if let x25519Key { entries[Key.x25519] = .bytes(x25519Key) }
        if let rsaKeyDER { entries[Key.rsa] = .bytes(rsaKeyDER) }
        if let previousSignature { entries[Key.previousSignature] = .bytes(previousSignature) }
        return entries
    }

    package func encoded() -> [UInt8] { CBOR.map(entries).encoded() }
}

extension KeyBundle {
    /// Checks that this bundle comes right after `previous` and was signed with its key.
    package func verify(following previous: KeyBundle) throws(EnvelopeError) {
        guard sequence > 0, sequence - 1 == previous.sequence, let previousSignature else {
            throw EnvelopeError(.malformed, "bundle \(sequence) does not follow bundle \(previous.sequence)", at: "key bundle")
        }
        guard Signer.isValid(previousSignature, of: Self.message(entries), by: previous.signingKey) else {
            throw EnvelopeError(.wrongSigner, "not signed by the key of the previous bundle", at: "key bundle")
        }
    }

    /// The key to seal for: X-Wing, which every bundle has.
    package var recipient: Recipient { .xWing(publicKey: xWingKey) }

    /// The identifiers of all keys that may stand in stanzas.
    package var keyIDs: [[UInt8]] {
        var recipients = [recipient]
        if let x25519Key { recipients.append(.x25519(publicKey: x25519Key)) }
        if let rsaKeyDER { recipients.append(.rsa(publicKeyDER: rsaKeyDER)) }
        return recipients.map(\.keyID)
    }

    /// The identifier of the signing key, as headers and footers name it.
    package var signingKeyID: [UInt8] { KeyIdentifier.of(.ed25519, publicKey: signingKey) }
}
