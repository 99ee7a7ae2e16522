// Where submissions wait for the sequencer: whatever waits while one block commits goes into the next.

internal import Dispatch
internal import Synchronization

/// A first-in first-out queue between many submitters and one sequencer thread.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [Submission] = []
        /// Set once: why nothing more is accepted.
        var refusal: LedgerError?
        var isIdle = false
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    /// Submissions in a block at most, those without transactions included.
    private static let largestBatchCount = 1000

    /// Queues a submission, or fails it at once when the queue is shut.
    func add(_ submission: Submission) {
        let refusal: LedgerError? = state.withLock { state in
            if let refusal = state.refusal { return refusal }
            state.waiting.append(submission)
            if state.isIdle {
                state.isIdle = false
                wakeUp.signal()
            }
            return nil
        }
        if let refusal { submission.fail(refusal) }
    }

    /// Waits for work and takes as much as fits in a block; nil when the queue is shut and empty.
    func next() -> [Submission]? {
        while true {
            let (batch, isShut): ([Submission], Bool) = state.withLock { state in
                let batch = Self.takeBatch(from: &state.waiting)
                state.isIdle = batch.isEmpty
                return (batch, state.refusal != nil)
            }
            if !batch.isEmpty { return batch }
            if isShut { return nil }
            wakeUp.wait()
        }
    }

    /// Accepts nothing more; what waits is still handed out.
    func shut(_ reason: LedgerError) {
        state.withLock { state in
            if state.refusal == nil { state.refusal = reason }
            state.isIdle = false
        }
        wakeUp.signal()
    }

    /// Accepts nothing more and fails what waits.
    func abort(_ reason: LedgerError) {
        let abandoned = state.withLock { state in
            state.refusal = reason
            defer { state.waiting = [] }
            return state.waiting
        }
        for submission in abandoned { submission.fail(reason) }
    }

    private static func takeBatch(from waiting: inout [Submission]) -> [Submission] {
        var transactionCount = 0
        let count = waiting.prefix(largestBatchCount).prefix { submission in
            transactionCount += submission.transactions.count
            return transactionCount <= Int(BlockHeader.largestTransactionCount)
        }.count
        let batch = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return batch
    }
}
