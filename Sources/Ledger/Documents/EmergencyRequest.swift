// Why somebody makes use of emergency access; the owner reads it, the ledger holds its commitment.

internal import CanonicalEncoding

/// A holder's signed demand for the site's half of an emergency key.
package struct EmergencyRequest: Equatable, Sendable {
    /// Account names at the site.
    package let owner: String
    package let holder: String
    /// 1 to 1,000 bytes.
    package let reason: String
    /// Seconds since 1970.
    package let time: UInt64
    /// 16 random bytes, so that no two requests are alike.
    package let nonce: [UInt8]
    package let signature: [UInt8]

    private static let domain = "phr/v1/emergency-request"
    private static let place = "emergency request"
    package static let nonceByteCount = 16
    private static let reasonByteCounts = 1...1000
    package static let largestByteCount = 2048

    package init(owner: String, holder: String, reason: String, time: UInt64, nonce: [UInt8], sign: DocumentSigner) throws {
        var fields = Self.fields(owner, holder, reason, time, nonce)
        fields[EntryKey.signature] = .bytes(try EntrySignature.sign(domain: Self.domain, fields: fields, by: sign, place: Self.place))
        try self.init(.map(fields))
    }

    /// Reads a request; its signature is checked by `verify`.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        try self.init(try decodeEntryMap(bytes, of: Self.place))
    }

    private init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: Self.place)
        try fields.expect(EntryKey.version, 1)
        owner = try fields.text(1)
        holder = try fields.text(2)
        reason = try fields.text(3)
        time = try fields.unsigned(4)
        nonce = try fields.bytes(5, count: Self.nonceByteCount)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
        guard Self.reasonByteCounts.contains(reason.utf8.count) else {
            throw LedgerError(.malformedEntry, "needs a reason of 1 to 1,000 bytes", place: Self.place)
        }
    }

    package func encoded() -> [UInt8] {
        var fields = Self.fields(owner, holder, reason, time, nonce)
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    /// Throws unless the owner of this Ed25519 key signed it.
    package func verify(by publicKey: [UInt8]) throws(LedgerError) {
        try EntrySignature.verify(
            signature, domain: Self.domain, fields: Self.fields(owner, holder, reason, time, nonce), publicKey: publicKey, place: Self.place)
    }

    private static func fields(_ owner: String, _ holder: String, _ reason: String, _ time: UInt64, _ nonce: [UInt8]) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), 1: .text(owner), 2: .text(holder), 3: .text(reason), 4: .unsigned(time), 5: .bytes(nonce),
        ]
    }
}
