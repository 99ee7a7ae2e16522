// Public keys of accounts as they were registered.
package import GRDB

extension Catalogue {
    /// Registers the next bundle of an account with the identifiers of its keys.
    ///
    /// Throws `conflict` unless the sequence follows the current one (0 for the first), `keyTaken` for another account's key.
    package func storeKeyBundle(_ db: Database, _ bundle: StoredKeyBundle, keyIDs: [[UInt8]]) throws {
        try require(bundle.account, count: 16, "an account")
        let expected = try currentKeyBundle(db, account: bundle.account).map { $0.sequence + 1 } ?? 0
        guard bundle.sequence == expected else { throw CatalogueError.conflict(expected: expected, found: bundle.sequence) }
        try db.run(
            "INSERT INTO key_bundle (account, sequence, bundle, ledger_index) VALUES (?, ?, ?, ?)",
            [.bytes(bundle.account), .count(bundle.sequence), .bytes(bundle.bundle), .count(bundle.ledgerIndex)])
        for keyID in keyIDs {
            try require(keyID, count: 16, "a key identifier")
            if let owner = try account(db, keyID: keyID), owner != bundle.account { throw CatalogueError.keyTaken }
            try db.run(
                """
                INSERT INTO key_owner (key_id, account, sequence) VALUES (?, ?, ?) \
                ON CONFLICT (key_id) DO UPDATE SET sequence = excluded.sequence
                """,
                [.bytes(keyID), .bytes(bundle.account), .count(bundle.sequence)])
        }
    }

    package func currentKeyBundle(_ db: Database, account: [UInt8]) throws -> StoredKeyBundle? {
        try db.first(
            "SELECT account, sequence, bundle, ledger_index FROM key_bundle WHERE account = ? ORDER BY sequence DESC LIMIT 1",
            [.bytes(account)], Self.readKeyBundle)
    }

    package func keyBundle(_ db: Database, account: [UInt8], sequence: UInt64) throws -> StoredKeyBundle? {
        try db.first(
            "SELECT account, sequence, bundle, ledger_index FROM key_bundle WHERE account = ? AND sequence = ?",
            [.bytes(account), .count(sequence)], Self.readKeyBundle)
    }

    /// Every bundle of an account, the first one first.
    package func keyBundles(_ db: Database, account: [UInt8]) throws -> [StoredKeyBundle] {
        try db.all(
            "SELECT account, sequence, bundle, ledger_index FROM key_bundle WHERE account = ? ORDER BY sequence", [.bytes(account)], Self.readKeyBundle)
    }

    /// The latest bundle that holds this key.
    package func keyBundle(_ db: Database, keyID: [UInt8]) throws -> StoredKeyBundle? {
        try db.first(
            """
            SELECT key_bundle.account, key_bundle.sequence, key_bundle.bundle, key_bundle.ledger_index FROM key_owner \
            JOIN key_bundle ON key_bundle.account = key_owner.account AND key_bundle.sequence = key_owner.sequence \
            WHERE key_owner.key_id = ?
            """,
            [.bytes(keyID)], Self.readKeyBundle)
    }

    /// Whose key it is.
    package func account(_ db: Database, keyID: [UInt8]) throws -> [UInt8]? {
        try db.first("SELECT account FROM key_owner WHERE key_id = ?", [.bytes(keyID)]) { row in
            try row.checkedBytes(0, "a key's account", count: 16)
        }
    }

    /// Every key an account ever registered: older records name older keys.
    package func keyIDs(_ db: Database, account: [UInt8]) throws -> [[UInt8]] {
        try db.all("SELECT key_id FROM key_owner WHERE account = ? ORDER BY key_id", [.bytes(account)]) { row in
            try row.checkedBytes(0, "a key's identifier", count: 16)
        }
    }

    private static func readKeyBundle(_ row: Row) throws(CatalogueError) -> StoredKeyBundle {
        StoredKeyBundle(
            account: try row.checkedBytes(0, "a key's account", count: 16),
            sequence: try row.checkedCount(1, "a key's sequence"),
            bundle: try row.checkedBytes(2, "a key bundle"),
            ledgerIndex: try row.checkedCount(3, "a key's ledger index"))
    }
}
