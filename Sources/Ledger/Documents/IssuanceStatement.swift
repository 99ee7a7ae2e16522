// What a site is told when attribute keys are issued: enough for its ledger and its listings, no attributes.

internal import CanonicalEncoding

/// An issuer's signed statement that a holder got keys of an authority.
///
/// The issuance document with the attributes stays between issuer, holder and authority; the commitment fixes it.
package struct IssuanceStatement: Equatable, Sendable {
    /// `DocumentCommitment.issue` over the issuance document, 32 bytes.
    package let commitment: [UInt8]
    /// Of the authority's key pair.
    package let epoch: UInt64
    /// The holder's global identifier, 32 bytes: who may see what is sealed for the authority's policies.
    package let holder: [UInt8]
    /// The holder's place in the authority's revocation tree.
    package let leaf: UInt64
    /// The last month in which the keys count, such as "2026-11".
    package let lastMonth: String
    /// Key id of the issuer's signing key, 16 bytes.
    package let issuerKeyID: [UInt8]
    package let signature: [UInt8]

    private static let domain = "phr/v1/issuance"
    private static let place = "issuance statement"
    package static let largestByteCount = 512

    package init(
        commitment: [UInt8], epoch: UInt64, holder: [UInt8], leaf: UInt64, lastMonth: String, issuerKeyID: [UInt8], sign: DocumentSigner
    ) throws {
        var fields = Self.fields(commitment, epoch, holder, leaf, lastMonth, issuerKeyID)
        fields[EntryKey.signature] = .bytes(try EntrySignature.sign(domain: Self.domain, fields: fields, by: sign, place: Self.place))
        try self.init(.map(fields))
    }

    /// Reads a statement; its signature is checked by `verify`.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        try self.init(try decodeEntryMap(bytes, of: Self.place))
    }

    private init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: Self.place)
        try fields.expect(EntryKey.version, 1)
        commitment = try fields.bytes(1, count: 32)
        epoch = try fields.unsigned(2)
        holder = try fields.bytes(3, count: 32)
        leaf = try fields.unsigned(4)
        lastMonth = try fields.text(5)
        issuerKeyID = try fields.bytes(6, count: TransactionBody.identifierByteCount)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
        guard Self.isMonth(lastMonth) else { throw LedgerError(.malformedEntry, "key 5 must be a month such as 2026-11", place: Self.place) }
    }

    package func encoded() -> [UInt8] {
        var fields = unsignedFields
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    /// Throws unless the owner of this Ed25519 key signed it.
    package func verify(by publicKey: [UInt8]) throws(LedgerError) {
        try EntrySignature.verify(signature, domain: Self.domain, fields: unsignedFields, publicKey: publicKey, place: Self.place)
    }

    /// Four digits, a dash and 01 to 12.
    package static func isMonth(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2 else { return false }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-") }) else { return false }
        return Int(parts[1]).map { (1...12).contains($0) } ?? false
    }

    private var unsignedFields: [UInt64: CBOR] { Self.fields(commitment, epoch, holder, leaf, lastMonth, issuerKeyID) }

    private static func fields(
        _ commitment: [UInt8], _ epoch: UInt64, _ holder: [UInt8], _ leaf: UInt64, _ lastMonth: String, _ issuerKeyID: [UInt8]
    ) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), 1: .bytes(commitment), 2: .unsigned(epoch), 3: .bytes(holder), 4: .unsigned(leaf),
            5: .text(lastMonth), 6: .bytes(issuerKeyID),
        ]
    }
}
