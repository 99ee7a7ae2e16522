// The catalogue's tables, beside the ledger's in the same database.
package import GRDB

extension Catalogue {
    /// Rises with every change of the tables.
    private static var schemaVersion: Int64 { 1 }

    /// Makes the tables when they are not there; refuses those of a newer program.
    package static func install(_ db: Database) throws {
        try db.execute(sql: "CREATE TABLE IF NOT EXISTS catalogue_schema (version INTEGER NOT NULL)")
        let found = try Int64.fetchOne(db, sql: "SELECT max(version) FROM catalogue_schema")
        guard found == nil else {
            guard found == schemaVersion else { throw CatalogueError.unknownSchema(found: found ?? 0, supported: schemaVersion) }
            return
        }
        try db.execute(sql: tables)
        try db.execute(sql: "INSERT INTO catalogue_schema VALUES (?)", arguments: [schemaVersion])
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
}
