/// What a task waits on inside an event loop: one continuation, one deadline, and the heap that keeps the deadlines.

/// One direction of a descriptor, or a timer without a descriptor. Confined to its loop.
final class WaitPoint {
    enum Outcome: Sendable { case ready, timedOut, interrupted, closed }

    var isReady = false
    fileprivate var deadline: UInt64?
    fileprivate var scheduledAt: UInt64?
    private var continuation: CheckedContinuation<Outcome, Never>?

    var isWaiting: Bool { continuation != nil }

    func suspend(_ continuation: CheckedContinuation<Outcome, Never>) {
        precondition(self.continuation == nil, "two tasks wait in the same direction of one connection")
        self.continuation = continuation
    }

    func signalReady() {
        isReady = true
        end(.ready)
    }

    /// Resumes the waiting task, if there is one.
    func end(_ outcome: Outcome) {
        deadline = nil
        guard let waiting = continuation else { return }
        continuation = nil
        waiting.resume(returning: outcome)
    }
}

/// The two directions of one registered descriptor.
final class Watch {
    let reading = WaitPoint()
    let writing = WaitPoint()
}

/// A binary heap of deadlines. A point has at most one live entry: moving its deadline later costs nothing until the entry comes up.
struct TimerQueue {
    private struct Entry {
        let time: UInt64
        let point: WaitPoint
    }

    private var heap: [Entry] = []

    mutating func schedule(_ point: WaitPoint, at deadline: UInt64) {
        point.deadline = deadline
        if let scheduled = point.scheduledAt, scheduled <= deadline { return }
        point.scheduledAt = deadline
        push(Entry(time: deadline, point: point))
    }

    /// Milliseconds for `epoll_wait`: -1 without timers.
    func pollTimeout() -> Int32 {
        guard let first = heap.first else { return -1 }
        let now = monotonicNanoseconds()
        guard first.time > now else { return 0 }
        return Int32(clamping: (first.time - now) / 1_000_000 + 1)
    }

    mutating func fireDue() {
        guard let first = heap.first else { return }
        let now = monotonicNanoseconds()
        guard first.time <= now else { return }
        while let entry = heap.first, entry.time <= now {
            pop()
            let point = entry.point
            guard point.scheduledAt == entry.time else { continue }  // replaced by an earlier entry
            point.scheduledAt = nil
            guard let deadline = point.deadline else { continue }
            if deadline > now { schedule(point, at: deadline) } else { point.end(.timedOut) }
        }
    }

    var isEmpty: Bool { heap.isEmpty }

    /// Whatever waits for a time waits no more.
    mutating func endAll() {
        let entries = heap
        heap = []
        for entry in entries {
            entry.point.scheduledAt = nil
            if entry.point.deadline != nil { entry.point.end(.timedOut) }
        }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].time < heap[parent].time else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func pop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].time < heap[smallest].time {
                smallest = child
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
