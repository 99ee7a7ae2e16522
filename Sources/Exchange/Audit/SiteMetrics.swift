/// What a site counts while it serves, in the text format of Prometheus, version 0.0.4.
import Synchronization

final class SiteMetrics: Sendable {
    enum LoginOutcome: String, CaseIterable, Sendable { case accepted, refused }
    enum Direction: String, CaseIterable, Sendable { case stored, retrieved }
    enum TransferOutcome: String, CaseIterable, Sendable { case success, refused, failed }

    private struct State {
        var logins: [LoginOutcome: UInt64] = [:]
        var transfers: [Direction: [TransferOutcome: UInt64]] = [:]
        var bytes: [Direction: UInt64] = [:]
        var handshakeFailures: UInt64 = 0
        /// One more than `bounds`: the last is for what is slower than all.
        var commits = [UInt64](repeating: 0, count: bounds.count + 1)
        var commitSeconds = 0.0
    }

    /// Upper bounds of the histogram's buckets, in seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

    private let state = Mutex(State())

    func countLogin(_ outcome: LoginOutcome) { state.withLock { $0.logins[outcome, default: 0] += 1 } }

    func countHandshakeFailure() { state.withLock { $0.handshakeFailures += 1 } }

    func countTransfer(_ direction: Direction, _ outcome: TransferOutcome, byteCount: UInt64) {
        state.withLock { state in
            state.transfers[direction, default: [:]][outcome, default: 0] += 1
            state.bytes[direction, default: 0] += byteCount
        }
    }

    func countCommit(_ duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        state.withLock { state in
            state.commits[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            state.commitSeconds += seconds
        }
    }

    /// - Parameters: what is not counted but read when it is asked for.
    func text(sessions: Int, ledgerEntries: UInt64) -> String {
        let state = state.withLock { $0 }
        var out = ""
        func family(_ name: String, _ type: String, _ help: String) { out += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" }
        family("phrd_sessions", "gauge", "Control connections that are open.")
        out += "phrd_sessions \(sessions)\n"
        family("phrd_logins_total", "counter", "Logins by outcome.")
        for outcome in LoginOutcome.allCases { out += "phrd_logins_total{outcome=\"\(outcome.rawValue)\"} \(state.logins[outcome] ?? 0)\n" }
        family("phrd_transfers_total", "counter", "Transfers of records by direction and outcome.")
        for direction in Direction.allCases {
            for outcome in TransferOutcome.allCases {
                let count = state.transfers[direction]?[outcome] ?? 0
                out += "phrd_transfers_total{direction=\"\(direction.rawValue)\",outcome=\"\(outcome.rawValue)\"} \(count)\n"
            }
        }
        family("phrd_transfer_bytes_total", "counter", "Bytes of records, as the client sends or gets them, by direction.")
        for direction in Direction.allCases { out += "phrd_transfer_bytes_total{direction=\"\(direction.rawValue)\"} \(state.bytes[direction] ?? 0)\n" }
        family("phrd_commit_seconds", "histogram", "How long a stored record waits for its commit on the ledger.")
        var sum: UInt64 = 0
        for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], state.commits) {
            sum += count
            out += "phrd_commit_seconds_bucket{le=\"\(bound)\"} \(sum)\n"
        }
        out += "phrd_commit_seconds_sum \(state.commitSeconds)\nphrd_commit_seconds_count \(sum)\n"
        family("phrd_ledger_entries", "gauge", "Entries of the ledger.")
        out += "phrd_ledger_entries \(ledgerEntries)\n"
        family("phrd_tls_handshake_failures_total", "counter", "Failed TLS handshakes on control connections.")
        out += "phrd_tls_handshake_failures_total \(state.handshakeFailures)\n"
        return out
    }
}
