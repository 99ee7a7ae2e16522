/// The audit log of a running server: takes events from any task, writes them in order on a thread of its own.
//
// 1. An event that was taken is written, or the server ends: while the disk refuses, events wait, and at the bound whoever brings one.
// 2. Events are told to others (`onWritten`) after they are on the disk, in the order of the log.
import Dispatch
import Synchronization

package final class AuditLog: Sendable {
    private struct State {
        var pending: [AuditEvent] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isRunning = false
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Touched on the lane only.
    private let file: Mutex<AuditFile>
    private let lane = DispatchQueue(label: "phrd-audit")
    private let bound: Int
    private let onWritten: @Sendable ([String]) -> Void
    private let onFailure: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - limit: bytes after which a file is put aside.
    ///   - bound: events that may wait before `record` waits, too.
    ///   - onWritten: gets the lines of each write, on the lane.
    ///   - onFailure: gets why a write failed; it is tried again each second.
    package init(
        folder: String, limit: UInt64, bound: Int = 4096, onWritten: @escaping @Sendable ([String]) -> Void = { _ in },
        onFailure: @escaping @Sendable (any Error) -> Void
    ) throws {
        file = Mutex(try AuditFile(folder: folder, limit: limit))
        self.bound = bound
        self.onWritten = onWritten
        self.onFailure = onFailure
    }

    /// Where the log stands on the disk. Waits for a write that is under way.
    package var head: AuditHead { file.withLock { $0.head } }

    /// Takes an event; suspends while too many wait.
    package func record(_ event: AuditEvent) async {
        await withCheckedContinuation { continuation in
            let (starts, hasRoom) = state.withLock { state in
                guard !state.isClosed else { return (false, true) }
                state.pending.append(event)
                let hasRoom = state.pending.count < bound
                if !hasRoom { state.waiting.append(continuation) }
                if state.isRunning { return (false, hasRoom) }
                state.isRunning = true
                return (true, hasRoom)
            }
            if starts { lane.async { [self] in drain() } }
            if hasRoom { continuation.resume() }
        }
    }

    /// Writes what waits and ends. Blocks. After a failed write the rest is lost, and `onFailure` has said so.
    package func close() {
        state.withLock { $0.isClosed = true }
        lane.sync {
            drain()
            file.withLock { $0.close() }
        }
    }

    /// On the lane.
    private func drain() {
        while true {
            let (events, isClosed) = state.withLock { ($0.pending, $0.isClosed) }
            if events.isEmpty {
                let isOver = state.withLock { state in
                    if state.pending.isEmpty { state.isRunning = false }
                    return state.pending.isEmpty
                }
                if isOver { return }
                continue
            }
            do {
                let lines = try file.withLock { try $0.append(events) }
                let waiting = state.withLock { state in
                    state.pending.removeFirst(events.count)
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for continuation in waiting { continuation.resume() }
                onWritten(lines)
            } catch {
                onFailure(error)
                if isClosed { return release() }
                return lane.asyncAfter(deadline: .now() + 1) { [self] in drain() }
            }
        }
    }

    private func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension AuditLog {
    /// Appends one event and returns when it is on the disk: for commands beside the server. Blocks.
    package static func append(_ event: AuditEvent, folder: String, limit: UInt64) throws {
        var file = try AuditFile(folder: folder, limit: limit)
        defer { file.close() }
        _ = try file.append([event])
    }
}
