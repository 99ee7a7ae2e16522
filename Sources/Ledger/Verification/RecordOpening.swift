// What a reader is told so that he can recognise a record on the log.

internal import CanonicalEncoding
internal import Crypto

/// The values behind a record's commitment. They are handed to readers and never stand on the log.
package struct RecordOpening: Equatable, Sendable {
    /// 32 random bytes: without them the commitment says nothing about the object.
    package let salt: [UInt8]
    package let objectID: [UInt8]
    package let envelopeRoot: [UInt8]
    package let headersDigest: [UInt8]
    package let headerRevision: UInt64

    static let domain = "phr-record/v1"

    package init(
        salt: [UInt8], objectID: [UInt8], envelopeRoot: [UInt8], headersDigest: [UInt8], headerRevision: UInt64
    ) throws(LedgerError) {
        for (name, bytes, count) in [
            ("salt", salt, 32), ("object id", objectID, 16), ("envelope root", envelopeRoot, 32), ("headers digest", headersDigest, 32),
        ] where bytes.count != count {
            throw LedgerError(.malformedEntry, "the \(name) must have \(count) bytes, not \(bytes.count)", place: "record opening")
        }
        self.salt = salt
        self.objectID = objectID
        self.envelopeRoot = envelopeRoot
        self.headersDigest = headersDigest
        self.headerRevision = headerRevision
    }

    /// Reads the encoding of `encoded()`.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        var fields = try EntryFields(try decodeEntryMap(bytes, of: "record opening"), of: "record opening")
        try fields.expect(0, 1)
        salt = try fields.bytes(1, count: 32)
        objectID = try fields.bytes(2, count: 16)
        envelopeRoot = try fields.bytes(3, count: 32)
        headersDigest = try fields.bytes(4, count: 32)
        headerRevision = try fields.unsigned(5)
        try fields.finish()
    }

    package func encoded() -> [UInt8] {
        CBOR.map([
            0: .unsigned(1), 1: .bytes(salt), 2: .bytes(objectID), 3: .bytes(envelopeRoot), 4: .bytes(headersDigest),
            5: .unsigned(headerRevision),
        ]).encoded()
    }

    /// SHA-256("phr-record/v1" ‖ salt ‖ object id ‖ envelope root ‖ headers digest ‖ header revision as 64 bits).
    package var commitment: [UInt8] {
        var input = Array(Self.domain.utf8) + salt + objectID + envelopeRoot + headersDigest
        input.appendBigEndian(headerRevision)
        return Array(SHA256.hash(data: input))
    }
}
