/// Jobs that must run one after the other, on whichever thread of a pool is free, without coming back to an event loop in between.
import Synchronization

package final class SerialLane: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let pool: BlockingPool
    private let state = Mutex(State())

    package init(_ pool: BlockingPool) { self.pool = pool }

    /// Queues a job behind those that were submitted before.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        let starts = state.withLock { state in
            state.jobs.append(job)
            if state.isRunning { return false }
            state.isRunning = true
            return true
        }
        if starts { pool.submit { [self] in drain() } }
    }

    private func drain() {
        while true {
            let jobs = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                if jobs.isEmpty { state.isRunning = false }
                return jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job() }
        }
    }
}
