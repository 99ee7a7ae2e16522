// How much of the disk accounts and folders take: every stored object that is still needed, and the sums, kept by the database itself.
//
// Invariants:
// 1. An object counts for the account that sent it and the folder it was sent to, from the transaction that needs it first to the one that
//    forgets the last version or interrupted upload with it: also under older versions, and when it has lost its name.
// 2. It counts in whole blocks, as it lies on the disk; once, however many versions share it.
// 3. The sums change in the transactions that change versions, by triggers: no crash and no way of deleting goes past them.
package import GRDB

extension Catalogue {
    /// What the smallest object takes of a disk.
    private static let blockByteCount: UInt64 = 4096

    /// Counts an object, unless it is counted already.
    func countBlob(_ db: Database, _ member: StoredMember, account: [UInt8], folder: String?) throws {
        let (padded, overflows) = member.totalByteCount.addingReportingOverflow(Self.blockByteCount - 1)
        guard !overflows else { throw CatalogueError.invalidValue(what: "a member's length") }
        try db.run(
            "INSERT INTO stored_blob SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM stored_blob WHERE blob_id = ?1)",
            [
                .blob(member.blob), .bytes(account), .optionalBytes(folder.map { cipher.usageKey(folder: $0) }),
                .count(padded / Self.blockByteCount * Self.blockByteCount),
            ])
    }

    func diskByteCount(_ db: Database, _ subject: [UInt8]) throws -> UInt64 {
        try db.first("SELECT bytes FROM disk_usage WHERE subject = ?", [.bytes(subject)]) { row in try row.checkedCount(0, "a sum of bytes") } ?? 0
    }

    /// Counts what an older program has stored: for who sent its first version, and for the folder, if it still has a charged name there.
    package func countStoredBlobs(_ db: Database) throws {
        let blocks = "(total_length + 4095) / 4096 * 4096"
        try db.execute(
            sql: """
                INSERT INTO stored_blob SELECT blob_id, account, folder, \(blocks) FROM (
                    SELECT member.blob_id AS blob_id, version.uploader AS account, member.total_length AS total_length, min(member.version),
                        (SELECT charge.folder FROM charge WHERE charge.record_id = member.record_id LIMIT 1) AS folder
                    FROM member JOIN version ON version.record_id = member.record_id AND version.number = member.version
                    GROUP BY member.blob_id);
                INSERT INTO stored_blob SELECT blob_id, account, folder, \(blocks) FROM (
                    SELECT partial_member.blob_id AS blob_id, partial.account AS account, partial_member.total_length AS total_length,
                        min(partial.id), (SELECT charge.folder FROM charge WHERE charge.partial = partial.id) AS folder
                    FROM partial_member JOIN partial ON partial.id = partial_member.partial_id
                    WHERE partial_member.blob_id NOT IN (SELECT blob_id FROM stored_blob)
                    GROUP BY partial_member.blob_id);
                """)
    }

    /// Where the sums are not those of what is there. Reads all of it.
    package func usageProblems(_ db: Database) throws -> [String] {
        let questions = [
            (
                "stored objects count for nobody",
                """
                SELECT count(*) FROM (SELECT blob_id FROM member UNION SELECT blob_id FROM partial_member) \
                WHERE blob_id NOT IN (SELECT blob_id FROM stored_blob)
                """
            ),
            (
                "objects count that nothing needs",
                """
                SELECT count(*) FROM stored_blob WHERE NOT EXISTS (SELECT 1 FROM member WHERE member.blob_id = stored_blob.blob_id) \
                AND NOT EXISTS (SELECT 1 FROM partial_member WHERE partial_member.blob_id = stored_blob.blob_id)
                """
            ),
            (
                "accounts or folders take another part of the disk than is said of them",
                Self.difference(
                    "SELECT subject, sum(bytes) FROM (SELECT account AS subject, bytes FROM stored_blob UNION ALL "
                        + "SELECT folder, bytes FROM stored_blob WHERE folder IS NOT NULL) GROUP BY subject",
                    "SELECT subject, bytes FROM disk_usage WHERE bytes <> 0")
            ),
            (
                "accounts or folders hold something else than is said of them",
                Self.difference(
                    "SELECT subject, sum(bytes), count(*) FROM (SELECT account AS subject, bytes FROM charge UNION ALL "
                        + "SELECT folder, bytes FROM charge) GROUP BY subject",
                    "SELECT subject, bytes, files FROM usage WHERE files <> 0 OR bytes <> 0")
            ),
        ]
        return try questions.compactMap { problem, question in
            let count = try Int64.fetchOne(db, sql: question) ?? 0
            return count > 0 ? "quotas: \(count) \(problem)" : nil
        }
    }

    /// Counts the rows of either that the other has not.
    private static func difference(_ left: String, _ right: String) -> String {
        "SELECT (SELECT count(*) FROM (\(left) EXCEPT \(right))) + (SELECT count(*) FROM (\(right) EXCEPT \(left)))"
    }

    // Version 5.
    static var diskTables: String {
        """
        CREATE TABLE stored_blob (
            blob_id BLOB PRIMARY KEY CHECK (length(blob_id) = 16),
            account BLOB NOT NULL CHECK (length(account) = 16),
            folder BLOB CHECK (folder IS NULL OR length(folder) = 16),
            bytes INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE disk_usage (
            subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
            bytes INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TRIGGER blob_added AFTER INSERT ON stored_blob BEGIN
            INSERT INTO disk_usage VALUES (new.account, new.bytes) ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes;
            INSERT INTO disk_usage SELECT new.folder, new.bytes WHERE new.folder IS NOT NULL
                ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes;
        END;
        CREATE TRIGGER blob_removed AFTER DELETE ON stored_blob BEGIN
            UPDATE disk_usage SET bytes = bytes - old.bytes WHERE subject IN (old.account, old.folder);
        END;
        CREATE TRIGGER blob_of_member AFTER DELETE ON member BEGIN
            DELETE FROM stored_blob WHERE blob_id = old.blob_id AND NOT EXISTS (SELECT 1 FROM member WHERE blob_id = old.blob_id)
                AND NOT EXISTS (SELECT 1 FROM partial_member WHERE blob_id = old.blob_id);
        END;
        CREATE TRIGGER blob_of_partial_member AFTER DELETE ON partial_member BEGIN
            DELETE FROM stored_blob WHERE blob_id = old.blob_id AND NOT EXISTS (SELECT 1 FROM member WHERE blob_id = old.blob_id)
                AND NOT EXISTS (SELECT 1 FROM partial_member WHERE blob_id = old.blob_id);
        END;
        """
    }
}
