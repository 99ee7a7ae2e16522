/// Limits how many bytes a second pass, over everything that shares the bucket.
import Synchronization
import Transport

/// Tokens come at a steady rate and pile up for a quarter of a second. Whoever takes more than there are owes them, and waits as long as they
/// take to come: so turns are fair, and nobody polls.
package final class TokenBucket: Sendable {
    private struct State {
        var rate: Double
        var tokens: Double
        var updated: ContinuousClock.Instant
    }

    /// Bytes that a transfer should move between two calls, so that it neither waits long nor often.
    static let stepByteCount = 16 * 1024

    private let state: Mutex<State>

    /// - Parameter rate: bytes a second, at least 1.
    package init(rate: UInt64) {
        state = Mutex(State(rate: Double(max(1, rate)), tokens: 0, updated: .now))
    }

    /// Changes the rate for everything under way.
    package func setRate(_ rate: UInt64) { state.withLock { $0.rate = Double(max(1, rate)) } }

    /// Takes tokens for bytes that have passed, and says how long to wait before the next ones may.
    package func take(_ count: Int, now: ContinuousClock.Instant = .now) -> Duration {
        state.withLock { state in
            let elapsed = max(.zero, state.updated.duration(to: now)) / .seconds(1)
            state.tokens = min(state.rate / 4, state.tokens + elapsed * state.rate) - Double(count)
            state.updated = max(now, state.updated)
            // A debt is paid within an hour even at a rate of a few bytes.
            return state.tokens >= 0 ? .zero : .seconds(min(3600, -state.tokens / state.rate))
        }
    }
}
