// Slows down guessing: each failure makes the next answer later, up to a few seconds, and time forgives.
//
// Nobody is ever locked out, because a lock is a weapon in the hands of whoever knows a name:
// - a failed login waits for the account's failures or the network's, whichever are more;
// - a good login waits only if the account AND the network have failures, so neither a guesser abroad
//   nor a neighbour behind the same address holds it up.

/// Counts failed logins. A value: the caller guards it, and gives the time.
package struct LoginThrottle: Sendable {
    private struct Counter {
        var failures: Int
        var last: ContinuousClock.Instant
    }

    private var accounts: [Int: Counter] = [:]
    private var networks: [NetworkKey: Counter] = [:]
    private let capacity: Int
    /// One failure is forgiven after each.
    private let forgiveness: Duration

    package init(capacity: Int = 16_384, forgiveness: Duration = .seconds(30)) {
        self.capacity = capacity
        self.forgiveness = forgiveness
    }

    /// Counts a failure and says how long its answer waits.
    package mutating func failed(account: String, network: NetworkKey, now: ContinuousClock.Instant) -> Duration {
        let byAccount = Self.count(&accounts, account.hashValue, capacity, forgiveness, now)
        let byNetwork = Self.count(&networks, network, capacity, forgiveness, now)
        return max(Self.delay(after: byAccount), Self.delay(after: byNetwork))
    }

    /// Forgets the account's failures and says how long the answer of a good login waits.
    package mutating func succeeded(account: String, network: NetworkKey, now: ContinuousClock.Instant) -> Duration {
        let byAccount = Self.failures(accounts[account.hashValue], forgiveness, now)
        let byNetwork = Self.failures(networks[network], forgiveness, now)
        // The network's stay: a guesser with one account of his own must not clear them.
        accounts[account.hashValue] = nil
        return min(Self.delay(after: byAccount), Self.delay(after: byNetwork))
    }

    /// How many accounts and networks are remembered.
    package var entryCount: Int { accounts.count + networks.count }

    /// 0, 0.5, 1, 2, 4, 8, 8, … seconds for the first, second, … failure in a row.
    package static func delay(after failures: Int) -> Duration {
        failures < 2 ? .zero : .milliseconds(500 << min(failures - 2, 4))
    }

    private static func failures(_ counter: Counter?, _ forgiveness: Duration, _ now: ContinuousClock.Instant) -> Int {
        guard let counter else { return 0 }
        let elapsed = counter.last.duration(to: now)
        guard elapsed > .zero else { return counter.failures }
        return max(0, counter.failures - Int(min(elapsed / forgiveness, 1000)))
    }

    private static func count<Key>(
        _ counters: inout [Key: Counter], _ key: Key, _ capacity: Int, _ forgiveness: Duration, _ now: ContinuousClock.Instant
    ) -> Int {
        if counters[key] == nil, counters.count >= capacity { makeRoom(&counters, capacity, forgiveness, now) }
        // Failures beyond the longest delay are not counted, so that forgiveness comes in bounded time.
        let failures = min(failures(counters[key], forgiveness, now) + 1, 8)
        counters[key] = Counter(failures: failures, last: now)
        return failures
    }

    /// Drops what is forgiven; if that is little, those with the fewest failures, the oldest first, down to three quarters.
    private static func makeRoom<Key>(
        _ counters: inout [Key: Counter], _ capacity: Int, _ forgiveness: Duration, _ now: ContinuousClock.Instant
    ) {
        counters = counters.filter { failures($0.value, forgiveness, now) > 0 }
        let target = capacity * 3 / 4
        guard counters.count > target else { return }
        let order = counters.sorted { ($0.value.failures, $0.value.last) < ($1.value.failures, $1.value.last) }
        for (key, _) in order.prefix(counters.count - target) { counters[key] = nil }
    }
}
