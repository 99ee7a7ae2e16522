// The transactions about sharing by attributes: AUTHORITY, ISSUE, POLICY and EMERGENCY.

internal import CanonicalEncoding

/// AUTHORITY: the record of somebody who issues attribute keys: public keys, revocations, issuers.
package struct AuthorityTransaction: Equatable, Sendable {
    package var pseudonym: [UInt8]
    /// 0 for the authority's first record, then one more each time.
    package var sequence: UInt64
    /// Rises with each new key pair of the authority.
    package var epoch: UInt64
    /// The signed record; its inside is the business of attribute encryption.
    package var record: [UInt8]

    /// Leaves room for the rest of an entry.
    package static let largestRecordByteCount = 40 * 1024

    package init(pseudonym: [UInt8], sequence: UInt64, epoch: UInt64, record: [UInt8]) {
        self.pseudonym = pseudonym
        self.sequence = sequence
        self.epoch = epoch
        self.record = record
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "AUTHORITY transaction")
        pseudonym = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        sequence = try fields.unsigned(2)
        epoch = try fields.unsigned(3)
        record = try fields.bytes(4)
        try fields.finish()
        guard record.count <= Self.largestRecordByteCount else {
            throw LedgerError(
                .malformedEntry, "has a record of \(record.count) bytes, more than \(Self.largestRecordByteCount)", place: "AUTHORITY transaction")
        }
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(pseudonym), 2: .unsigned(sequence), 3: .unsigned(epoch), 4: .bytes(record)]
    }
}

/// ISSUE: an authority gave somebody attribute keys.
package struct IssueTransaction: Equatable, Sendable {
    package var authorityPseudonym: [UInt8]
    /// Of the authority's key pair that the keys were made with.
    package var epoch: UInt64
    /// Salted commitment to the issuance document, see `DocumentCommitment`.
    package var commitment: [UInt8]
    /// Key id of the signing key of whoever issued in the authority's name.
    package var issuerKeyID: [UInt8]

    package init(authorityPseudonym: [UInt8], epoch: UInt64, commitment: [UInt8], issuerKeyID: [UInt8]) {
        self.authorityPseudonym = authorityPseudonym
        self.epoch = epoch
        self.commitment = commitment
        self.issuerKeyID = issuerKeyID
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "ISSUE transaction")
        authorityPseudonym = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        epoch = try fields.unsigned(2)
        commitment = try fields.bytes(3, count: TransactionBody.hashByteCount)
        issuerKeyID = try fields.bytes(4, count: TransactionBody.identifierByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(authorityPseudonym), 2: .unsigned(epoch), 3: .bytes(commitment), 4: .bytes(issuerKeyID)]
    }
}

/// POLICY: the owner of a folder said for whom its records are sealed.
package struct PolicyTransaction: Equatable, Sendable {
    package var ownerPseudonym: [UInt8]
    /// 16 random bytes that all policies of one folder share: a hash of its path could be guessed.
    package var folderID: [UInt8]
    /// 0 for the folder's first policy, then one more each time.
    package var sequence: UInt64
    /// Salted commitment to the `PolicyDocument`.
    package var commitment: [UInt8]

    package init(ownerPseudonym: [UInt8], folderID: [UInt8], sequence: UInt64, commitment: [UInt8]) {
        self.ownerPseudonym = ownerPseudonym
        self.folderID = folderID
        self.sequence = sequence
        self.commitment = commitment
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "POLICY transaction")
        ownerPseudonym = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        folderID = try fields.bytes(2, count: TransactionBody.identifierByteCount)
        sequence = try fields.unsigned(3)
        commitment = try fields.bytes(4, count: TransactionBody.hashByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(ownerPseudonym), 2: .bytes(folderID), 3: .unsigned(sequence), 4: .bytes(commitment)]
    }
}

/// EMERGENCY: somebody made use of emergency access to an owner's records, and said why.
package struct EmergencyTransaction: Equatable, Sendable {
    package var ownerPseudonym: [UInt8]
    package var holderPseudonym: [UInt8]
    /// Salted commitment to the `EmergencyRequest`.
    package var commitment: [UInt8]

    package init(ownerPseudonym: [UInt8], holderPseudonym: [UInt8], commitment: [UInt8]) {
        self.ownerPseudonym = ownerPseudonym
        self.holderPseudonym = holderPseudonym
        self.commitment = commitment
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "EMERGENCY transaction")
        ownerPseudonym = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        holderPseudonym = try fields.bytes(2, count: TransactionBody.identifierByteCount)
        commitment = try fields.bytes(3, count: TransactionBody.hashByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(ownerPseudonym), 2: .bytes(holderPseudonym), 3: .bytes(commitment)]
    }
}
