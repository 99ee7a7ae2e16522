// The transactions about records: RECORD, HEADER, TOMBSTONE and ACCESS.

internal import CanonicalEncoding

/// RECORD: a version of a record was stored.
package struct RecordTransaction: Equatable, Sendable {
    /// 16 random bytes that all versions share.
    package var recordID: [UInt8]
    /// From 1.
    package var version: UInt64
    package var ownerPseudonym: [UInt8]
    /// Salted commitment to the object, see `RecordOpening`.
    package var commitment: [UInt8]
    /// Hash of the last member's footer: it fixes every byte of the body.
    package var envelopeRoot: [UInt8]
    package var envelopeByteCount: UInt64
    /// The commitment of the version before, if there is one.
    package var previousCommitment: [UInt8]?

    package init(
        recordID: [UInt8], version: UInt64, ownerPseudonym: [UInt8], commitment: [UInt8], envelopeRoot: [UInt8],
        envelopeByteCount: UInt64, previousCommitment: [UInt8]?
    ) {
        self.recordID = recordID
        self.version = version
        self.ownerPseudonym = ownerPseudonym
        self.commitment = commitment
        self.envelopeRoot = envelopeRoot
        self.envelopeByteCount = envelopeByteCount
        self.previousCommitment = previousCommitment
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "RECORD transaction")
        recordID = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        version = try fields.unsigned(2, in: 1...UInt64.max)
        ownerPseudonym = try fields.bytes(3, count: TransactionBody.identifierByteCount)
        commitment = try fields.bytes(4, count: TransactionBody.hashByteCount)
        envelopeRoot = try fields.bytes(5, count: TransactionBody.hashByteCount)
        envelopeByteCount = try fields.unsigned(6)
        previousCommitment = try fields.optionalBytes(7, count: TransactionBody.hashByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        var fields: [UInt64: CBOR] = [
            1: .bytes(recordID), 2: .unsigned(version), 3: .bytes(ownerPseudonym), 4: .bytes(commitment),
            5: .bytes(envelopeRoot), 6: .unsigned(envelopeByteCount),
        ]
        if let previousCommitment { fields[7] = .bytes(previousCommitment) }
        return fields
    }
}

/// HEADER: a record version got a new header, by sharing or unsharing.
package struct HeaderTransaction: Equatable, Sendable {
    package var recordID: [UInt8]
    package var version: UInt64
    /// The new header's revision, one more than the header before.
    package var headerRevision: UInt64
    /// The new commitment.
    package var commitment: [UInt8]
    /// Key id of the owner key that signed the new header.
    package var signerKeyID: [UInt8]

    package init(recordID: [UInt8], version: UInt64, headerRevision: UInt64, commitment: [UInt8], signerKeyID: [UInt8]) {
        self.recordID = recordID
        self.version = version
        self.headerRevision = headerRevision
        self.commitment = commitment
        self.signerKeyID = signerKeyID
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "HEADER transaction")
        recordID = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        version = try fields.unsigned(2, in: 1...UInt64.max)
        headerRevision = try fields.unsigned(3, in: 1...UInt64.max)
        commitment = try fields.bytes(4, count: TransactionBody.hashByteCount)
        signerKeyID = try fields.bytes(5, count: TransactionBody.identifierByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [
            1: .bytes(recordID), 2: .unsigned(version), 3: .unsigned(headerRevision), 4: .bytes(commitment),
            5: .bytes(signerKeyID),
        ]
    }
}

/// TOMBSTONE: a record version is no longer offered.
package struct TombstoneTransaction: Equatable, Sendable {
    package var recordID: [UInt8]
    package var version: UInt64

    package init(recordID: [UInt8], version: UInt64) {
        self.recordID = recordID
        self.version = version
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "TOMBSTONE transaction")
        recordID = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        version = try fields.unsigned(2, in: 1...UInt64.max)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] { [1: .bytes(recordID), 2: .unsigned(version)] }
}

/// ACCESS: the server opened a record for a reader of a gateway folder.
package struct AccessTransaction: Equatable, Sendable {
    package var recordID: [UInt8]
    package var version: UInt64
    package var readerPseudonym: [UInt8]
    /// The site's code for the purpose, 0 when none was given.
    package var purpose: UInt64

    package init(recordID: [UInt8], version: UInt64, readerPseudonym: [UInt8], purpose: UInt64) {
        self.recordID = recordID
        self.version = version
        self.readerPseudonym = readerPseudonym
        self.purpose = purpose
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "ACCESS transaction")
        recordID = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        version = try fields.unsigned(2, in: 1...UInt64.max)
        readerPseudonym = try fields.bytes(3, count: TransactionBody.identifierByteCount)
        purpose = try fields.unsigned(4)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(recordID), 2: .unsigned(version), 3: .bytes(readerPseudonym), 4: .unsigned(purpose)]
    }
}
