// Records of authorities, and who got keys from them.
package import GRDB

extension Catalogue {
    // MARK: Records

    /// Stores the next record of an authority.
    ///
    /// Throws `conflict` unless the sequence follows the current one (0 for the first) and the epoch does not fall.
    package func storeAuthority(_ db: Database, _ authority: StoredAuthority) throws {
        try require(authority.account, count: 16, "an account")
        let current = try currentAuthority(db, account: authority.account)
        let expected = current.map { $0.sequence + 1 } ?? 0
        guard authority.sequence == expected else { throw CatalogueError.conflict(expected: expected, found: authority.sequence) }
        if let current, authority.epoch < current.epoch { throw CatalogueError.conflict(expected: current.epoch, found: authority.epoch) }
        try db.run(
            "INSERT INTO authority_record (account, sequence, epoch, record, ledger_index) VALUES (?, ?, ?, ?, ?)",
            [
                .bytes(authority.account), .count(authority.sequence), .count(authority.epoch), .bytes(authority.record),
                .count(authority.ledgerIndex),
            ])
    }

    package func currentAuthority(_ db: Database, account: [UInt8]) throws -> StoredAuthority? {
        try db.first("\(Self.authorityQuery) WHERE account = ? ORDER BY sequence DESC LIMIT 1", [.bytes(account)], Self.readAuthority)
    }

    package func authority(_ db: Database, account: [UInt8], sequence: UInt64) throws -> StoredAuthority? {
        try db.first("\(Self.authorityQuery) WHERE account = ? AND sequence = ?", [.bytes(account), .count(sequence)], Self.readAuthority)
    }

    /// The last record with this key epoch.
    package func authority(_ db: Database, account: [UInt8], epoch: UInt64) throws -> StoredAuthority? {
        try db.first(
            "\(Self.authorityQuery) WHERE account = ? AND epoch = ? ORDER BY sequence DESC LIMIT 1", [.bytes(account), .count(epoch)],
            Self.readAuthority)
    }

    /// Sequence of the current record, without reading it.
    package func authoritySequence(_ db: Database, account: [UInt8]) throws -> UInt64? {
        try db.first("SELECT sequence FROM authority_record WHERE account = ? ORDER BY sequence DESC LIMIT 1", [.bytes(account)]) { row in
            try row.checkedCount(0, "an authority's sequence")
        }
    }

    /// Every account with a record.
    package func authorityAccounts(_ db: Database) throws -> [[UInt8]] {
        try db.all("SELECT account FROM authority_record WHERE sequence = 0 ORDER BY account", []) { row in
            try row.checkedBytes(0, "an authority's account", count: 16)
        }
    }

    // MARK: Issuances

    /// Notes that keys were issued. Throws `exists` for a commitment that is there, `leafTaken` when the leaf is another holder's.
    package func storeIssuance(_ db: Database, _ issuance: StoredIssuance) throws {
        try require(issuance.commitment, count: 32, "a commitment")
        try require(issuance.authority, count: 16, "an authority")
        try require(issuance.holder, count: 32, "a holder")
        let taken = try db.first(
            "SELECT 1 FROM issuance WHERE authority = ? AND epoch = ? AND leaf = ? AND holder <> ? LIMIT 1",
            [.bytes(issuance.authority), .count(issuance.epoch), .count(issuance.leaf), .bytes(issuance.holder)]
        ) { _ in true }
        guard taken == nil else { throw CatalogueError.leafTaken }
        try db.run(
            """
            INSERT INTO issuance (commitment, authority, epoch, holder, leaf, last_month, statement, ledger_index) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (commitment) DO NOTHING
            """,
            [
                .bytes(issuance.commitment), .bytes(issuance.authority), .count(issuance.epoch), .bytes(issuance.holder), .count(issuance.leaf),
                .count(issuance.lastMonth), .bytes(issuance.statement), .count(issuance.ledgerIndex),
            ])
        guard db.changesCount == 1 else { throw CatalogueError.exists }
    }

    package func issuance(_ db: Database, commitment: [UInt8]) throws -> StoredIssuance? {
        try db.first("\(Self.issuanceQuery) WHERE commitment = ?", [.bytes(commitment)], Self.readIssuance)
    }

    /// One page of what an authority issued, in the order of the ledger.
    package func issuances(_ db: Database, authority: [UInt8], afterIndex index: UInt64 = 0, limit: Int) throws -> [StoredIssuance] {
        try db.all(
            "\(Self.issuanceQuery) WHERE authority = ? AND ledger_index > ? ORDER BY ledger_index LIMIT ?",
            [.bytes(authority), .count(index), .integer(Int64(limit))], Self.readIssuance)
    }

    /// What holders with one of these global identifiers got.
    package func issuances(_ db: Database, holders: [[UInt8]]) throws -> [StoredIssuance] {
        try holders.flatMap { try db.all("\(Self.issuanceQuery) WHERE holder = ?", [.bytes($0)], Self.readIssuance) }
    }

    // MARK: Rows

    private static var authorityQuery: String { "SELECT account, sequence, epoch, record, ledger_index FROM authority_record" }

    private static func readAuthority(_ row: Row) throws(CatalogueError) -> StoredAuthority {
        StoredAuthority(
            account: try row.checkedBytes(0, "an authority's account", count: 16),
            sequence: try row.checkedCount(1, "an authority's sequence"),
            epoch: try row.checkedCount(2, "an authority's epoch"),
            record: try row.checkedBytes(3, "an authority's record"),
            ledgerIndex: try row.checkedCount(4, "an authority's ledger index"))
    }

    private static var issuanceQuery: String {
        "SELECT commitment, authority, epoch, holder, leaf, last_month, statement, ledger_index FROM issuance"
    }

    private static func readIssuance(_ row: Row) throws(CatalogueError) -> StoredIssuance {
        StoredIssuance(
            commitment: try row.checkedBytes(0, "an issuance's commitment", count: 32),
            authority: try row.checkedBytes(1, "an issuance's authority", count: 16),
            epoch: try row.checkedCount(2, "an issuance's epoch"),
            holder: try row.checkedBytes(3, "an issuance's holder", count: 32),
            leaf: try row.checkedCount(4, "an issuance's leaf"),
            lastMonth: try row.checkedCount(5, "an issuance's last month"),
            statement: try row.checkedBytes(6, "an issuance's statement"),
            ledgerIndex: try row.checkedCount(7, "an issuance's ledger index"))
    }
}
