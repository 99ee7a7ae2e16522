// A unit of work on its way into a block.

internal import GRDB

/// What became of a submission.
package struct Receipt: Equatable, Sendable {
    /// Where the submission's transactions stand in the log, in their order; empty for a write without transactions.
    package let indices: [UInt64]
    /// A head of the log that contains them.
    package let head: LedgerHead
}

/// Transactions with the database changes that belong to them, and whoever waits for the outcome.
struct Submission: Sendable {
    /// Runs once the outcome is durable.
    typealias Completion = @Sendable (Receipt) -> Void

    let transactions: [TransactionBody]
    /// Carries out the caller's own changes inside the block's database transaction.
    let perform: @Sendable (Database, [UInt64]) throws -> Completion
    let fail: @Sendable (any Error) -> Void
}
