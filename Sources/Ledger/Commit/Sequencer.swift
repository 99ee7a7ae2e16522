// The one thread that makes blocks.
//
// 1. A submission is acknowledged only after COMMIT and the anchor are on disk.
// 2. Before COMMIT the block is read back from the database and judged by the same rules as a foreign log: no signature
//    leaves this process over bytes that were not looked at again.
// 3. Any failure of the write path stops the ledger for good. Nothing is retried.
// 4. A caller's own failure undoes that caller's part alone.

internal import Dispatch
internal import Foundation
internal import GRDB
internal import Synchronization

/// Takes submissions from the queue and turns them into durable blocks.
final class Sequencer: Sendable {
    let queue = CommitQueue()
    private let database: any DatabaseWriter
    private let storage: any LedgerStorage
    private let signer: BlockSigner
    private let clock: @Sendable () -> UInt64
    private let published: Mutex<LedgerState>
    private let finished = DispatchSemaphore(value: 0)
    private let isClosed = Mutex(false)

    /// Commits after which the write-ahead log is brought into the database.
    private static let commitsPerCheckpoint = 200

    init(
        database: any DatabaseWriter, storage: any LedgerStorage, signer: BlockSigner, state: LedgerState,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.database = database
        self.storage = storage
        self.signer = signer
        self.clock = clock
        published = Mutex(state)
    }

    /// The last state that is durable and may be shown.
    var state: LedgerState { published.withLock { $0 } }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "ledger"
        thread.start()
    }

    /// Commits what waits, then ends the thread and gives the anchor up.
    func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        queue.shut(LedgerError(.closed, "is closed", place: "ledger"))
        finished.wait()
        storage.close()
    }

    private func run() {
        var commitCount = 0
        while let batch = queue.next() {
            do {
                try commit(batch)
                commitCount += 1
                if commitCount % Self.commitsPerCheckpoint == 0 { try checkpointDatabase() }
            } catch {
                stop(because: error)
            }
        }
        finished.signal()
    }

    /// Refuses everything from now on.
    private func stop(because error: any Error) {
        queue.abort(
            LedgerError(
                .stopped, "stopped after a failed write and takes nothing more; check the disk, then restart (\(error))", place: "ledger"))
    }

    private func checkpointDatabase() throws {
        _ = try database.writeWithoutTransaction { try $0.checkpoint(.passive) }
    }

    // MARK: One block

    /// An accepted submission that waits for the commit.
    private struct Accepted {
        let submission: Submission
        let indices: [UInt64]
        let complete: Submission.Completion
    }

    /// How a batch that did not reach its commit ended.
    private struct Refused: Error {
        let error: any Error
    }

    /// Carries a batch through. Throws when the ledger must stop; every submission has its answer either way.
    private func commit(_ batch: [Submission]) throws {
        var answered = Set<Int>()
        do {
            let (accepted, state) = try database.writeWithoutTransaction { database in
                try write(batch, answered: &answered, in: database)
            }
            if let state {
                try storage.writeAnchor(state.checkpoint.text)
                published.withLock { $0 = state }
            }
            let head = self.state.head
            for item in accepted { item.complete(Receipt(indices: item.indices, head: head)) }
        } catch let refusal as Refused {
            for (position, submission) in batch.enumerated() where !answered.contains(position) { submission.fail(refusal.error) }
        } catch {
            let reason = LedgerError(.stopped, "stopped: a write failed, and what is on disk is not known (\(error))", place: "ledger")
            for (position, submission) in batch.enumerated() where !answered.contains(position) { submission.fail(reason) }
            throw error
        }
    }

    private func write(
        _ batch: [Submission], answered: inout Set<Int>, in database: Database
    ) throws -> ([Accepted], LedgerState?) {
        do {
            try database.beginTransaction(.immediate)
        } catch {
            throw Self.isPassing(error) ? Refused(error: Self.explained(error)) : error
        }
        var isCommitting = false
        do {
            let before = state
            let accepted = try perform(batch, answered: &answered, firstIndex: before.size, in: database)
            let bodies = accepted.flatMap(\.submission.transactions)
            let block = bodies.isEmpty ? nil : try signer.nextBlock(bodies, after: before, now: clock())
            if let block { try store(block, after: before, in: database) }
            isCommitting = true
            try storage.commit(database)
            return (accepted, block?.state)
        } catch {
            // There may be nothing to roll back: SQLite does it by itself after some errors.
            try? database.rollback()
            throw !isCommitting && Self.isPassing(error) ? Refused(error: Self.explained(error)) : error
        }
    }

    /// Runs the callers' own changes, each in a savepoint, and keeps the submissions whose changes succeeded.
    private func perform(
        _ batch: [Submission], answered: inout Set<Int>, firstIndex: UInt64, in database: Database
    ) throws -> [Accepted] {
        var accepted: [Accepted] = []
        var next = firstIndex
        for (position, submission) in batch.enumerated() {
            let indices = Array(next..<next + UInt64(submission.transactions.count))
            var completion: Submission.Completion?
            do {
                try database.inSavepoint {
                    completion = try submission.perform(database, indices)
                    return .commit
                }
            } catch {
                // SQLite rolls everything back by itself after some errors, such as a full disk.
                guard database.isInsideTransaction, !Self.isFatal(error) else { throw error }
                submission.fail(error)
                answered.insert(position)
                continue
            }
            guard let completion else { continue }
            accepted.append(Accepted(submission: submission, indices: indices, complete: completion))
            next += UInt64(indices.count)
        }
        return accepted
    }

    private func store(_ block: Block, after before: LedgerState, in database: Database) throws {
        let state = block.state
        try storage.insert(block.entries, into: database)
        try LedgerTables.insert(block.tiles, into: database)
        try LedgerTables.insertBlock(height: state.tip.height, headerIndex: state.size - 1, into: database)
        try LedgerTables.advanceHead(from: before, to: state, in: database)
        try BlockAudit.verify(after: before, logKey: signer.noteSigner.verifierKey, in: database)
    }

    // MARK: Errors

    /// An error that leaves the database as it was, so that a later attempt may succeed.
    private static func isPassing(_ error: any Error) -> Bool {
        if let error = error as? LedgerError { return error.code == .clockBehind }
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_FULL
    }

    /// A database error that says something about the disk rather than about the caller.
    private static func isFatal(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FULL, .SQLITE_READONLY].contains(error.resultCode)
    }

    private static func explained(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return error.resultCode == .SQLITE_FULL
            ? LedgerError(.diskFull, "no space for the database; make room, then try again", place: "database")
            : LedgerError(.busy, "another connection holds the write lock; try again", place: "database")
    }
}
