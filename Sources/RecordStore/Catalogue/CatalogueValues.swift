// What the catalogue takes and gives: plain values. Times are milliseconds since 1970, UTC; identifiers have 16 bytes, digests 32.

/// The row of a folder or a link.
package struct NodeID: Hashable, Sendable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    /// The parent of every space's root.
    static var forest: NodeID { NodeID(0) }
}

/// A folder, or a link to a record.
package struct CatalogueNode: Hashable, Sendable {
    package let id: NodeID
    package let parent: NodeID
    package let name: String
    /// Nil for a folder.
    package let recordID: [UInt8]?
    package let createdMilliseconds: Int64
    package let modifiedMilliseconds: Int64

    package var isDirectory: Bool { recordID == nil }

    /// The root of a space.
    package var isRoot: Bool { parent == .forest }
}

/// A node as listings show it.
package struct CatalogueEntry: Hashable, Sendable {
    package let node: CatalogueNode
    /// Nil for a folder.
    package let record: StoredRecord?
    /// Nil for a folder, and for a record without a version.
    package let latest: VersionSummary?
}

/// A record: what one name stands for, through all its versions.
package struct StoredRecord: Hashable, Sendable {
    package var recordID: [UInt8]
    /// Pseudonyms of accounts.
    package var owner: [UInt8]
    package var uploader: [UInt8]
    package var createdMilliseconds: Int64
    /// As set by the client, or the time of the latest version.
    package var modifiedMilliseconds: Int64
    /// 0 before the first.
    package var latestVersion: UInt64
    package var isDeleted: Bool

    package init(
        recordID: [UInt8], owner: [UInt8], uploader: [UInt8], createdMilliseconds: Int64, modifiedMilliseconds: Int64,
        latestVersion: UInt64 = 0, isDeleted: Bool = false
    ) {
        self.recordID = recordID
        self.owner = owner
        self.uploader = uploader
        self.createdMilliseconds = createdMilliseconds
        self.modifiedMilliseconds = modifiedMilliseconds
        self.latestVersion = latestVersion
        self.isDeleted = isDeleted
    }
}

/// The facts of a version that listings need.
package struct VersionSummary: Hashable, Sendable {
    package let number: UInt64
    package let plainByteCount: UInt64
    package let envelopeByteCount: UInt64
    package let createdMilliseconds: Int64
    package let headerRevision: UInt64
    package let isSealedOnIngest: Bool
    package let ledgerIndex: UInt64
}

/// One version of a record.
package struct StoredVersion: Hashable, Sendable {
    package var recordID: [UInt8]
    package var number: UInt64
    package var objectID: [UInt8]
    package var plainByteCount: UInt64
    /// Sum over the members with the heads they have now.
    package var envelopeByteCount: UInt64
    package var createdMilliseconds: Int64
    package var uploader: [UInt8]
    /// Where the ledger has the version.
    package var ledgerIndex: UInt64
    /// Where the ledger has the commitment that holds now: of the version, or of its latest header.
    package var commitmentIndex: UInt64
    package var salt: [UInt8]
    package var envelopeRoot: [UInt8]
    package var headersDigest: [UInt8]
    package var headerRevision: UInt64
    package var isSealedOnIngest: Bool

    /// A version whose sizes follow from its members and whose commitment is the one of its own entry.
    package init(
        recordID: [UInt8], number: UInt64, objectID: [UInt8], members: [StoredMember], createdMilliseconds: Int64, uploader: [UInt8],
        ledgerIndex: UInt64, salt: [UInt8], envelopeRoot: [UInt8], headersDigest: [UInt8], headerRevision: UInt64, isSealedOnIngest: Bool
    ) {
        self.recordID = recordID
        self.number = number
        self.objectID = objectID
        plainByteCount = members.reduce(0) { $0 &+ $1.plainByteCount }
        envelopeByteCount = members.reduce(0) { $0 &+ $1.envelopeByteCount }
        self.createdMilliseconds = createdMilliseconds
        self.uploader = uploader
        self.ledgerIndex = ledgerIndex
        commitmentIndex = ledgerIndex
        self.salt = salt
        self.envelopeRoot = envelopeRoot
        self.headersDigest = headersDigest
        self.headerRevision = headerRevision
        self.isSealedOnIngest = isSealedOnIngest
    }
}

/// One member of an envelope: a blob, and the head that replaces the blob's own.
package struct StoredMember: Hashable, Sendable {
    package var blob: BlobID
    /// Bytes of prefix and header slot at the start of the blob.
    package var headByteCount: UInt64
    /// Bytes of the blob.
    package var totalByteCount: UInt64
    package var plainByteCount: UInt64
    /// Served instead of the blob's first `headByteCount` bytes.
    package var headOverride: [UInt8]?

    package init(blob: BlobID, headByteCount: UInt64, totalByteCount: UInt64, plainByteCount: UInt64, headOverride: [UInt8]? = nil) {
        self.blob = blob
        self.headByteCount = headByteCount
        self.totalByteCount = totalByteCount
        self.plainByteCount = plainByteCount
        self.headOverride = headOverride
    }

    /// Bytes of the member as a reader gets it.
    package var envelopeByteCount: UInt64 {
        totalByteCount &- headByteCount &+ (headOverride.map { UInt64($0.count) } ?? headByteCount)
    }
}

/// A new head for every member of a version, with what the ledger says of it.
package struct HeaderChange: Sendable {
    package var recordID: [UInt8]
    package var version: UInt64
    /// One a member, in order.
    package var heads: [[UInt8]]
    /// One more than the revision it replaces.
    package var headerRevision: UInt64
    package var headersDigest: [UInt8]
    package var salt: [UInt8]
    package var commitmentIndex: UInt64
    /// Key identifiers of the new header's stanzas.
    package var readers: [[UInt8]]

    package init(
        recordID: [UInt8], version: UInt64, heads: [[UInt8]], headerRevision: UInt64, headersDigest: [UInt8], salt: [UInt8],
        commitmentIndex: UInt64, readers: [[UInt8]]
    ) {
        self.recordID = recordID
        self.version = version
        self.heads = heads
        self.headerRevision = headerRevision
        self.headersDigest = headersDigest
        self.salt = salt
        self.commitmentIndex = commitmentIndex
        self.readers = readers
    }
}

/// An account's public keys as registered.
package struct StoredKeyBundle: Hashable, Sendable {
    package var account: [UInt8]
    package var sequence: UInt64
    package var bundle: [UInt8]
    package var ledgerIndex: UInt64

    package init(account: [UInt8], sequence: UInt64, bundle: [UInt8], ledgerIndex: UInt64) {
        self.account = account
        self.sequence = sequence
        self.bundle = bundle
        self.ledgerIndex = ledgerIndex
    }
}

/// An upload that was cut off: durable, published to nobody, to be continued.
package struct PartialUpload: Hashable, Sendable {
    package var objectID: [UInt8]
    package var members: [StoredMember]
    /// Digest of the last member's footer, to which the next member is chained.
    package var footerHash: [UInt8]
    package var updatedMilliseconds: Int64

    package init(objectID: [UInt8], members: [StoredMember], footerHash: [UInt8], updatedMilliseconds: Int64) {
        self.objectID = objectID
        self.members = members
        self.footerHash = footerHash
        self.updatedMilliseconds = updatedMilliseconds
    }

    /// Where the client has to go on.
    package var durablePlainByteCount: UInt64 { members.reduce(0) { $0 &+ $1.plainByteCount } }
}
