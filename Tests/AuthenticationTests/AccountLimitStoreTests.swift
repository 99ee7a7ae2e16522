// Limits in the site database, also in one of an older program.
import Authentication
import Foundation
import GRDB
import Testing

@Suite struct AccountLimitStoreTests {
    @Test func keepsLimitsAndTakesTheTableOfAnOlderProgram() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE account (name TEXT PRIMARY KEY); INSERT INTO account VALUES ('stmary');
                    CREATE TABLE account_limit (account TEXT PRIMARY KEY NOT NULL, quota_bytes INTEGER, quota_files INTEGER, upload_rate INTEGER,
                        download_rate INTEGER, sessions INTEGER, networks TEXT, hours TEXT, zone TEXT) WITHOUT ROWID;
                    INSERT INTO account_limit (account, quota_bytes, sessions) VALUES ('stmary', 1000, 3);
                    """)
        }
        let store = try AccountLimitStore(database)
        var expected = AccountLimits()
        (expected.quotaBytes, expected.sessions) = (1000, 3)
        #expect(try store.limits(of: "stmary") == expected)
        try store.change("stmary") { $0.quotaDisk = 5000 }
        expected.quotaDisk = 5000
        #expect(try AccountLimitStore(database).limits(of: "stmary") == expected)
    }
}
