// Interrupted uploads: kept for a time, so that a client can go on where the server has his bytes.
package import GRDB

extension Catalogue {
    /// Remembers an interrupted upload in the place of an earlier one. Returns the blobs that nothing needs any more.
    /// - Parameter folder: as in `addVersion`.
    @discardableResult
    package func storePartial(
        _ db: Database, _ partial: PartialUpload, account: [UInt8], space: String, path: [String], folder: String? = nil
    ) throws -> [BlobID] {
        try require(account, count: 16, "an account")
        try require(partial.objectID, count: 16, "an object number")
        try require(partial.footerHash, count: 32, "a digest")
        let earlier = try detachPartial(db, account: account, space: space, path: path)
        try db.run(
            "INSERT INTO partial (account, path_key, object_id, footer_hash, plain_size, updated) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .bytes(account), .bytes(try pathKey(space, path)), .bytes(partial.objectID), .bytes(partial.footerHash),
                .count(partial.durablePlainByteCount), .integer(partial.updatedMilliseconds),
            ])
        let number = db.lastInsertedRowID
        for (position, member) in partial.members.enumerated() {
            try db.run(
                "INSERT INTO partial_member (partial_id, position, \(Self.memberColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [.integer(number), .integer(Int64(position))] + Self.arguments(of: member))
            try countBlob(db, member, account: account, folder: folder)
        }
        return try earlier.filter { try !referencesBlob(db, $0) }
    }

    /// The interrupted upload of an account to a path.
    package func partial(_ db: Database, account: [UInt8], space: String, path: [String]) throws -> PartialUpload? {
        let found = try db.first(
            "SELECT id, object_id, footer_hash, plain_size, updated FROM partial WHERE account = ? AND path_key = ?",
            [.bytes(account), .bytes(try pathKey(space, path))]
        ) { row in
            (
                number: try row.checkedInteger(0, "a partial upload's number"),
                upload: PartialUpload(
                    objectID: try row.checkedBytes(1, "a partial upload's object number", count: 16), members: [],
                    footerHash: try row.checkedBytes(2, "a partial upload's digest", count: 32),
                    updatedMilliseconds: try row.checkedInteger(4, "a partial upload's time")),
                plainByteCount: try row.checkedCount(3, "a partial upload's size")
            )
        }
        guard var upload = found?.upload, let found else { return nil }
        upload.members = try members(db, ofPartial: found.number)
        guard upload.durablePlainByteCount == found.plainByteCount else {
            throw CatalogueError.damaged(what: "a partial upload lacks a member")
        }
        return upload
    }

    /// Forgets an interrupted upload. Returns the blobs that nothing needs any more: none when a version has taken them over before.
    @discardableResult
    package func removePartial(_ db: Database, account: [UInt8], space: String, path: [String]) throws -> [BlobID] {
        try detachPartial(db, account: account, space: space, path: path).filter { try !referencesBlob(db, $0) }
    }

    /// How many interrupted uploads were not continued since `milliseconds`.
    package func expiredPartials(_ db: Database, updatedBeforeMilliseconds milliseconds: Int64) throws -> Int {
        let count = try db.first("SELECT count(*) FROM partial WHERE updated < ?", [.integer(milliseconds)]) { row in
            try row.checkedInteger(0, "a count")
        }
        return Int(count ?? 0)
    }

    /// Forgets up to `limit` interrupted uploads that were not continued since `milliseconds`. Returns the blobs that nothing needs any more.
    package func purgePartials(_ db: Database, updatedBeforeMilliseconds milliseconds: Int64, limit: Int) throws -> [BlobID] {
        let numbers = try db.all(
            "SELECT id FROM partial WHERE updated < ? ORDER BY updated LIMIT ?", [.integer(milliseconds), .integer(Int64(limit))]
        ) { row in try row.checkedInteger(0, "a partial upload's number") }
        let blobs = Set(try numbers.flatMap { try detachPartial(db, number: $0) })
        return try blobs.filter { try !referencesBlob(db, $0) }
    }

    private func detachPartial(_ db: Database, account: [UInt8], space: String, path: [String]) throws -> [BlobID] {
        let number = try db.first(
            "SELECT id FROM partial WHERE account = ? AND path_key = ?", [.bytes(account), .bytes(try pathKey(space, path))]
        ) { row in try row.checkedInteger(0, "a partial upload's number") }
        return try number.map { try detachPartial(db, number: $0) } ?? []
    }

    private func detachPartial(_ db: Database, number: Int64) throws -> [BlobID] {
        let blobs = try members(db, ofPartial: number).map(\.blob)
        try db.run("DELETE FROM partial_member WHERE partial_id = ?", [.integer(number)])
        try db.run("DELETE FROM partial WHERE id = ?", [.integer(number)])
        return blobs
    }

    private func members(_ db: Database, ofPartial number: Int64) throws -> [StoredMember] {
        try db.all(
            "SELECT \(Self.memberColumns) FROM partial_member WHERE partial_id = ? ORDER BY position", [.integer(number)]
        ) { row in try Self.readMember(row, from: 0) }
    }

    /// What stands for a name within a space, to compare and to store: not the name itself.
    package func pathKey(_ space: String, _ path: [String]) throws -> [UInt8] {
        cipher.pathKey(space: space, path: try path.map { component throws(CatalogueError) in try EntryName(component) })
    }
}
