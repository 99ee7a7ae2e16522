// The site database: accounts and folders, edited by the command line while the server runs.
import Foundation
package import GRDB

/// Opens `site.sqlite`.
///
/// A rollback journal instead of a write-ahead log: several processes come and go, none of them should leave side files behind,
/// and the database is small and rarely written.
package enum SiteDatabase {
    /// Opens or makes the database at `path`, readable for its owner only, and checks that commits are durable.
    package static func open(path: String) throws -> DatabaseQueue {
        if !FileManager.default.fileExists(atPath: path) {
            // SQLite gives its journal the rights of the database.
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        var configuration = Configuration()
        configuration.label = "site"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { db in
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
            guard journal == "delete" else {
                throw AuthenticationError.unsafeDatabase(path: path, what: "journal mode is \(journal ?? "unknown") instead of delete")
            }
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            guard synchronous == 2 else { throw AuthenticationError.unsafeDatabase(path: path, what: "commits are not synchronous") }
        }
        return queue
    }
}
