/// Tells a program of the operator what happened: each event as a line to a Unix socket, over a connection of its own.
//
// 1. A hook hears of an event after it is in the audit log, and so after it was committed.
// 2. Nobody waits for a hook: what finds the queue full is left out, and the log says how many were.
// 3. An event is told at most once: it waits while nobody listens, but what was sent is never sent again.
import Audit
import Dispatch
import Logging
import Synchronization
import Transport

final class EventHooks: Sendable {
    private struct State {
        var lines: [String] = []
        var isRunning = false
        var isClosed = false
        /// Nobody listens, and the log says so already.
        var isAlone = false
        var lost = 0
    }

    private static let bound = 1024
    private static let timeoutSeconds = 5

    private let state = Mutex(State())
    private let lane = DispatchQueue(label: "phrd-hooks")
    private let socketPath: String
    private let marks: [String]
    private let logger: Logger

    /// Nil when the configuration asks for none.
    init?(_ hooks: Configuration.Hooks, logger: Logger) {
        guard !hooks.socket.isEmpty else { return nil }
        socketPath = hooks.socket
        // No value can hold this text: quotation marks inside values are escaped. What failed changed nothing, so it is told only where that is the event.
        marks = hooks.events.map {
            ["login-refused", "handshake-refused"].contains($0) ? "\"event\":\"\($0)\"" : "\"event\":\"\($0)\",\"outcome\":\"success\""
        }
        self.logger = logger
    }

    /// Takes lines of the audit log; returns at once.
    func deliver(_ lines: [String]) {
        let wanted = lines.filter { line in marks.contains { line.contains($0) } }
        guard !wanted.isEmpty else { return }
        let starts = state.withLock { state in
            let room = max(0, Self.bound - state.lines.count)
            state.lines += wanted.prefix(room)
            state.lost += max(0, wanted.count - room)
            if state.isRunning || state.isClosed { return false }
            state.isRunning = true
            return true
        }
        if starts { lane.async { [self] in drain() } }
    }

    /// Tells what still waits, if somebody listens, and ends. Blocks.
    func close() {
        state.withLock { $0.isClosed = true }
        lane.sync { drain() }
        let left = state.withLock { $0.lines.count }
        if left > 0 { logger.error("hooks were not told of all events", metadata: ["hooks.lost": "\(left)"]) }
    }

    /// On the lane.
    private func drain() {
        while true {
            let (line, lost) = state.withLock { state -> (String?, Int) in
                defer { state.lost = 0 }
                if state.lines.isEmpty { state.isRunning = false }
                return (state.lines.first, state.lost)
            }
            if lost > 0 { logger.error("hooks are too slow; events were left out", metadata: ["hooks.lost": "\(lost)"]) }
            guard let line else { return }
            guard tell(line) else {
                if !state.withLock({ $0.isClosed }) { lane.asyncAfter(deadline: .now() + 1) { [self] in drain() } }
                return
            }
            state.withLock { _ = $0.lines.removeFirst() }
        }
    }

    /// False when nobody listens.
    private func tell(_ line: String) -> Bool {
        do {
            let socket = try LocalSocket(path: socketPath, timeoutSeconds: Self.timeoutSeconds)
            state.withLock { $0.isAlone = false }
            do {
                try socket.write(Array(line.utf8) + [0x0A])
            } catch {
                logger.error("a hook failed", metadata: ["error": "\(error)"])
            }
            return true
        } catch {
            let isKnown = state.withLock { state in
                defer { state.isAlone = true }
                return state.isAlone
            }
            if !isKnown { logger.error("nobody listens for events; they wait", metadata: ["hooks.socket": "\(socketPath)", "error": "\(error)"]) }
            return false
        }
    }
}
