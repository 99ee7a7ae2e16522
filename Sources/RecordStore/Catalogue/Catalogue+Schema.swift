// The catalogue's tables, beside the ledger's in the same database.
package import GRDB

extension Catalogue {
    /// Rises with every change of the tables.
    private static var schemaVersion: Int64 { Int64(steps.count) }

    /// What each version adds to the one before.
    private static var steps: [String] { [tables, sharingTables, usageTables, digestTables, diskTables] }

    /// Makes the tables when they are not there, and brings those of an older program up to date; refuses those of a newer one.
    package static func install(_ db: Database) throws {
        try db.execute(sql: "CREATE TABLE IF NOT EXISTS catalogue_schema (version INTEGER NOT NULL)")
        let found = try Int64.fetchOne(db, sql: "SELECT max(version) FROM catalogue_schema") ?? 0
        guard (0...schemaVersion).contains(found) else { throw CatalogueError.unknownSchema(found: found, supported: schemaVersion) }
        for version in found..<schemaVersion {
            try db.execute(sql: steps[Int(version)])
            try db.execute(sql: "INSERT INTO catalogue_schema VALUES (?)", arguments: [version + 1])
        }
    }

    /// Whether `install` has something to do.
    package static func needsInstall(_ db: Database) throws -> Bool {
        try installedVersion(db) != schemaVersion
    }

    /// The version of the tables that are there; nil for none.
    package static func installedVersion(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT max(version) FROM catalogue_schema")
    }

    // Times are milliseconds since 1970, UTC. The row number 0 is the parent of the spaces' roots.
    private static var tables: String {
        """
        CREATE TABLE node (
            id INTEGER PRIMARY KEY,
            parent INTEGER NOT NULL,
            name_key BLOB NOT NULL CHECK (length(name_key) = 16),
            sealed_name BLOB NOT NULL,
            record_id BLOB CHECK (record_id IS NULL OR length(record_id) = 16),
            created INTEGER NOT NULL,
            modified INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX node_name ON node (parent, name_key);
        CREATE INDEX node_parent ON node (parent);
        CREATE INDEX node_record ON node (record_id) WHERE record_id IS NOT NULL;

        CREATE TABLE record (
            record_id BLOB PRIMARY KEY CHECK (length(record_id) = 16),
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            uploader BLOB NOT NULL CHECK (length(uploader) = 16),
            created INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            latest_version INTEGER NOT NULL,
            deleted INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE version (
            record_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            object_id BLOB NOT NULL CHECK (length(object_id) = 16),
            plain_size INTEGER NOT NULL,
            envelope_size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            uploader BLOB NOT NULL CHECK (length(uploader) = 16),
            ledger_index INTEGER NOT NULL,
            commitment_index INTEGER NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            envelope_root BLOB NOT NULL CHECK (length(envelope_root) = 32),
            headers_digest BLOB NOT NULL CHECK (length(headers_digest) = 32),
            header_revision INTEGER NOT NULL,
            sealed_on_ingest INTEGER NOT NULL,
            PRIMARY KEY (record_id, number)
        ) WITHOUT ROWID;

        CREATE TABLE member (
            record_id BLOB NOT NULL,
            version INTEGER NOT NULL,
            position INTEGER NOT NULL,
            blob_id BLOB NOT NULL CHECK (length(blob_id) = 16),
            head_length INTEGER NOT NULL,
            total_length INTEGER NOT NULL,
            plain_size INTEGER NOT NULL,
            head_override BLOB,
            PRIMARY KEY (record_id, version, position)
        ) WITHOUT ROWID;
        CREATE INDEX member_blob ON member (blob_id);

        CREATE TABLE reader (
            key_id BLOB NOT NULL CHECK (length(key_id) = 16),
            record_id BLOB NOT NULL CHECK (length(record_id) = 16),
            PRIMARY KEY (key_id, record_id)
        ) WITHOUT ROWID;
        CREATE INDEX reader_record ON reader (record_id);

        CREATE TABLE key_bundle (
            account BLOB NOT NULL CHECK (length(account) = 16),
            sequence INTEGER NOT NULL,
            bundle BLOB NOT NULL,
            ledger_index INTEGER NOT NULL,
            PRIMARY KEY (account, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE key_owner (
            key_id BLOB PRIMARY KEY CHECK (length(key_id) = 16),
            account BLOB NOT NULL CHECK (length(account) = 16),
            sequence INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX key_owner_account ON key_owner (account);

        CREATE TABLE partial (
            id INTEGER PRIMARY KEY,
            account BLOB NOT NULL CHECK (length(account) = 16),
            path_key BLOB NOT NULL CHECK (length(path_key) = 16),
            object_id BLOB NOT NULL CHECK (length(object_id) = 16),
            footer_hash BLOB NOT NULL CHECK (length(footer_hash) = 32),
            plain_size INTEGER NOT NULL,
            updated INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX partial_path ON partial (account, path_key);
        CREATE INDEX partial_updated ON partial (updated);
        CREATE TABLE partial_member (
            partial_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            blob_id BLOB NOT NULL CHECK (length(blob_id) = 16),
            head_length INTEGER NOT NULL,
            total_length INTEGER NOT NULL,
            plain_size INTEGER NOT NULL,
            head_override BLOB,
            PRIMARY KEY (partial_id, position)
        ) WITHOUT ROWID;
        CREATE INDEX partial_member_blob ON partial_member (blob_id);
        """
    }

    // Documents and halves of keys are sealed. Version 2.
    private static var sharingTables: String {
        """
        CREATE TABLE authority_record (
            account BLOB NOT NULL CHECK (length(account) = 16),
            sequence INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            record BLOB NOT NULL,
            ledger_index INTEGER NOT NULL,
            PRIMARY KEY (account, sequence)
        );
        CREATE TABLE issuance (
            commitment BLOB PRIMARY KEY CHECK (length(commitment) = 32),
            authority BLOB NOT NULL CHECK (length(authority) = 16),
            epoch INTEGER NOT NULL,
            holder BLOB NOT NULL CHECK (length(holder) = 32),
            leaf INTEGER NOT NULL,
            last_month INTEGER NOT NULL,
            statement BLOB NOT NULL,
            ledger_index INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX issuance_holder ON issuance (holder);
        CREATE INDEX issuance_authority ON issuance (authority, ledger_index);
        CREATE INDEX issuance_leaf ON issuance (authority, epoch, leaf);

        CREATE TABLE folder_policy (
            folder_id BLOB NOT NULL CHECK (length(folder_id) = 16),
            sequence INTEGER NOT NULL,
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            folder_key BLOB NOT NULL CHECK (length(folder_key) = 16),
            sealed_document BLOB NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            ledger_index INTEGER NOT NULL,
            PRIMARY KEY (folder_id, sequence)
        );
        CREATE UNIQUE INDEX folder_policy_key ON folder_policy (folder_key, sequence);

        CREATE TABLE emergency_grant (
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            holder BLOB NOT NULL CHECK (length(holder) = 16),
            sequence INTEGER NOT NULL,
            sealed_content BLOB,
            PRIMARY KEY (owner, holder)
        ) WITHOUT ROWID;
        CREATE INDEX emergency_grant_holder ON emergency_grant (holder);
        CREATE TABLE emergency_use (
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            holder BLOB NOT NULL CHECK (length(holder) = 16),
            number INTEGER NOT NULL,
            grant_sequence INTEGER NOT NULL,
            sealed_document BLOB NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            ledger_index INTEGER NOT NULL,
            created INTEGER NOT NULL,
            PRIMARY KEY (owner, holder, number)
        ) WITHOUT ROWID;
        CREATE INDEX emergency_use_index ON emergency_use (ledger_index);
        """
    }
}
