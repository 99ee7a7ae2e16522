// Who gives out keys that carry policies, for records that carry attributes: the audit log's keeper.

package import BLS12381
internal import CanonicalEncoding
internal import Crypto
internal import Synchronization

/// The secret of one epoch of a key-policy authority. It is never that of a ciphertext-policy authority: each scheme has keys of its own.
package final class KeyPolicySecretKey: Sendable {
    package let publicKey: KeyPolicyPublicKey
    private let alpha: Mutex<Scalar>

    private static let version: UInt8 = 1
    /// Bytes of the encoding: version, epoch, owner, scalar.
    package static let byteCount = 1 + 8 + AuthorityPublicKey.ownerByteCount + Scalar.byteCount

    /// A new key pair for an epoch of the authority that this Ed25519 signing key runs.
    package static func generate(epoch: UInt64, owner: [UInt8]) -> KeyPolicySecretKey {
        KeyPolicySecretKey(epoch: epoch, owner: owner, alpha: Scalar.random())
    }

    /// Reads what `withEncoded` lent.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version.
    package convenience init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard let version = bytes.first else { throw AttributeError(.malformed, "key-policy secret: empty") }
        guard version == Self.version else { throw AttributeError(.unsupportedSuite, "key-policy secret: version \(version) is not known") }
        guard bytes.count == Self.byteCount else { throw AttributeError(.malformed, "key-policy secret: must have \(Self.byteCount) bytes") }
        var scalarBytes = Array(bytes.suffix(Scalar.byteCount))
        defer { scalarBytes.wipe() }
        guard let alpha = try? Scalar(bytes: scalarBytes), !alpha.isZero else { throw AttributeError(.malformed, "key-policy secret: not a scalar") }
        let epoch = bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
        self.init(epoch: epoch, owner: Array(bytes[9..<9 + AuthorityPublicKey.ownerByteCount]), alpha: alpha)
    }

    private init(epoch: UInt64, owner: [UInt8], alpha: Scalar) {
        precondition(owner.count == AuthorityPublicKey.ownerByteCount, "an Ed25519 public key has 32 bytes")
        publicKey = KeyPolicyPublicKey(epoch: epoch, owner: owner, y: .generator(power: alpha))
        self.alpha = Mutex(alpha)
    }

    deinit { alpha.withLock { $0.wipe() } }

    /// Lends the encoding for the time of one call; it is overwritten afterwards.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendBigEndian(publicKey.epoch)
        bytes += publicKey.owner
        alpha.withLock { bytes += $0.bytes }
        defer { bytes.wipe() }
        return try body(bytes)
    }

    /// A key that opens what satisfies the policy.
    ///
    /// - Parameter policy: over attributes of one authority, whose name stands for this one; no months of validity, which entries have not.
    /// - Throws: `unusablePolicy`, `limitExceeded`.
    package func issue(_ policy: Policy, issuedAt: UInt64) throws(AttributeError) -> KeyPolicyKey {
        var source = SystemScalars()
        return try issue(policy, issuedAt: issuedAt, from: &source)
    }

    /// The same with scalars from elsewhere, for vectors.
    package func issue(_ policy: Policy, issuedAt: UInt64, from source: inout some ScalarSource<Scalar>) throws(AttributeError) -> KeyPolicyKey {
        let summary = KeyPolicyKey.Summary(publicKeyFingerprint: publicKey.fingerprint, epoch: publicKey.epoch, policy: policy, issuedAt: issuedAt)
        let structure = try summary.structure()
        let messages = structure.rows.map { AttributeName.message($0.name, authority: publicKey.fingerprint) }
        var shares = alpha.withLock { SecretSharing<BLSGroup>.shares(of: $0, over: structure.tree, rowCount: messages.count, from: &source) }
        var randomness: [Scalar] = []
        for _ in 0..<structure.occurrenceCount { randomness.append(source.next()) }
        let key = KeyPolicyFABEO<BLSGroup>.key(attributes: messages, occurrences: structure.occurrences, shares: shares, randomness: randomness)
        for index in shares.indices { shares[index].wipe() }
        for index in randomness.indices { randomness[index].wipe() }
        var elements = Array(G2.compressed(key.occurrences).joined()) + Array(G1.compressed(key.rows).joined())
        return try KeyPolicyKey(summary, elements: SymmetricKey(consuming: &elements))
    }
}

extension KeyPolicySecretKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "KeyPolicySecretKey(redacted, epoch \(publicKey.epoch))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What others seal entries under.
package struct KeyPolicyPublicKey: Sendable, Equatable {
    package let epoch: UInt64
    /// The Ed25519 signing key of the identity that runs the authority, 32 bytes.
    package let owner: [UInt8]
    /// SHA-256("phr/v1/key-policy-key" ‖ encoding)
    package let fingerprint: [UInt8]
    /// e(g1, g2)^α
    let y: GT
    private let bytes: [UInt8]

    private static let place = "key-policy key"

    fileprivate init(epoch: UInt64, owner: [UInt8], y: GT) {
        self.epoch = epoch
        self.owner = owner
        self.y = y
        bytes = CBOR.map([0: .unsigned(1), 1: .unsigned(epoch), 2: .bytes(owner), 3: .bytes(y.bytes)]).encoded()
        fingerprint = Array(SHA256.hash(data: Array("phr/v1/key-policy-key".utf8) + bytes))
    }

    package func encoded() -> [UInt8] { bytes }

    /// Reads what `encoded` gave.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        var fields = try FieldReader(bytes, of: Self.place)
        try fields.expectVersion()
        let epoch = try fields.unsigned(1)
        let owner = try fields.bytes(2, count: AuthorityPublicKey.ownerByteCount)
        let yBytes = try fields.bytes(3, count: AuthorityPublicKey.targetByteCount)
        try fields.finish()
        guard let y = try? GT(bytes: yBytes), !y.isOne else { throw AttributeError(.malformed, "\(Self.place): not an element of the group") }
        self.init(epoch: epoch, owner: owner, y: y)
    }

    package static func == (first: Self, second: Self) -> Bool { first.bytes == second.bytes }
}
