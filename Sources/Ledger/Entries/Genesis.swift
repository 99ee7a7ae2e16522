// The first entry of a log: whose it is and which keys speak for it.

internal import CanonicalEncoding
internal import Crypto

/// The entry at index 0. Its SHA-256 is the chain id that every later entry repeats.
package struct Genesis: Equatable, Sendable {
    /// The site's name, also the first line of its checkpoints.
    package let origin: String
    /// Ed25519 key that signs block headers and transactions.
    package let authorityKey: [UInt8]
    /// The key that signs checkpoints, as verifier key text.
    package let logVerifierKey: String
    /// Unix time in milliseconds.
    package let time: UInt64
    /// Keeps two sites with the same name and keys apart.
    package let random: [UInt8]
    package let signature: [UInt8]

    static let domain = "phr-genesis/v1"

    static func signed(
        origin: String, logVerifierKey: String, time: UInt64, random: [UInt8], authority: Curve25519.Signing.PrivateKey
    ) throws -> Genesis {
        let key = Array(authority.publicKey.rawRepresentation)
        let fields = fields(origin: origin, authorityKey: key, logVerifierKey: logVerifierKey, time: time, random: random)
        return Genesis(
            origin: origin, authorityKey: key, logVerifierKey: logVerifierKey, time: time, random: random,
            signature: try EntrySignature.sign(domain: domain, fields: fields, key: authority))
    }

    private init(
        origin: String, authorityKey: [UInt8], logVerifierKey: String, time: UInt64, random: [UInt8], signature: [UInt8]
    ) {
        self.origin = origin
        self.authorityKey = authorityKey
        self.logVerifierKey = logVerifierKey
        self.time = time
        self.random = random
        self.signature = signature
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "genesis entry")
        try fields.expect(EntryKey.version, 1)
        try fields.expect(EntryKey.type, EntryType.genesis)
        origin = try fields.text(2)
        authorityKey = try fields.bytes(3, count: 32)
        logVerifierKey = try fields.text(4)
        time = try fields.unsigned(5)
        random = try fields.bytes(6, count: 16)
        try fields.expect(13, BlockHeader.rulesVersion)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
    }

    /// SHA-256 of the entry.
    package var chainID: [UInt8] { Array(SHA256.hash(data: encoded())) }

    /// The public half of the authority's key, or an error when the bytes are no key or the entry is not signed with it.
    func verifiedAuthority() throws(LedgerError) -> Curve25519.Signing.PublicKey {
        guard
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: authorityKey),
            EntrySignature.isValid(signature, domain: Self.domain, fields: unsignedFields, key: key)
        else { throw LedgerError(.badSignature, "is not signed by the authority it names", place: "genesis entry") }
        return key
    }

    func encoded() -> [UInt8] {
        var fields = unsignedFields
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    private var unsignedFields: [UInt64: CBOR] {
        Self.fields(origin: origin, authorityKey: authorityKey, logVerifierKey: logVerifierKey, time: time, random: random)
    }

    private static func fields(
        origin: String, authorityKey: [UInt8], logVerifierKey: String, time: UInt64, random: [UInt8]
    ) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), EntryKey.type: .unsigned(EntryType.genesis), 2: .text(origin),
            3: .bytes(authorityKey), 4: .text(logVerifierKey), 5: .unsigned(time), 6: .bytes(random),
            13: .unsigned(BlockHeader.rulesVersion),
        ]
    }
}
