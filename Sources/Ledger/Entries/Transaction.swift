// A transaction as it stands in the log: a body with its author, order, time and signature.

internal import CanonicalEncoding
package import Crypto

/// One accepted change, signed by its author.
package struct Transaction: Equatable, Sendable {
    package let chainID: [UInt8]
    /// SHA-256 of the author's Ed25519 public key.
    package let authorKeyID: [UInt8]
    /// One more than the author's previous transaction, from 1: no transaction can be replayed.
    package let sequence: UInt64
    /// Unix time in milliseconds by the author's clock.
    package let time: UInt64
    package let body: TransactionBody
    package let signature: [UInt8]

    static let domain = "phr-tx/v1"

    static func signed(
        _ body: TransactionBody, chainID: [UInt8], authorKeyID: [UInt8], sequence: UInt64, time: UInt64,
        author: Curve25519.Signing.PrivateKey
    ) throws -> Transaction {
        let fields = fields(chainID: chainID, authorKeyID: authorKeyID, sequence: sequence, time: time, body: body)
        return Transaction(
            chainID: chainID, authorKeyID: authorKeyID, sequence: sequence, time: time, body: body,
            signature: try EntrySignature.sign(domain: domain, fields: fields, key: author))
    }

    private init(
        chainID: [UInt8], authorKeyID: [UInt8], sequence: UInt64, time: UInt64, body: TransactionBody, signature: [UInt8]
    ) {
        self.chainID = chainID
        self.authorKeyID = authorKeyID
        self.sequence = sequence
        self.time = time
        self.body = body
        self.signature = signature
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "transaction")
        try fields.expect(EntryKey.version, 1)
        let type = try fields.unsigned(EntryKey.type)
        chainID = try fields.bytes(2, count: 32)
        authorKeyID = try fields.bytes(3, count: 32)
        sequence = try fields.unsigned(4, in: 1...UInt64.max)
        time = try fields.unsigned(5)
        body = try TransactionBody(type: type, decoding: try fields.bytes(6))
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
    }

    package func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool {
        let fields = Self.fields(chainID: chainID, authorKeyID: authorKeyID, sequence: sequence, time: time, body: body)
        return EntrySignature.isValid(signature, domain: Self.domain, fields: fields, key: key)
    }

    func encoded() -> [UInt8] {
        var fields = Self.fields(chainID: chainID, authorKeyID: authorKeyID, sequence: sequence, time: time, body: body)
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    private static func fields(
        chainID: [UInt8], authorKeyID: [UInt8], sequence: UInt64, time: UInt64, body: TransactionBody
    ) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), EntryKey.type: .unsigned(body.type), 2: .bytes(chainID), 3: .bytes(authorKeyID),
            4: .unsigned(sequence), 5: .unsigned(time), 6: .bytes(body.encoded()),
        ]
    }
}
