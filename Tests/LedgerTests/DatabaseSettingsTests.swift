// What the library must not change silently.

import Foundation
import GRDB
import Ledger
import Testing

@Suite struct DatabaseSettingsTests {
    private static func setting(_ name: String, _ database: Database) throws -> String? {
        try String.fetchOne(database, sql: "PRAGMA \(name)")
    }

    @Test func theWriterSyncsEveryCommit() throws {
        let folder = try TemporaryFolder()
        let pool = try LedgerDatabase.open(path: folder("db"))
        let settings = try pool.writeWithoutTransaction { database in
            try ["synchronous", "journal_mode", "wal_autocheckpoint"].map { try Self.setting($0, database) }
        }
        #expect(settings == ["2", "wal", "0"])
    }

    /// Whatever the process's umask is, and also what an older program left.
    @Test func itsFilesAreForTheirOwnerAlone() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let pool = try LedgerDatabase.open(path: folder("db"))
            try pool.write { try $0.execute(sql: "CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1)") }
            for name in ["db", "db-wal", "db-shm"] {
                let mode = try FileManager.default.attributesOfItem(atPath: folder(name))[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
            try pool.close()
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder("db"))
        }
    }

    @Test func readersCannotWriteOrCheckpoint() throws {
        let folder = try TemporaryFolder()
        let pool = try LedgerDatabase.open(path: folder("db"))
        let settings = try pool.read { database in try ["query_only", "wal_autocheckpoint"].map { try Self.setting($0, database) } }
        #expect(settings == ["1", "0"])
        #expect(throws: DatabaseError.self) { try pool.read { try $0.execute(sql: "CREATE TABLE t (a)") } }
    }

    /// A pool as the library opens it returns from COMMIT before the data is on disk.
    @Test func refusesAWriterThatDoesNotSync() throws {
        let folder = try TemporaryFolder()
        let pool = try DatabasePool(path: folder("db"))
        #expect(
            codeThrown {
                _ = try Ledger.create(database: pool, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("anchor"))
            } == .notDurable)
        #expect(!FileManager.default.fileExists(atPath: folder("anchor")))
    }
}
