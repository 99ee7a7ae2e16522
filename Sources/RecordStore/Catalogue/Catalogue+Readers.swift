// Who can open a record, by the keys its header names; and headers that take the place of stored ones.
package import GRDB

/// What a reader may see of a tree: the records his keys open, and the folders on the way to them.
package struct ReaderView: Sendable {
    package let keyIDs: [[UInt8]]
    package let directories: Set<NodeID>
}

extension Catalogue {
    /// Serves new heads for a version, and remembers whose keys they name.
    ///
    /// Throws `conflict` unless the revision is one more than the stored one.
    package func replaceHeads(_ db: Database, _ change: HeaderChange) throws {
        try require(change.headersDigest, count: 32, "a digest")
        try require(change.salt, count: 32, "a salt")
        guard let version = try version(db, change.recordID, change.version) else { throw CatalogueError.notFound }
        guard change.headerRevision > 0, version.headerRevision == change.headerRevision - 1 else {
            throw CatalogueError.conflict(expected: change.headerRevision &- 1, found: version.headerRevision)
        }
        var members = try members(db, change.recordID, version: change.version)
        guard members.count == change.heads.count else {
            throw CatalogueError.invalidValue(what: "\(change.heads.count) heads for \(members.count) members")
        }
        for (position, head) in change.heads.enumerated() {
            members[position].headOverride = head
            try db.run(
                "UPDATE member SET head_override = ? WHERE record_id = ? AND version = ? AND position = ?",
                [.bytes(head), .bytes(change.recordID), .count(change.version), .integer(Int64(position))])
        }
        let byteCount = members.reduce(0) { $0 &+ $1.envelopeByteCount }
        try db.run(
            """
            UPDATE version SET header_revision = ?, headers_digest = ?, salt = ?, commitment_index = ?, envelope_size = ? \
            WHERE record_id = ? AND number = ?
            """,
            [
                .count(change.headerRevision), .bytes(change.headersDigest), .bytes(change.salt), .count(change.commitmentIndex),
                .count(byteCount), .bytes(change.recordID), .count(change.version),
            ])
        guard let record = try record(db, change.recordID) else { throw CatalogueError.damaged(what: "a version has no record") }
        if record.latestVersion == change.version { try replaceReaders(db, change.recordID, change.readers) }
    }

    /// Key identifiers of the latest header's stanzas.
    package func readers(_ db: Database, _ recordID: [UInt8]) throws -> [[UInt8]] {
        try db.all("SELECT key_id FROM reader WHERE record_id = ? ORDER BY key_id", [.bytes(recordID)]) { row in
            try row.checkedBytes(0, "a reader's key", count: 16)
        }
    }

    /// Whether the latest header of a record names one of these keys.
    package func isReadable(_ db: Database, _ recordID: [UInt8], by keyIDs: [[UInt8]]) throws -> Bool {
        guard !keyIDs.isEmpty else { return false }
        return try db.first(
            "SELECT 1 FROM reader WHERE record_id = ? AND key_id IN (\(Self.places(keyIDs.count))) LIMIT 1",
            [.bytes(recordID)] + keyIDs.map { .bytes($0) }
        ) { _ in true } != nil
    }

    /// One page of the records that one of these keys opens, in the order of their numbers.
    package func readable(_ db: Database, by keyIDs: [[UInt8]], after cursor: [UInt8] = [], limit: Int) throws -> [[UInt8]] {
        guard !keyIDs.isEmpty else { return [] }
        return try db.all(
            """
            SELECT DISTINCT record_id FROM reader WHERE key_id IN (\(Self.places(keyIDs.count))) AND record_id > ? \
            ORDER BY record_id LIMIT ?
            """,
            keyIDs.map { .bytes($0) } + [.bytes(cursor), .integer(Int64(limit))]
        ) { row in try row.checkedBytes(0, "a reader's record", count: 16) }
    }

    /// What the owner of these keys sees; asked once for a listing of many pages.
    package func readerView(_ db: Database, keyIDs: [[UInt8]]) throws -> ReaderView {
        guard !keyIDs.isEmpty else { return ReaderView(keyIDs: [], directories: []) }
        let directories = try db.all(
            """
            WITH RECURSIVE above (id) AS (
                SELECT node.parent FROM reader JOIN node ON node.record_id = reader.record_id
                WHERE reader.key_id IN (\(Self.places(keyIDs.count)))
                UNION SELECT node.parent FROM above JOIN node ON node.id = above.id WHERE node.parent <> 0
            ) SELECT id FROM above
            """,
            keyIDs.map { .bytes($0) }
        ) { row in NodeID(try row.checkedInteger(0, "an entry's folder")) }
        return ReaderView(keyIDs: keyIDs, directories: Set(directories))
    }

    /// One page of a folder as a reader sees it. The page may be empty although more follow: go on until `next` is nil.
    package func children(
        _ db: Database, of parent: NodeID, after cursor: NodeID? = nil, limit: Int, seenBy view: ReaderView
    ) throws -> (entries: [CatalogueEntry], next: NodeID?) {
        let page = try children(db, of: parent, after: cursor, limit: limit)
        let visible = try page.filter { entry in
            guard let recordID = entry.node.recordID else { return view.directories.contains(entry.node.id) }
            return try isReadable(db, recordID, by: view.keyIDs)
        }
        return (visible, page.count < limit ? nil : page.last?.node.id)
    }

    func replaceReaders(_ db: Database, _ recordID: [UInt8], _ keyIDs: [[UInt8]]) throws {
        try db.run("DELETE FROM reader WHERE record_id = ?", [.bytes(recordID)])
        for keyID in Set(keyIDs) {
            try require(keyID, count: 16, "a key identifier")
            try db.run("INSERT INTO reader (key_id, record_id) VALUES (?, ?)", [.bytes(keyID), .bytes(recordID)])
        }
    }

    private static func places(_ count: Int) -> String {
        Array(repeating: "?", count: count).joined(separator: ", ")
    }
}
