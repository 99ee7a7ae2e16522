// How much accounts and folders hold: every name that somebody is charged for, and the sums, kept by the database itself.
//
// Invariants:
// 1. A file is charged to the account that sent its latest version and to the folder it was sent to, with the size that SIZE shows.
//    Names that others see of it, such as its owner's, are free.
// 2. An interrupted upload is charged as a file, until it is continued or forgotten.
// 3. The sums change in the transactions that change names and versions, by triggers: no crash and no way of deleting goes past them.
package import GRDB

/// What an account or a folder holds.
package struct Usage: Hashable, Sendable {
    package var bytes: UInt64
    package var files: UInt64
    /// What all that was sent takes of the disk, with older versions and what has lost its name.
    package var disk: UInt64

    package init(bytes: UInt64 = 0, files: UInt64 = 0, disk: UInt64 = 0) {
        self.bytes = bytes
        self.files = files
        self.disk = disk
    }

    /// The sum; the largest number where it is larger.
    package static func + (left: Usage, right: Usage) -> Usage {
        left.combined(right) {
            $0.addingReportingOverflow($1)
        } overflow: {
            .max
        }
    }

    /// The difference; 0 where it would be less.
    package static func - (left: Usage, right: Usage) -> Usage {
        left.combined(right) {
            $0.subtractingReportingOverflow($1)
        } overflow: {
            0
        }
    }

    private func combined(
        _ other: Usage, _ operation: (UInt64, UInt64) -> (partialValue: UInt64, overflow: Bool), overflow: () -> UInt64
    ) -> Usage {
        func value(_ part: KeyPath<Usage, UInt64>) -> UInt64 {
            let result = operation(self[keyPath: part], other[keyPath: part])
            return result.overflow ? overflow() : result.partialValue
        }
        return Usage(bytes: value(\.bytes), files: value(\.files), disk: value(\.disk))
    }
}

extension Catalogue {
    /// Charges a name. Names that are charged already change to the account.
    package func charge(_ db: Database, _ node: CatalogueNode, account: [UInt8], folder: String) throws {
        try require(account, count: 16, "an account")
        try db.run(
            """
            INSERT INTO charge (node, record_id, account, folder, bytes) \
            SELECT ?1, ?2, ?3, ?4, CASE sealed_on_ingest WHEN 1 THEN plain_size ELSE envelope_size END FROM version \
            WHERE record_id = ?2 ORDER BY number DESC LIMIT 1 \
            ON CONFLICT (node) DO UPDATE SET account = excluded.account, bytes = excluded.bytes
            """,
            [.integer(node.id.number), .optionalBytes(node.recordID), .bytes(account), .bytes(cipher.usageKey(folder: folder))])
    }

    /// Charges an interrupted upload.
    package func chargePartial(_ db: Database, account: [UInt8], space: String, path: [String], folder: String) throws {
        try db.run(
            "INSERT INTO charge (partial, account, folder, bytes) SELECT id, account, ?3, plain_size FROM partial WHERE account = ?1 AND path_key = ?2",
            [.bytes(account), .bytes(try pathKey(space, path)), .bytes(cipher.usageKey(folder: folder))])
    }

    /// What is charged for a name, and to whom; nil for nothing.
    package func charge(_ db: Database, of node: NodeID) throws -> (account: [UInt8], bytes: UInt64)? {
        try db.first("SELECT account, bytes FROM charge WHERE node = ?", [.integer(node.number)]) { row in
            (try row.checkedBytes(0, "a charged account", count: 16), try row.checkedCount(1, "a charge"))
        }
    }

    /// What is charged for an interrupted upload.
    package func partialCharge(_ db: Database, account: [UInt8], space: String, path: [String]) throws -> UInt64? {
        try db.first(
            "SELECT bytes FROM charge WHERE partial = (SELECT id FROM partial WHERE account = ? AND path_key = ?)",
            [.bytes(account), .bytes(try pathKey(space, path))]
        ) { row in try row.checkedCount(0, "a charge") }
    }

    package func usage(_ db: Database, ofAccount account: [UInt8]) throws -> Usage { try usage(db, account) }

    package func usage(_ db: Database, ofFolder folder: String) throws -> Usage { try usage(db, cipher.usageKey(folder: folder)) }

    private func usage(_ db: Database, _ subject: [UInt8]) throws -> Usage {
        var usage =
            try db.first("SELECT bytes, files FROM usage WHERE subject = ?", [.bytes(subject)]) { row in
                Usage(bytes: try row.checkedCount(0, "a sum of bytes"), files: try row.checkedCount(1, "a count of files"))
            } ?? Usage()
        usage.disk = try diskByteCount(db, subject)
        return usage
    }

    // Version 3.
    static var usageTables: String {
        """
        CREATE TABLE charge (
            id INTEGER PRIMARY KEY,
            node INTEGER UNIQUE,
            partial INTEGER UNIQUE,
            record_id BLOB,
            account BLOB NOT NULL CHECK (length(account) = 16),
            folder BLOB NOT NULL CHECK (length(folder) = 16),
            bytes INTEGER NOT NULL,
            CHECK ((node IS NULL) <> (partial IS NULL))
        );
        CREATE INDEX charge_record ON charge (record_id) WHERE record_id IS NOT NULL;
        CREATE TABLE usage (
            subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
            bytes INTEGER NOT NULL,
            files INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TRIGGER charge_added AFTER INSERT ON charge BEGIN
            INSERT INTO usage VALUES (new.account, new.bytes, 1) ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes, files = files + 1;
            INSERT INTO usage VALUES (new.folder, new.bytes, 1) ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes, files = files + 1;
        END;
        CREATE TRIGGER charge_removed AFTER DELETE ON charge BEGIN
            UPDATE usage SET bytes = bytes - old.bytes, files = files - 1 WHERE subject IN (old.account, old.folder);
        END;
        CREATE TRIGGER charge_changed AFTER UPDATE ON charge BEGIN
            UPDATE usage SET bytes = bytes - old.bytes, files = files - 1 WHERE subject IN (old.account, old.folder);
            INSERT INTO usage VALUES (new.account, new.bytes, 1) ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes, files = files + 1;
            INSERT INTO usage VALUES (new.folder, new.bytes, 1) ON CONFLICT (subject) DO UPDATE SET bytes = bytes + new.bytes, files = files + 1;
        END;
        CREATE TRIGGER charge_of_node AFTER DELETE ON node WHEN old.record_id IS NOT NULL BEGIN
            DELETE FROM charge WHERE node = old.id;
        END;
        CREATE TRIGGER charge_of_partial AFTER DELETE ON partial BEGIN
            DELETE FROM charge WHERE partial = old.id;
        END;
        CREATE TRIGGER charge_of_version AFTER INSERT ON version BEGIN
            UPDATE charge SET bytes = CASE new.sealed_on_ingest WHEN 1 THEN new.plain_size ELSE new.envelope_size END WHERE record_id = new.record_id;
        END;
        CREATE TRIGGER charge_of_header AFTER UPDATE OF envelope_size ON version
            WHEN new.sealed_on_ingest = 0 AND new.number = (SELECT latest_version FROM record WHERE record_id = new.record_id) BEGIN
            UPDATE charge SET bytes = new.envelope_size WHERE record_id = new.record_id;
        END;
        """
    }
}
