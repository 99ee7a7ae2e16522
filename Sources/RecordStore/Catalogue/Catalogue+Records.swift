// Records and their versions.
package import GRDB

extension Catalogue {
    /// A record without a version yet.
    package func insertRecord(_ db: Database, _ record: StoredRecord) throws {
        try require(record.recordID, count: 16, "a record number")
        try require(record.owner, count: 16, "an owner")
        try require(record.uploader, count: 16, "an uploader")
        try db.run(
            """
            INSERT INTO record (record_id, owner, uploader, created, modified, latest_version, deleted) VALUES (?, ?, ?, ?, ?, 0, 0) \
            ON CONFLICT (record_id) DO NOTHING
            """,
            [
                .bytes(record.recordID), .bytes(record.owner), .bytes(record.uploader),
                .integer(record.createdMilliseconds), .integer(record.modifiedMilliseconds),
            ])
        guard db.changesCount == 1 else { throw CatalogueError.exists }
    }

    package func record(_ db: Database, _ recordID: [UInt8]) throws -> StoredRecord? {
        try db.first(
            "SELECT record_id, owner, uploader, created, modified, latest_version, deleted FROM record WHERE record_id = ?",
            [.bytes(recordID)]
        ) { row in try Self.readRecord(row, from: 0) }
    }

    /// Adds the version that follows the latest one, and makes it the latest.
    ///
    /// Throws `conflict` when another upload took its number. `modifiedMilliseconds` is the client's time or the version's.
    /// - Parameter folder: to which it was sent; nil if to none that has a quota.
    package func addVersion(
        _ db: Database, _ version: StoredVersion, members: [StoredMember], readers: [[UInt8]], modifiedMilliseconds: Int64, folder: String? = nil
    ) throws {
        guard version.number > 0, !members.isEmpty else { throw CatalogueError.invalidValue(what: "a version without number or members") }
        try db.run(
            "UPDATE record SET latest_version = ?1, modified = ?2, deleted = 0 WHERE record_id = ?3 AND latest_version = ?1 - 1",
            [.count(version.number), .integer(modifiedMilliseconds), .bytes(version.recordID)])
        if db.changesCount != 1 {
            guard let record = try record(db, version.recordID) else { throw CatalogueError.notFound }
            throw CatalogueError.conflict(expected: version.number - 1, found: record.latestVersion)
        }
        try insert(db, version)
        for (position, member) in members.enumerated() {
            try insert(db, member, of: version, at: position)
            try countBlob(db, member, account: version.uploader, folder: folder)
        }
        try replaceReaders(db, version.recordID, readers)
    }

    private func insert(_ db: Database, _ version: StoredVersion) throws {
        try require(version.objectID, count: 16, "an object number")
        try require(version.uploader, count: 16, "an uploader")
        for digest in [version.salt, version.envelopeRoot, version.headersDigest] { try require(digest, count: 32, "a digest") }
        try db.run(
            "INSERT INTO version (\(Self.versionColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .bytes(version.recordID), .count(version.number), .bytes(version.objectID),
                .count(version.plainByteCount), .count(version.envelopeByteCount), .integer(version.createdMilliseconds),
                .bytes(version.uploader), .count(version.ledgerIndex), .count(version.commitmentIndex),
                .bytes(version.salt), .bytes(version.envelopeRoot), .bytes(version.headersDigest),
                .count(version.headerRevision), .flag(version.isSealedOnIngest),
            ])
    }

    private func insert(_ db: Database, _ member: StoredMember, of version: StoredVersion, at position: Int) throws {
        guard member.headByteCount <= member.totalByteCount else { throw CatalogueError.invalidValue(what: "a head longer than its member") }
        try db.run(
            """
            INSERT INTO member (record_id, version, position, blob_id, head_length, total_length, plain_size, head_override) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [.bytes(version.recordID), .count(version.number), .integer(Int64(position))] + Self.arguments(of: member))
    }

    package func latestVersion(_ db: Database, _ recordID: [UInt8]) throws -> StoredVersion? {
        try db.first(
            "SELECT \(Self.versionColumns) FROM version WHERE record_id = ? ORDER BY number DESC LIMIT 1", [.bytes(recordID)], Self.readVersion)
    }

    package func version(_ db: Database, _ recordID: [UInt8], _ number: UInt64) throws -> StoredVersion? {
        try db.first(
            "SELECT \(Self.versionColumns) FROM version WHERE record_id = ? AND number = ?",
            [.bytes(recordID), .count(number)], Self.readVersion)
    }

    /// All versions, the oldest first.
    package func versions(_ db: Database, _ recordID: [UInt8]) throws -> [StoredVersion] {
        try db.all("SELECT \(Self.versionColumns) FROM version WHERE record_id = ? ORDER BY number", [.bytes(recordID)], Self.readVersion)
    }

    /// The members of a version, in order; at least one.
    package func members(_ db: Database, _ recordID: [UInt8], version: UInt64) throws -> [StoredMember] {
        let members = try db.all(
            "SELECT position, \(Self.memberColumns) FROM member WHERE record_id = ? AND version = ? ORDER BY position",
            [.bytes(recordID), .count(version)]
        ) { row in (try row.checkedInteger(0, "a member's position"), try Self.readMember(row, from: 1)) }
        guard !members.isEmpty, members.enumerated().allSatisfy({ Int64($0.offset) == $0.element.0 }) else {
            throw CatalogueError.damaged(what: "a version lacks a member")
        }
        return members.map(\.1)
    }

    /// Sets the time that the client gives a record (MFMT).
    package func setModificationTime(_ db: Database, _ recordID: [UInt8], milliseconds: Int64) throws {
        try db.run("UPDATE record SET modified = ? WHERE record_id = ?", [.integer(milliseconds), .bytes(recordID)])
        guard db.changesCount == 1 else { throw CatalogueError.notFound }
    }

    /// Marks a record as deleted; its versions stay until `removeRecord`.
    package func markDeleted(_ db: Database, _ recordID: [UInt8]) throws {
        try db.run("UPDATE record SET deleted = 1 WHERE record_id = ?", [.bytes(recordID)])
        guard db.changesCount == 1 else { throw CatalogueError.notFound }
    }

    /// Forgets a record: its names, versions, salts, digests and readers. Returns the blobs that nothing needs any more.
    package func removeRecord(_ db: Database, _ recordID: [UInt8]) throws -> [BlobID] {
        let blobs = try db.all("SELECT DISTINCT blob_id FROM member WHERE record_id = ?", [.bytes(recordID)]) { row in
            try row.checkedBlob(0, "a member's object")
        }
        try forgetDigests(db, recordID)
        for table in ["node", "reader", "member", "version", "record"] {
            try db.run("DELETE FROM \(table) WHERE record_id = ?", [.bytes(recordID)])
        }
        return try blobs.filter { try !referencesBlob(db, $0) }
    }

    /// Whether a version has the blob.
    package func isPublished(_ db: Database, _ blob: BlobID) throws -> Bool {
        try db.first("SELECT 1 FROM member WHERE blob_id = ? LIMIT 1", [.blob(blob)]) { _ in true } != nil
    }

    /// Whether a version or an interrupted upload needs the blob.
    package func referencesBlob(_ db: Database, _ blob: BlobID) throws -> Bool {
        for table in ["member", "partial_member"] {
            if try db.first("SELECT 1 FROM \(table) WHERE blob_id = ? LIMIT 1", [.blob(blob)], { _ in true }) != nil { return true }
        }
        return false
    }
}
