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
        #expect(codeThrown {
            _ = try Ledger.create(database: pool, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("anchor"))
        } == .notDurable)
        #expect(!FileManager.default.fileExists(atPath: folder("anchor")))
    }
}
