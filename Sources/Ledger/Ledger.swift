// The ledger of a site: an append-only, signed log of everything that happened to its records.

internal import Foundation
package import GRDB

/// An open ledger. It commits, proves and checks; one process at a time has it open.
package final class Ledger: Sendable {
    let database: any DatabaseWriter
    let sequencer: Sequencer
    let logKey: VerifierKey

    /// The wall clock in Unix milliseconds.
    package static let wallClock: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }

    /// Starts a new log in `database`, with `anchor` as the path of its anchor file.
    ///
    /// - Parameter origin: the log's name, such as `phr.example/site`; it can never be changed.
    package static func create(
        database: any DatabaseWriter, keys: SiteKeys, origin: String, anchor: String,
        clock: @escaping @Sendable () -> UInt64 = Ledger.wallClock, storage: (any LedgerStorage) -> any LedgerStorage = { $0 }
    ) throws -> Ledger {
        let signer = try BlockSigner(keys: keys, origin: origin)
        try LedgerDatabase.requireDurableCommits(database)
        guard try !database.read(LedgerTables.exist) else {
            throw LedgerError(.alreadyExists, "has a ledger already", place: "database")
        }
        let file = try AnchorFile.create(path: anchor)
        do {
            let durable = storage(DurableStorage(anchor: file))
            var generator = SystemRandomNumberGenerator()
            let random = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let block = try signer.firstBlock(time: clock(), random: random)
            try begin(with: block, in: database, storage: durable)
            return Ledger(database: database, signer: signer, storage: durable, state: block.state, clock: clock)
        } catch {
            file.close()
            throw error
        }
    }

    /// Opens the log in `database` and checks its head against the anchor file.
    ///
    /// - Throws: `LedgerError` with `.databaseBehindAnchor` when the database is older than the last signed checkpoint, as
    ///   after restoring a backup: going on would sign a second history. Nothing is repaired by itself.
    package static func open(
        database: any DatabaseWriter, keys: SiteKeys, anchor: String,
        clock: @escaping @Sendable () -> UInt64 = Ledger.wallClock, storage: (any LedgerStorage) -> any LedgerStorage = { $0 }
    ) throws -> Ledger {
        try LedgerDatabase.requireDurableCommits(database)
        let file = try AnchorFile(path: anchor)
        do {
            let (state, origin, anchorIsBehind) = try database.read { database in
                let loaded = try StateLoader.load(from: database)
                let isBehind = try AnchorCheck.verify(file, state: loaded.state, logKey: loaded.logKey, in: database)
                return (loaded.state, loaded.logKey.name, isBehind)
            }
            let signer = try BlockSigner(keys: keys, origin: origin)
            try StateLoader.requireKeys(signer, for: state)
            let durable = storage(DurableStorage(anchor: file))
            if anchorIsBehind { try durable.writeAnchor(state.checkpoint.text) }
            return Ledger(database: database, signer: signer, storage: durable, state: state, clock: clock)
        } catch {
            file.close()
            throw error
        }
    }

    private static func begin(with block: Block, in database: any DatabaseWriter, storage: any LedgerStorage) throws {
        try database.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            do {
                try LedgerTables.create(in: database)
                try storage.insert(block.entries, into: database)
                try LedgerTables.insertBlock(height: 0, headerIndex: 1, into: database)
                try LedgerTables.insertHead(block.state, into: database)
                try storage.commit(database)
            } catch {
                try? database.rollback()
                throw error
            }
        }
        try storage.writeAnchor(block.state.checkpoint.text)
    }

    private init(
        database: any DatabaseWriter, signer: BlockSigner, storage: any LedgerStorage, state: LedgerState,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.database = database
        logKey = signer.noteSigner.verifierKey
        sequencer = Sequencer(database: database, storage: storage, signer: signer, state: state, clock: clock)
        sequencer.start()
    }

    deinit { sequencer.close() }

    /// Commits what is under way, then lets go of the anchor. Later submissions are refused.
    package func close() { sequencer.close() }

    /// Puts transactions into the next block, together with the caller's own changes to the same database.
    ///
    /// Returns when block and anchor are durable. Many callers at once share one commit. If `effects` throws, only this
    /// submission fails. Without transactions it is a plain durable write that shares the commit.
    ///
    /// - Parameter effects: runs on the ledger's thread inside the database transaction; it gets the indices that the
    ///   transactions will have. It must be quick and must not call the ledger.
    package func submit<Result: Sendable>(
        _ transactions: [TransactionBody], effects: @escaping @Sendable (Database, [UInt64]) throws -> Result
    ) async throws -> (Result, Receipt) {
        guard transactions.count <= Int(BlockHeader.largestTransactionCount) else {
            throw LedgerError(.invalidTransaction, "at most \(BlockHeader.largestTransactionCount) transactions go together", place: "ledger")
        }
        for transaction in transactions { try transaction.validate() }
        return try await withCheckedThrowingContinuation { continuation in
            sequencer.queue.add(
                Submission(
                    transactions: transactions,
                    perform: { database, indices in
                        let result = try effects(database, indices)
                        return { receipt in continuation.resume(returning: (result, receipt)) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    /// Puts transactions into the next block.
    package func submit(_ transactions: [TransactionBody]) async throws -> Receipt {
        try await submit(transactions) { _, _ in }.1
    }

    /// The size, root and height that are durable now.
    package var head: LedgerHead { sequencer.state.head }

    /// The height of the block that holds an entry; nil for one that is not there.
    package func height(ofEntry index: UInt64, in database: Database) throws -> UInt64? { try LedgerTables.height(ofEntry: index, in: database) }

    /// The signed checkpoint of `head`.
    package var checkpoint: String { sequencer.state.checkpoint.text }

    /// The log's name.
    package var origin: String { logKey.name }

    /// The key that checkpoints are verified with.
    package var verifierKey: VerifierKey { logKey }

    /// SHA-256 of the genesis entry.
    package var chainID: [UInt8] { sequencer.state.chain.id }
}
