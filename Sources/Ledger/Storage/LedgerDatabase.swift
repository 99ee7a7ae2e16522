// Opening the database so that a commit is durable when it returns.

import Foundation
package import GRDB

/// The SQLite database of a server: write-ahead log, one writing connection, every commit synced.
///
/// 1. `synchronous=FULL` on the writer. The pool sets NORMAL when it opens the write-ahead log, so it is set again afterwards
///    and read back.
/// 2. Its files are for their owner alone: SQLite gives the log and the index beside the database the rights of the database.
/// 3. Readers are read-only and never checkpoint. SQLite before 3.51.3 can corrupt a database when two connections write or
///    checkpoint at once; here only the writer does either.
package enum LedgerDatabase {
    /// Value of `PRAGMA synchronous` for FULL.
    private static let full = 2

    /// Opens or creates the database file at `path`.
    package static func open(path: String, busyTimeout: Double = 5) throws -> DatabasePool {
        try makePrivate(path)
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            // The sequencer checkpoints, where an error cannot pass unnoticed.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try database.execute(sql: "PRAGMA mmap_size = 0")
            if database.configuration.readonly { try database.execute(sql: "PRAGMA query_only = 1") }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal" else {
                throw LedgerError(.notDurable, "the file system does not support SQLite's write-ahead log; use a local disk", place: path)
            }
        }
        try requireDurableCommits(pool)
        return pool
    }

    /// Makes the file if there is none. One that others may read, as older programs made it, is theirs no more.
    private static func makePrivate(_ path: String) throws {
        let files = FileManager.default
        if !files.fileExists(atPath: path) { _ = files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) }
        for file in [path, path + "-wal", path + "-shm"] {
            var facts = stat()
            guard unsafe lstat(file, &facts) == 0, facts.st_mode & 0o077 != 0 else { continue }
            // Side files go when the last connection does.
            guard unsafe chmod(file, 0o600) == 0 || errno == ENOENT else {
                throw LedgerError(.notDurable, "its rights cannot be changed: \(unsafe String(cString: strerror(errno)))", place: file)
            }
        }
    }

    /// Refuses a writer whose commits return before they are on disk.
    static func requireDurableCommits(_ database: any DatabaseWriter) throws {
        let level = try database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? 0 }
        guard level >= full else {
            throw LedgerError(.notDurable, "PRAGMA synchronous is \(level); open it with LedgerDatabase.open", place: "database")
        }
    }
}
