// The limits of accounts in the site database, which the server and the command line share.
import FTPProtocol
package import GRDB

/// Reads and sets limits. All calls block.
package final class AccountLimitStore: Sendable {
    private let database: DatabaseQueue
    private let cache = TableCache<[String: AccountLimits]>()

    /// Makes the table when it is not there.
    package init(_ database: DatabaseQueue) throws {
        self.database = database
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS account_limit (
                        account TEXT PRIMARY KEY NOT NULL,
                        quota_bytes INTEGER,
                        quota_files INTEGER,
                        upload_rate INTEGER,
                        download_rate INTEGER,
                        sessions INTEGER,
                        networks TEXT,
                        hours TEXT,
                        zone TEXT
                    ) WITHOUT ROWID
                    """)
            // Tables of older programs have no such column.
            if try !db.columns(in: "account_limit").contains(where: { $0.name == "quota_disk" }) {
                try db.execute(sql: "ALTER TABLE account_limit ADD COLUMN quota_disk INTEGER")
            }
        }
    }

    /// The limits of an account; none for one that has none.
    package func limits(of account: String) throws -> AccountLimits { try all()[account] ?? .none }

    /// By account name; read again only when the database has changed.
    package func all() throws -> [String: AccountLimits] { try cache.value(database, read: Self.readAll) }

    /// Changes the limits of an account that is there.
    package func change(_ account: String, _ body: (inout AccountLimits) throws -> Void) throws {
        guard Account.isValid(name: account) else { throw AuthenticationError.accountNotFound(account) }
        try database.write { db in
            guard try Bool.fetchOne(db, sql: "SELECT 1 FROM account WHERE name = ?", arguments: [account]) != nil else {
                throw AuthenticationError.accountNotFound(account)
            }
            var limits = try Self.readAll(db)[account] ?? .none
            try body(&limits)
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO account_limit \
                    (account, quota_bytes, quota_files, upload_rate, download_rate, sessions, networks, hours, zone, quota_disk) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    account, limits.quotaBytes.map { Int64(clamping: $0) }, limits.quotaFiles.map { Int64(clamping: $0) },
                    limits.uploadRate.map { Int64(clamping: $0) }, limits.downloadRate.map { Int64(clamping: $0) }, limits.sessions,
                    limits.networks.isEmpty ? nil : limits.networks.map(\.text).joined(separator: ","), limits.hours?.text, limits.hours?.zoneName,
                    limits.quotaDisk.map { Int64(clamping: $0) },
                ])
        }
        cache.expire()
    }

    private static func readAll(_ db: Database) throws -> [String: AccountLimits] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, quota_bytes, quota_files, upload_rate, download_rate, sessions, networks, hours, zone, quota_disk FROM account_limit
                """)
        return Dictionary(try rows.map(read)) { first, _ in first }
    }

    /// A limit that cannot be read is no limit that can be left out: it is an error.
    private static func read(_ row: Row) throws -> (String, AccountLimits) {
        let values = (0..<10).map { (row[$0] as DatabaseValue).storage }
        guard case .string(let account) = values[0] else { throw AuthenticationError.damaged(account: "?", what: "limits without a name") }
        func count(_ column: Int) throws -> UInt64? {
            switch values[column] {
            case .null: return nil
            case .int64(let value) where value >= 0: return UInt64(value)
            default: throw AuthenticationError.damaged(account: account, what: "a limit that is no count")
            }
        }
        var limits = AccountLimits()
        limits.quotaBytes = try count(1)
        limits.quotaFiles = try count(2)
        limits.uploadRate = try count(3)
        limits.downloadRate = try count(4)
        limits.sessions = try count(5).map { Int(clamping: $0) }
        limits.quotaDisk = try count(9)
        if case .string(let text) = values[6] {
            limits.networks = try text.split(separator: ",").map { part in
                guard let range = NetworkPrefix(String(part)) else { throw AuthenticationError.damaged(account: account, what: "no network: \(part)") }
                return range
            }
        }
        if case .string(let text) = values[7], case .string(let zone) = values[8] {
            guard let hours = LoginHours(text, zone: zone) else { throw AuthenticationError.damaged(account: account, what: "no hours: \(text)") }
            limits.hours = hours
        }
        return (account, limits)
    }
}
