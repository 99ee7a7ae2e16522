// The ledger's tables and the statements on them.

internal import Foundation
internal import GRDB
internal import MerkleTree

/// Reading and writing of the ledger's rows. All tables begin with `ledger_`; others may live in the same database.
enum LedgerTables {
    static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE ledger_entry (idx INTEGER PRIMARY KEY, leaf_hash BLOB NOT NULL, body BLOB NOT NULL);
                CREATE TABLE ledger_tile (level INTEGER NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (level, n)) WITHOUT ROWID;
                CREATE TABLE ledger_block (height INTEGER PRIMARY KEY, header_idx INTEGER NOT NULL);
                CREATE TABLE ledger_head (
                    id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, root BLOB NOT NULL, frontier BLOB NOT NULL,
                    height INTEGER NOT NULL, sequence INTEGER NOT NULL, note TEXT NOT NULL);
                """)
    }

    static func exist(in database: Database) throws -> Bool { try database.tableExists("ledger_head") }

    // MARK: Entries and tiles

    static func insert(_ rows: [EntryRow], into database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT INTO ledger_entry (idx, leaf_hash, body) VALUES (?, ?, ?)")
        for row in rows { try statement.execute(arguments: [Int64(row.index), Data(row.leafHash), Data(row.body)]) }
    }

    static func insert(_ tiles: [Tile], into database: Database) throws {
        guard !tiles.isEmpty else { return }
        let statement = try database.cachedStatement(sql: "INSERT INTO ledger_tile (level, n, body) VALUES (?, ?, ?)")
        for tile in tiles {
            try statement.execute(arguments: [tile.level, Int64(tile.number), Data(tile.hashes.joined())])
        }
    }

    /// The entries of `range` that there are, in order.
    static func entries(_ range: Range<UInt64>, in database: Database) throws -> [EntryRow] {
        let statement = try database.cachedStatement(
            sql: "SELECT idx, leaf_hash, body FROM ledger_entry WHERE idx >= ? AND idx < ? ORDER BY idx")
        let rows = try Row.fetchCursor(statement, arguments: [Int64(range.lowerBound), Int64(range.upperBound)])
        var entries: [EntryRow] = []
        while let row = try rows.next() {
            entries.append(EntryRow(index: UInt64(bitPattern: row[0] as Int64), leafHash: bytes(row, 1), body: bytes(row, 2)))
        }
        return entries
    }

    static func leafHashes(_ range: Range<UInt64>, in database: Database) throws -> [[UInt8]] {
        let statement = try database.cachedStatement(
            sql: "SELECT leaf_hash FROM ledger_entry WHERE idx >= ? AND idx < ? ORDER BY idx")
        let rows = try Row.fetchCursor(statement, arguments: [Int64(range.lowerBound), Int64(range.upperBound)])
        var hashes: [[UInt8]] = []
        while let row = try rows.next() { hashes.append(bytes(row, 0)) }
        return hashes
    }

    static func body(at index: UInt64, in database: Database) throws -> [UInt8]? {
        let statement = try database.cachedStatement(sql: "SELECT body FROM ledger_entry WHERE idx = ?")
        return try Row.fetchOne(statement, arguments: [Int64(index)]).map { bytes($0, 0) }
    }

    /// Rows that no log of `size` entries has.
    static func entryCount(outside size: UInt64, in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM ledger_entry WHERE idx < 0 OR idx >= ?", arguments: [Int64(size)]) ?? 0
    }

    /// The hashes of a full tile; nil when it is missing or not 256 hashes long.
    static func tile(level: Int, number: UInt64, in database: Database) throws -> [[UInt8]]? {
        let statement = try database.cachedStatement(sql: "SELECT body FROM ledger_tile WHERE level = ? AND n = ?")
        guard let row = try Row.fetchOne(statement, arguments: [level, Int64(number)]) else { return nil }
        let hashes = splitHashes(bytes(row, 0))
        return hashes?.count == Int(Tile.width) ? hashes : nil
    }

    static func tileCount(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM ledger_tile") ?? 0
    }

    // MARK: Blocks and head

    static func insertBlock(height: UInt64, headerIndex: UInt64, into database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT INTO ledger_block (height, header_idx) VALUES (?, ?)")
        try statement.execute(arguments: [Int64(height), Int64(headerIndex)])
    }

    static func headerIndex(height: UInt64, in database: Database) throws -> UInt64? {
        let statement = try database.cachedStatement(sql: "SELECT header_idx FROM ledger_block WHERE height = ?")
        return try Int64.fetchOne(statement, arguments: [Int64(height)]).map { UInt64(bitPattern: $0) }
    }

    static func blockCount(in database: Database) throws -> UInt64 {
        UInt64(try Int.fetchOne(database, sql: "SELECT count(*) FROM ledger_block") ?? 0)
    }

    /// The height of the block that holds an entry; nil for one that is not there. A block's header is its last entry.
    static func height(ofEntry index: UInt64, in database: Database) throws -> UInt64? {
        guard let head = try head(in: database), index < head.frontier.size else { return nil }
        var range = 0...head.height
        while range.lowerBound < range.upperBound {
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            guard let header = try headerIndex(height: middle, in: database) else {
                throw LedgerError(.damaged, "block \(middle) is missing", place: "table ledger_block")
            }
            range = header < index ? middle + 1...range.upperBound : range.lowerBound...middle
        }
        return range.lowerBound
    }

    /// What the head row says.
    struct HeadRow {
        var frontier: MerkleFrontier
        var root: [UInt8]
        var height: UInt64
        var sequence: UInt64
        var note: String
    }

    static func head(in database: Database) throws -> HeadRow? {
        let statement = try database.cachedStatement(sql: "SELECT size, root, frontier, height, sequence, note FROM ledger_head WHERE id = 1")
        guard let row = try Row.fetchOne(statement) else { return nil }
        guard
            let hashes = splitHashes(bytes(row, 2)),
            let frontier = try? MerkleFrontier(size: UInt64(bitPattern: row[0] as Int64), hashes: hashes)
        else { throw LedgerError(.damaged, "the frontier does not fit the size", place: "table ledger_head") }
        return HeadRow(
            frontier: frontier, root: bytes(row, 1), height: UInt64(bitPattern: row[3] as Int64),
            sequence: UInt64(bitPattern: row[4] as Int64), note: row[5])
    }

    static func insertHead(_ state: LedgerState, into database: Database) throws {
        try database.execute(
            sql: "INSERT INTO ledger_head (size, root, frontier, height, sequence, note, id) VALUES (?, ?, ?, ?, ?, ?, 1)",
            arguments: headArguments(state))
    }

    /// Moves the head on from `old`, and from nothing else.
    static func advanceHead(from old: LedgerState, to new: LedgerState, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE ledger_head SET size = ?, root = ?, frontier = ?, height = ?, sequence = ?, note = ?
                WHERE id = 1 AND size = ? AND root = ?
                """)
        try statement.execute(arguments: headArguments(new) + [Int64(old.size), Data(old.root)])
        guard database.changesCount == 1 else {
            throw LedgerError(.damaged, "the head is not where this process left it: another process writes here", place: "table ledger_head")
        }
    }

    private static func headArguments(_ state: LedgerState) -> StatementArguments {
        [
            Int64(state.size), Data(state.root), Data(state.frontier.hashes.joined()), Int64(state.tip.height),
            Int64(state.sequence), state.checkpoint.text,
        ]
    }

    private static func bytes(_ row: Row, _ column: Int) -> [UInt8] { Array(row[column] as Data? ?? Data()) }

    private static func splitHashes(_ bytes: [UInt8]) -> [[UInt8]]? {
        guard bytes.count % MerkleHash.byteCount == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: MerkleHash.byteCount).map { Array(bytes[$0..<$0 + MerkleHash.byteCount]) }
    }
}
