// The bans in the site database, which the server and the command line share; they outlive a restart of either.
package import FTPProtocol
package import GRDB

/// Adds, lists and removes bans. All calls block.
package final class BanStore: Sendable {
    /// Automatic bans at once; beyond, those that end first give way. A bound on what strangers can make the site store.
    private static let automaticLimit = 10_000

    private let database: DatabaseQueue
    private let cache = TableCache<BanTable>()

    /// Makes the table when it is not there.
    package init(_ database: DatabaseQueue) throws {
        self.database = database
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS ban (
                        network TEXT NOT NULL,
                        account TEXT NOT NULL,
                        source TEXT NOT NULL,
                        reason TEXT NOT NULL,
                        created INTEGER NOT NULL,
                        expires INTEGER,
                        PRIMARY KEY (network, account)
                    ) WITHOUT ROWID
                    """)
        }
    }

    /// Adds a ban and drops those that are over. An operator's takes the place of one of the same network and account; an automatic one
    /// leaves what is in force alone.
    /// - Returns: whether the ban was added.
    @discardableResult
    package func add(_ ban: Ban) throws -> Bool {
        let isAdded = try database.write { db in
            try db.execute(sql: "DELETE FROM ban WHERE expires <= ?", arguments: [ban.createdSeconds])
            let resolution = ban.source == .automatic ? "IGNORE" : "REPLACE"
            try db.execute(
                sql: "INSERT OR \(resolution) INTO ban (network, account, source, reason, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    ban.network.text, ban.account ?? "", ban.source.rawValue, ban.reason, ban.createdSeconds, ban.expiresSeconds,
                ])
            let isAdded = db.changesCount > 0
            guard ban.source == .automatic else { return isAdded }
            try db.execute(
                sql: """
                    DELETE FROM ban WHERE (network, account) IN (SELECT network, account FROM ban WHERE source = 'automatic' \
                    ORDER BY expires DESC LIMIT -1 OFFSET ?)
                    """,
                arguments: [Self.automaticLimit])
            return isAdded
        }
        cache.expire()
        return isAdded
    }

    /// Removes the ban of exactly this network and account.
    package func remove(_ network: NetworkPrefix, account: String?) throws {
        try database.write { db in
            try db.execute(sql: "DELETE FROM ban WHERE network = ? AND account = ?", arguments: [network.text, account ?? ""])
            guard db.changesCount == 1 else { throw AuthenticationError.banNotFound(network: network.text, account: account) }
        }
        cache.expire()
    }

    /// The bans in force, the newest first.
    package func list(atSeconds now: Int64) throws -> [Ban] {
        try database.read(Self.readAll).filter { $0.isInForce(atSeconds: now) }.sorted { $0.createdSeconds > $1.createdSeconds }
    }

    /// All bans; read again only when the database has changed.
    package func table() throws -> BanTable { try cache.value(database) { BanTable(try Self.readAll($0)) } }

    private static func readAll(_ db: Database) throws -> [Ban] {
        try Row.fetchAll(db, sql: "SELECT network, account, source, reason, created, expires FROM ban").map { row in
            let values = (0..<6).map { (row[$0] as DatabaseValue).storage }
            guard case .string(let text) = values[0], let network = NetworkPrefix(text), case .string(let account) = values[1],
                case .string(let sourceText) = values[2], let source = Ban.Source(rawValue: sourceText), case .string(let reason) = values[3],
                case .int64(let created) = values[4]
            else { throw AuthenticationError.damaged(account: "ban", what: "a ban that cannot be read") }
            var expires: Int64?
            if case .int64(let seconds) = values[5] { expires = seconds }
            return Ban(
                network: network, account: account.isEmpty ? nil : account, source: source, reason: reason, createdSeconds: created,
                expiresSeconds: expires)
        }
    }
}
