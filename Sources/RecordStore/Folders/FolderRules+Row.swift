// The rules of folders in the site database.
import GRDB

extension FolderRules {
    static var table: String {
        """
        CREATE TABLE IF NOT EXISTS folder_rule (
            path TEXT PRIMARY KEY NOT NULL,
            quota_bytes INTEGER,
            quota_files INTEGER,
            allowed_names TEXT NOT NULL,
            forbidden_names TEXT NOT NULL,
            name_length INTEGER,
            retention_days INTEGER
        ) WITHOUT ROWID;
        """
    }

    /// Patterns are kept one a line: no name has a line break.
    func write(_ db: Database, _ path: FolderPath) throws {
        guard self != FolderRules() else { return try db.execute(sql: "DELETE FROM folder_rule WHERE path = ?", arguments: [path.text]) }
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO folder_rule (path, quota_bytes, quota_files, allowed_names, forbidden_names, name_length, retention_days) \
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                path.text, quota.bytes.map { Int64(clamping: $0) }, quota.files.map { Int64(clamping: $0) }, allowedNames.joined(separator: "\n"),
                forbiddenNames.joined(separator: "\n"), maximumNameLength, retentionDays,
            ])
    }

    /// By path.
    static func readAll(_ db: Database) throws -> [String: FolderRules] {
        let sql = "SELECT path, allowed_names, forbidden_names, quota_bytes, quota_files, name_length, retention_days FROM folder_rule"
        return Dictionary(try Row.fetchAll(db, sql: sql).map(read)) { first, _ in first }
    }

    private static func read(_ row: Row) throws -> (String, FolderRules) {
        let path = try FolderRegistry.text(row, 0, path: "folder_rule")
        func patterns(_ column: Int) throws -> [String] { try FolderRegistry.text(row, column, path: path).split(separator: "\n").map(String.init) }
        func count(_ column: Int) throws -> UInt64? {
            switch (row[column] as DatabaseValue).storage {
            case .null: return nil
            case .int64(let value) where value >= 0: return UInt64(value)
            default: throw FolderError.damaged(path: path, what: "a rule that is no count")
            }
        }
        var rules = FolderRules()
        rules.allowedNames = try patterns(1)
        rules.forbiddenNames = try patterns(2)
        rules.quota = Quota(bytes: try count(3), files: try count(4))
        rules.maximumNameLength = try count(5).map { Int(clamping: $0) }
        rules.retentionDays = try count(6).map { Int(clamping: $0) }
        return (path, rules)
    }
}
