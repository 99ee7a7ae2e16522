// The document an authority publishes: its key, who is revoked, who issues for it. Signed, in an unbroken sequence.

internal import CanonicalEncoding
internal import Crypto

/// The current state of an authority, without its account name. A change is a new record that names the one before.
package struct AuthorityRecord: Sendable {
    /// 0 for the first.
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    package let publicKey: AuthorityPublicKey
    package let revocations: RevocationList
    /// Key identifiers of the Ed25519 keys that issue for it, 16 bytes each, sorted.
    package let issuers: [[UInt8]]
    /// Whether policies name its attributes by keyed hashes only.
    package let hidesNames: Bool
    /// SHA-256 of the record before; nil for the first.
    package let previousHash: [UInt8]?
    package let signature: [UInt8]
    private let bytes: [UInt8]

    package static let issuerLimit = 1024
    package static let byteLimit = 40_960
    private static let place = "authority record"
    private static let domain = Array("phr/v1/authority\n".utf8)

    /// A new record, the first or the one after `previous`.
    ///
    /// - Parameter sign: the Ed25519 signature by the owner of the public key.
    /// - Throws: what `sign` throws; `invalidSignature` when it is not by the owner; `notASuccessor` and its kin when the rules between two records are broken.
    package init(
        publicKey: AuthorityPublicKey, revocations: RevocationList, issuers: some Sequence<[UInt8]> = [[UInt8]](), hidesNames: Bool = false,
        created: UInt64, following previous: AuthorityRecord? = nil, sign: ([UInt8]) throws -> [UInt8]
    ) throws {
        let fields = Self.fields(
            sequence: previous.map { $0.sequence + 1 } ?? 0, created: created, publicKey: publicKey, revocations: revocations,
            issuers: Set(issuers).sorted { $0.lexicographicallyPrecedes($1) }, hidesNames: hidesNames, previousHash: previous?.hash)
        var signed = fields
        signed[15] = .bytes(try sign(Self.domain + CBOR.map(fields).encoded()))
        try self.init(decoding: CBOR.map(signed).encoded(), trusting: publicKey)
        if let previous { try verify(following: previous) }
    }

    /// Reads a record and verifies its key's proof and its signature.
    ///
    /// - Throws: `malformed`, `limitExceeded`, `unsupportedSuite`, `invalidSignature`.
    package init(decoding bytes: [UInt8]) throws(AttributeError) { try self.init(decoding: bytes, trusting: nil) }

    /// - Parameter trusted: the key that the record holds, if it is known to be good.
    private init(decoding bytes: [UInt8], trusting trusted: AuthorityPublicKey?) throws(AttributeError) {
        guard bytes.count <= Self.byteLimit else {
            throw AttributeError(.limitExceeded, "\(Self.place): \(bytes.count) bytes are more than \(Self.byteLimit)")
        }
        var fields = try FieldReader(bytes, of: Self.place)
        try fields.expectVersion()
        sequence = try fields.unsigned(1)
        created = try fields.unsigned(2)
        let keyBytes = try fields.bytes(3)
        let depth = try fields.unsigned(4, upTo: RevocationList.depths.upperBound)
        let leaves = try fields.array(5).map(\.unsignedValue)
        let issuers = try fields.array(6).map(\.bytesValue)
        hidesNames = try fields.flag(7)
        previousHash = fields.has(8) ? try fields.bytes(8, count: 32) : nil
        signature = try fields.bytes(15, count: 64)
        try fields.finish()
        revocations = try RevocationList(depth: depth, revoked: leaves.compactMap { $0.flatMap(UInt32.init(exactly:)) })
        self.issuers = issuers.compactMap { $0 }.filter { $0.count == 16 }
        guard revocations.revoked.count == leaves.count, revocations.revoked.map(UInt64.init) == leaves else {
            throw AttributeError(.malformed, "\(Self.place): revoked members are ascending leaves, each once")
        }
        guard self.issuers.count == issuers.count, zip(self.issuers, self.issuers.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) }) else {
            throw AttributeError(.malformed, "\(Self.place): issuers are ascending identifiers of 16 bytes, each once")
        }
        guard issuers.count <= Self.issuerLimit else { throw AttributeError(.limitExceeded, "\(Self.place): more than \(Self.issuerLimit) issuers") }
        guard (sequence == 0) == (previousHash == nil) else {
            throw AttributeError(.malformed, "\(Self.place): the first record follows none, every other names the one before")
        }
        if let trusted, trusted.encoded() == keyBytes { publicKey = trusted } else { publicKey = try AuthorityPublicKey(decoding: keyBytes) }
        self.bytes = bytes
        guard isSigned else { throw AttributeError(.invalidSignature, "\(Self.place): not signed by its owner") }
    }

    package func encoded() -> [UInt8] { bytes }

    /// SHA-256 of the encoding.
    package var hash: [UInt8] { Array(SHA256.hash(data: bytes)) }

    package var state: AuthorityState { AuthorityState(epoch: publicKey.epoch, revocations: revocations) }

    /// Whether this key may issue: the owner's, or one of those listed.
    package func isIssuer(keyID: [UInt8], signingKey: [UInt8]) -> Bool { signingKey == publicKey.owner || issuers.contains(keyID) }

    /// Whether this record may stand after that one.
    ///
    /// A new owner comes only with a new epoch; that the owner is who the account's key bundle says is the caller's to check.
    /// - Throws: `notASuccessor` when it does not follow, `authorityChanged` for another key in the same epoch.
    package func verify(following previous: AuthorityRecord) throws(AttributeError) {
        guard sequence == previous.sequence + 1, previousHash == previous.hash else {
            throw AttributeError(.notASuccessor, "authority record \(sequence) does not follow the known record \(previous.sequence)")
        }
        guard publicKey.epoch >= previous.publicKey.epoch else {
            throw AttributeError(.notASuccessor, "authority record \(sequence) goes back to epoch \(publicKey.epoch) from \(previous.publicKey.epoch)")
        }
        guard publicKey.epoch > previous.publicKey.epoch || publicKey.fingerprint == previous.publicKey.fingerprint else {
            throw AttributeError(.authorityChanged, "the authority changed its key within epoch \(publicKey.epoch)", hint: "a new key needs a new epoch")
        }
        // Keys carry the names of their path in a tree of this depth.
        guard publicKey.epoch > previous.publicKey.epoch || revocations.depth == previous.revocations.depth else {
            throw AttributeError(.notASuccessor, "the tree of members keeps its depth for an epoch")
        }
    }

    private var isSigned: Bool {
        let fields = Self.fields(
            sequence: sequence, created: created, publicKey: publicKey, revocations: revocations, issuers: issuers, hidesNames: hidesNames,
            previousHash: previousHash)
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey.owner) else { return false }
        return key.isValidSignature(signature, for: Self.domain + CBOR.map(fields).encoded())
    }

    private static func fields(
        sequence: UInt64, created: UInt64, publicKey: AuthorityPublicKey, revocations: RevocationList, issuers: [[UInt8]], hidesNames: Bool,
        previousHash: [UInt8]?
    ) -> [UInt64: CBOR] {
        var fields: [UInt64: CBOR] = [
            0: .unsigned(1), 1: .unsigned(sequence), 2: .unsigned(created), 3: .bytes(publicKey.encoded()), 4: .unsigned(UInt64(revocations.depth)),
            5: .array(revocations.revoked.map { .unsigned(UInt64($0)) }), 6: .array(issuers.map { .bytes($0) }), 7: .unsigned(hidesNames ? 1 : 0),
        ]
        if let previousHash { fields[8] = .bytes(previousHash) }
        return fields
    }
}

extension AuthorityRecord: Hashable {
    package static func == (first: Self, second: Self) -> Bool { first.bytes == second.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
