// An owner's word that somebody may open records in an emergency, with half of the key left at the site.

internal import CanonicalEncoding
internal import Crypto

/// What an owner signs when he prepares emergency access; the site keeps the other half of the holder's key beside it.
package struct EmergencyGrant: Equatable, Sendable {
    /// Account names at the site.
    package let owner: String
    package let holder: String
    /// SHA-256 of the site's half, 32 bytes: the holder sees that what is released is what the owner left.
    package let halfDigest: [UInt8]
    /// 0 for the first grant to this holder, then one more each time.
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    /// What the owner wants the holder to read first; may be empty.
    package let note: String
    package let signature: [UInt8]

    private static let domain = "phr/v1/emergency-grant"
    private static let place = "emergency grant"
    package static let halfByteCount = 32
    private static let largestNoteByteCount = 1024
    package static let largestByteCount = 2048

    package init(owner: String, holder: String, half: [UInt8], sequence: UInt64, created: UInt64, note: String, sign: DocumentSigner) throws {
        guard half.count == Self.halfByteCount else {
            throw LedgerError(.malformedEntry, "the site's half has \(Self.halfByteCount) bytes, not \(half.count)", place: Self.place)
        }
        var fields = Self.fields(owner, holder, Array(SHA256.hash(data: half)), sequence, created, note)
        fields[EntryKey.signature] = .bytes(try EntrySignature.sign(domain: Self.domain, fields: fields, by: sign, place: Self.place))
        try self.init(.map(fields))
    }

    /// Reads a grant; its signature is checked by `verify`.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        try self.init(try decodeEntryMap(bytes, of: Self.place))
    }

    private init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: Self.place)
        try fields.expect(EntryKey.version, 1)
        owner = try fields.text(1)
        holder = try fields.text(2)
        halfDigest = try fields.bytes(3, count: TransactionBody.hashByteCount)
        sequence = try fields.unsigned(4)
        created = try fields.unsigned(5)
        note = try fields.text(6)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
        guard note.utf8.count <= Self.largestNoteByteCount else {
            throw LedgerError(.malformedEntry, "has a note above \(Self.largestNoteByteCount) bytes", place: Self.place)
        }
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

    /// Throws unless this is the half the owner left.
    package func verify(half: [UInt8]) throws(LedgerError) {
        guard half.count == Self.halfByteCount, Array(SHA256.hash(data: half)) == halfDigest else {
            throw LedgerError(.commitmentMismatch, "the site's half is not the one that was signed", place: Self.place)
        }
    }

    private var unsignedFields: [UInt64: CBOR] { Self.fields(owner, holder, halfDigest, sequence, created, note) }

    private static func fields(
        _ owner: String, _ holder: String, _ halfDigest: [UInt8], _ sequence: UInt64, _ created: UInt64, _ note: String
    ) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), 1: .text(owner), 2: .text(holder), 3: .bytes(halfDigest), 4: .unsigned(sequence),
            5: .unsigned(created), 6: .text(note),
        ]
    }
}
