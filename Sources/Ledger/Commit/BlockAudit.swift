// The second look at a block before it is committed.

internal import GRDB
internal import MerkleTree

/// Reads a block back from the database and judges it as a stranger would.
///
/// One flipped bit in a leaf hash ended certificate transparency logs for ever: a root once signed cannot be taken back.
enum BlockAudit {
    /// Checks that the rows behind `before` make a valid block and that the head row says what they add up to.
    static func verify(after before: LedgerState, logKey: VerifierKey, in database: Database) throws {
        guard let head = try LedgerTables.head(in: database) else { throw failure("the head row is missing") }
        let rows = try LedgerTables.entries(before.size..<head.frontier.size, in: database)
        guard UInt64(rows.count) == head.frontier.size - before.size else { throw failure("entries are missing") }

        var replay = LogReplay(from: before)
        for row in rows {
            guard row.index == replay.frontier.size else { throw failure("entry \(row.index) is out of order") }
            if let problem = replay.consume(row.body, storedLeafHash: row.leafHash).first {
                throw failure("entry \(row.index): \(problem)")
            }
        }
        guard replay.endsOnHeader else { throw failure("the block has no header") }
        let root = replay.frontier.root
        guard head.frontier == replay.frontier, head.root == root else { throw failure("the head has another root") }
        guard head.height == replay.tip?.height, head.sequence == replay.sequence else { throw failure("the head has another height") }
        let checkpoint = try CheckpointNote(parsing: head.note, verifiedBy: logKey)
        guard checkpoint.size == head.frontier.size, checkpoint.root == root else { throw failure("the checkpoint has another root") }
    }

    private static func failure(_ reason: String) -> LedgerError {
        LedgerError(.selfCheckFailed, "the new block did not verify before its commit: \(reason); test this machine's memory", place: "ledger")
    }
}
