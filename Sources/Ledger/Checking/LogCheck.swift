// Recomputing a log from the bytes of its entries up.
//
// Checking roots alone would miss changed contents: every leaf hash, tile, link and signature is derived again here and
// compared with what is stored.

internal import GRDB
internal import MerkleTree

/// Checks all rows of a ledger up to a head that is fixed at the start; the ledger may go on meanwhile.
struct LogCheck {
    let database: any DatabaseReader
    let isFull: Bool
    let progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void

    private var report = CheckReport()
    private var replay: LogReplay
    private var edge = TileEdge()

    private static let chunkSize: UInt64 = 2048

    init(database: any DatabaseReader, isFull: Bool, progress: @escaping @Sendable (UInt64, UInt64) -> Void) {
        self.database = database
        self.isFull = isFull
        self.progress = progress
        replay = LogReplay(verifiesTransactionSignatures: isFull)
    }

    /// Runs the check. Throws only when the database cannot be read; whatever is wrong in it stands in the report.
    ///
    /// - Parameter expected: the head in memory, which the stored one must not be behind.
    mutating func run(expected: LedgerState, logKey: VerifierKey) throws -> CheckReport {
        report.isFull = isFull
        let head: LedgerTables.HeadRow
        do {
            guard let found = try database.read(LedgerTables.head) else {
                throw LedgerError(.damaged, "is empty", place: "table ledger_head")
            }
            head = found
        } catch let error as LedgerError {
            report.add(error.place ?? "table ledger_head", error.reason)
            return report
        }
        if head.frontier.size < expected.size { report.add("table ledger_head", "is behind the head that was signed") }
        try checkEntries(size: head.frontier.size)
        checkHead(head, logKey: logKey)
        try checkTables(size: head.frontier.size)
        if isFull { try checkFile() }
        return report
    }

    private mutating func checkEntries(size: UInt64) throws {
        var start: UInt64 = 0
        while start < size {
            let end = min(start + Self.chunkSize, size)
            try database.read { database in
                var next = start
                for row in try LedgerTables.entries(start..<end, in: database) {
                    while next < row.index { skip(&next, in: database) }
                    try check(row, in: database)
                    next += 1
                }
                while next < end { skip(&next, in: database) }
            }
            start = end
            progress(start, size)
        }
        if !replay.endsOnHeader { report.add("entry \(size - 1)", "the log does not end on a block header") }
    }

    private mutating func check(_ row: EntryRow, in database: Database) throws {
        guard row.leafHash.count == MerkleHash.byteCount else {
            report.add("entry \(row.index)", "its leaf hash is not 32 bytes long")
            advance(LogReplay.noHash, body: row.body, in: database)
            return
        }
        advance(row.leafHash, body: row.body, index: row.index, in: database)
        report.entryCount += 1
        guard let entry = try? LogEntry(decoding: row.body) else { return }
        switch entry {
        case .genesis: break
        case .transaction: report.transactionCount += 1
        case .header(let header):
            report.blockCount += 1
            let stored = try LedgerTables.headerIndex(height: header.content.height, in: database)
            if stored != row.index { report.add("table ledger_block", "block \(header.content.height) does not point at entry \(row.index)") }
        }
    }

    private mutating func skip(_ index: inout UInt64, in database: Database) {
        report.add("entry \(index)", "is missing")
        advance(LogReplay.noHash, body: [], in: database)
        index += 1
    }

    private mutating func advance(_ leafHash: [UInt8], body: [UInt8], index: UInt64? = nil, in database: Database) {
        let problems = replay.consume(body, storedLeafHash: leafHash)
        if let index {
            for problem in problems { report.add("entry \(index)", problem) }
        }
        for tile in edge.append(leafHash: leafHash, size: replay.frontier.size) { check(tile, in: database) }
    }

    private mutating func check(_ tile: Tile, in database: Database) {
        let stored = try? LedgerTables.tile(level: tile.level, number: tile.number, in: database)
        report.tileCount += 1
        if stored != tile.hashes { report.add("tile \(tile.level)/\(tile.number)", "does not hold the hashes below it") }
    }

    private mutating func checkHead(_ head: LedgerTables.HeadRow, logKey: VerifierKey) {
        let place = "table ledger_head"
        let root = replay.frontier.root
        if head.frontier != replay.frontier { report.add(place, "the frontier does not follow from the entries") }
        if head.root != root { report.add(place, "the root does not follow from the entries") }
        if head.height != replay.tip?.height { report.add(place, "the height is not that of the last header") }
        if head.sequence != replay.sequence { report.add(place, "the sequence is not that of the last transaction") }
        do {
            let checkpoint = try CheckpointNote(parsing: head.note, verifiedBy: logKey)
            if checkpoint.size != replay.frontier.size || checkpoint.root != root {
                report.add(place, "the signed checkpoint is not of these entries")
            }
        } catch {
            report.add(place, "the checkpoint is not valid: \(error)")
        }
    }

    /// Rows that should not be there.
    private mutating func checkTables(size: UInt64) throws {
        let (tiles, blocks, now) = try database.read { database in
            (try LedgerTables.tileCount(in: database), try LedgerTables.blockCount(in: database), try LedgerTables.head(in: database))
        }
        // Counting makes sense only while the ledger stood still.
        guard now?.frontier.size == size else { return }
        if UInt64(tiles) != report.tileCount { report.add("table ledger_tile", "has \(tiles) tiles instead of \(report.tileCount)") }
        if blocks != report.blockCount { report.add("table ledger_block", "has \(blocks) blocks instead of \(report.blockCount)") }
        let surplus = try database.read { try LedgerTables.entryCount(outside: size, in: $0) }
        if surplus > 0 { report.add("table ledger_entry", "has \(surplus) entries outside the log") }
    }

    private mutating func checkFile() throws {
        let findings = try database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        for finding in findings where finding != "ok" { report.add("database file", finding) }
    }
}

extension Ledger {
    /// Recomputes the whole log from the bytes of its entries and compares everything that is stored about them.
    ///
    /// - Parameters:
    ///   - full: also checks every transaction's signature and the database file.
    ///   - progress: called now and then with the entries done and their number.
    package func check(
        full: Bool, progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws -> CheckReport {
        var check = LogCheck(database: database, isFull: full, progress: progress)
        return try check.run(expected: sequencer.state, logKey: logKey)
    }
}
