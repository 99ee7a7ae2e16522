// Remembers values that are costly to compute, up to a number of them.

internal import Synchronization

/// Starts anew when it is full: what is in use comes back at once, what is not is gone.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private let entries = Mutex<[Key: Value]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// The remembered value, or the one just computed. Computing is done without the lock, perhaps twice.
    func value(_ key: Key, _ compute: () -> Value) -> Value {
        if let value = entries.withLock({ $0[key] }) { return value }
        let value = compute()
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = value
        }
        return value
    }

    func removeAll() { entries.withLock { $0.removeAll() } }
}
