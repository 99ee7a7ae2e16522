/// Threads for work that blocks (disk, database, password hashing, name look-ups), so that no event loop ever does.
import Glibc
import Synchronization

package final class BlockingPool: Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var head = 0
        var isStopped = false

        mutating func next() -> (@Sendable () -> Void)? {
            guard head < jobs.count else { return nil }
            let job = jobs[head]
            // What a job holds must not live on while the queue never runs empty.
            jobs[head] = Self.nothing
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 1024, head >= jobs.count / 2 {
                jobs.removeFirst(head)
                head = 0
            }
            return job
        }

        private static let nothing: @Sendable () -> Void = {}
    }

    private let queue = Mutex(Queue())
    private let available = Semaphore()

    /// Starts `threads` threads that live until `stop()`.
    package init(threads: Int, name: String) throws {
        for _ in 0..<threads {
            try startThread(name: name) { [self] in work() }
        }
    }

    /// Runs `body` on a pool thread while the calling task is suspended.
    package func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Queues `job` without waiting for it.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        queue.withLock { $0.jobs.append(job) }
        available.signal()
    }

    /// Ends the threads after the jobs that are queued.
    package func stop() {
        queue.withLock { $0.isStopped = true }
        available.signal()
    }

    private func work() {
        while true {
            available.wait()
            let (job, isStopped) = queue.withLock { ($0.next(), $0.isStopped) }
            if let job {
                job()
            } else if isStopped {
                available.signal()
                return
            }
        }
    }
}

/// A counting semaphore of the C library.
@safe final class Semaphore: @unchecked Sendable {  // sem_t is made for sharing between threads and never moves
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func signal() { unsafe sem_post(semaphore) }

    func wait() { while unsafe sem_wait(semaphore) != 0 {} }
}
