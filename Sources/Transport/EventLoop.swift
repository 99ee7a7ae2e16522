/// One epoll thread that is also a Swift executor: connections are straight-line async code that suspends only when a socket would block.
///
/// Invariants
/// 1. `watches`, `timers`, `local` and every `WaitPoint` are touched on the loop's thread only.
/// 2. A descriptor is registered once, edge-triggered, for reading and writing. Whoever wants to wait clears `isReady`, tries the
///    system call, and suspends only if the call would block: an edge that comes in between sets `isReady` again.
/// 3. Jobs are first in, first out; after a batch of jobs the sockets are polled, so that no task starves the others.
import CLinux
import Glibc
import Synchronization

// Sendable by invariant 1: all mutable state is confined to the loop's thread but the inbox, which is behind a mutex.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isStopping = false
    }

    package let name: String
    private let epoll: Int32
    private let wake: Int32
    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)

    private var local: [UnownedJob] = []
    private var watches: [Int32: Watch] = [:]
    private var timers = TimerQueue()

    private init(name: String) throws {
        self.name = name
        epoll = try checked("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        wake = try checked("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
        var event = unsafe epoll_event()
        unsafe event.events = phr_epoll_events
        unsafe event.data.fd = wake
        try checked("epoll_ctl") { unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) }
    }

    deinit {
        Glibc.close(epoll)
        Glibc.close(wake)
    }

    /// Starts a loop on a thread of its own. It runs until `stop()`.
    package static func start(name: String) throws -> EventLoop {
        let loop = try EventLoop(name: name)
        try startThread(name: name, stackByteCount: 1024 * 1024) { loop.run() }
        return loop
    }

    /// Ends the thread after the jobs that are already queued. What waits for a time is told that it has passed, so that its task can end; tasks that
    /// wait for anything else must have ended before.
    package func stop() {
        inbox.withLock { $0.isStopping = true }
        signal()
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            local.append(job)
            return
        }
        let isFirst = inbox.withLock { inbox in
            inbox.jobs.append(job)
            return inbox.jobs.count == 1
        }
        if isFirst { signal() }
    }

    package var isOnLoop: Bool { thread.load(ordering: .relaxed) == UInt(bitPattern: Int(bitPattern: pthread_self())) }

    private func signal() {
        var one: UInt64 = 1
        _ = unsafe write(wake, &one, 8)
    }

    // MARK: The loop

    private func run() {
        thread.store(UInt(bitPattern: Int(bitPattern: pthread_self())), ordering: .relaxed)
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { unsafe events.deallocate() }
        var batch: [UnownedJob] = []
        // For tasks that go to sleep again.
        var lastRounds = 100
        while true {
            let isStopping = inbox.withLock { inbox in
                local.append(contentsOf: inbox.jobs)
                inbox.jobs.removeAll(keepingCapacity: true)
                return inbox.isStopping
            }
            if isStopping, local.isEmpty {
                guard !timers.isEmpty, lastRounds > 0 else { return }
                lastRounds -= 1
                timers.endAll()
                continue
            }
            swap(&batch, &local)
            for job in batch {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
            let count = unsafe epoll_wait(epoll, events, Int32(capacity), local.isEmpty ? timers.pollTimeout() : 0)
            if count > 0 {
                for index in 0..<Int(count) { unsafe dispatch(events[index]) }
            }
            timers.fireDue()
        }
    }

    private func dispatch(_ event: epoll_event) {
        let descriptor = unsafe event.data.fd
        if descriptor == wake {
            var value: UInt64 = 0
            _ = unsafe read(wake, &value, 8)
            return
        }
        guard let watch = watches[descriptor] else { return }
        let flags = unsafe event.events
        if flags & phr_epoll_read_events != 0 { watch.reading.signalReady() }
        if flags & phr_epoll_write_events != 0 { watch.writing.signalReady() }
    }

    // MARK: Descriptors and timers, on the loop only

    /// Registers a non-blocking descriptor. The caller must unregister it before closing it.
    func register(_ descriptor: Int32) throws -> Watch {
        let watch = Watch()
        var event = unsafe epoll_event()
        unsafe event.events = phr_epoll_events
        unsafe event.data.fd = descriptor
        try checked("epoll_ctl") { unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
        watches[descriptor] = watch
        return watch
    }

    func unregister(_ descriptor: Int32) {
        precondition(isOnLoop, "a descriptor is unregistered from a thread that is not its loop's")
        guard let watch = watches.removeValue(forKey: descriptor) else { return }
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
        watch.reading.end(.closed)
        watch.writing.end(.closed)
    }

    /// Suspends until the point is signalled, its deadline (monotonic nanoseconds) passes, or it is ended.
    func wait(_ point: WaitPoint, until deadline: UInt64?) async -> WaitPoint.Outcome {
        precondition(isOnLoop, "a task waits on a loop that it does not run on")
        return await withCheckedContinuation { continuation in
            // Checked here and not before: the runtime may run other jobs, and poll, before it comes to this closure.
            if point.isReady { return continuation.resume(returning: .ready) }
            if let deadline { timers.schedule(point, at: deadline) }
            point.suspend(continuation)
        }
    }

    /// Suspends the calling task, which runs on this loop, for a time.
    package func sleep(for duration: Duration) async {
        let point = WaitPoint()
        _ = await wait(point, until: monotonicNanoseconds() &+ duration.clampedNanoseconds)
    }
}
