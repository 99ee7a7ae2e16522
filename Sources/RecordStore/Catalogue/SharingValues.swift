// What the catalogue takes and gives about sharing by attributes. Accounts are pseudonyms of 16 bytes.

/// An authority's record as published.
package struct StoredAuthority: Hashable, Sendable {
    package var account: [UInt8]
    package var sequence: UInt64
    package var epoch: UInt64
    /// The signed record.
    package var record: [UInt8]
    package var ledgerIndex: UInt64

    package init(account: [UInt8], sequence: UInt64, epoch: UInt64, record: [UInt8], ledgerIndex: UInt64) {
        self.account = account
        self.sequence = sequence
        self.epoch = epoch
        self.record = record
        self.ledgerIndex = ledgerIndex
    }
}

/// That an authority issued keys to a holder.
package struct StoredIssuance: Hashable, Sendable {
    /// Of the issuance document, 32 bytes; names the issuance.
    package var commitment: [UInt8]
    package var authority: [UInt8]
    package var epoch: UInt64
    /// The holder's global identifier, 32 bytes.
    package var holder: [UInt8]
    package var leaf: UInt64
    /// Months since January 2000.
    package var lastMonth: UInt64
    /// The issuer's signed statement.
    package var statement: [UInt8]
    package var ledgerIndex: UInt64

    package init(
        commitment: [UInt8], authority: [UInt8], epoch: UInt64, holder: [UInt8], leaf: UInt64, lastMonth: UInt64, statement: [UInt8],
        ledgerIndex: UInt64
    ) {
        self.commitment = commitment
        self.authority = authority
        self.epoch = epoch
        self.holder = holder
        self.leaf = leaf
        self.lastMonth = lastMonth
        self.statement = statement
        self.ledgerIndex = ledgerIndex
    }
}

/// A folder's policy.
package struct StoredPolicy: Hashable, Sendable {
    package var owner: [UInt8]
    /// Names the folder on the ledger: 16 random bytes, the same for all its policies.
    package var folderID: [UInt8]
    package var sequence: UInt64
    /// As the owner signed it.
    package var document: [UInt8]
    package var salt: [UInt8]
    package var ledgerIndex: UInt64

    package init(owner: [UInt8], folderID: [UInt8], sequence: UInt64, document: [UInt8], salt: [UInt8], ledgerIndex: UInt64) {
        self.owner = owner
        self.folderID = folderID
        self.sequence = sequence
        self.document = document
        self.salt = salt
        self.ledgerIndex = ledgerIndex
    }
}

/// What an owner left for emergencies.
package struct StoredGrant: Hashable, Sendable {
    package var owner: [UInt8]
    package var holder: [UInt8]
    package var sequence: UInt64
    /// The site's half of the key, 32 bytes.
    package var half: [UInt8]
    /// As the owner signed it.
    package var document: [UInt8]

    package init(owner: [UInt8], holder: [UInt8], sequence: UInt64, half: [UInt8], document: [UInt8]) {
        self.owner = owner
        self.holder = holder
        self.sequence = sequence
        self.half = half
        self.document = document
    }
}

/// One use of emergency access.
package struct StoredEmergency: Hashable, Sendable {
    package var owner: [UInt8]
    package var holder: [UInt8]
    /// From 0, for each owner and holder.
    package var number: UInt64
    /// The sequence of the grant it made use of.
    package var grantSequence: UInt64
    /// As the holder signed it.
    package var document: [UInt8]
    package var salt: [UInt8]
    package var ledgerIndex: UInt64
    package var milliseconds: Int64

    package init(
        owner: [UInt8], holder: [UInt8], number: UInt64, grantSequence: UInt64, document: [UInt8], salt: [UInt8], ledgerIndex: UInt64,
        milliseconds: Int64
    ) {
        self.owner = owner
        self.holder = holder
        self.number = number
        self.grantSequence = grantSequence
        self.document = document
        self.salt = salt
        self.ledgerIndex = ledgerIndex
        self.milliseconds = milliseconds
    }
}
