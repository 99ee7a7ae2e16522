// Turns failed logins into bans: so many within a time, from one network to one account, or from one network in all.
//
// Invariants:
// 1. Only failures count. A good login clears what its network has on its account, and never makes or lengthens a ban.
// 2. Names that are no accounts count as those that are.
// 3. Memory is bounded, whatever comes.

/// How many failures are too many.
package struct BanRule: Sendable {
    /// From one network to one account; 0 for no limit.
    package var failures: Int
    /// From one network to all accounts together; 0 for no limit.
    package var networkFailures: Int
    /// Failures that are further apart do not add up.
    package var window: Duration

    package init(failures: Int, networkFailures: Int, window: Duration) {
        self.failures = failures
        self.networkFailures = networkFailures
        self.window = window
    }

    /// What a failure came to.
    package enum Verdict: Equatable, Sendable {
        case none
        case banAccount(failures: Int)
        case banNetwork(failures: Int)
    }
}

/// Counts failures. A value: the caller guards it, and gives the time.
package struct BanCounter: Sendable {
    private struct Counter {
        var failures: Int
        let start: ContinuousClock.Instant
    }

    private struct Pair: Hashable {
        let network: NetworkKey
        let account: String
    }

    package var rule: BanRule
    private let capacity: Int
    private var pairs: [Pair: Counter] = [:]
    private var networks: [NetworkKey: Counter] = [:]

    package init(rule: BanRule, capacity: Int = 16_384) {
        self.rule = rule
        self.capacity = capacity
    }

    package mutating func failed(account: String, network: NetworkKey, now: ContinuousClock.Instant) -> BanRule.Verdict {
        // Longer names are no accounts, and need not be remembered in full.
        let pair = Pair(network: network, account: String(account.prefix(65)))
        let (ofPair, ofNetwork) = (count(&pairs, pair, now), count(&networks, network, now))
        if rule.networkFailures > 0, ofNetwork >= rule.networkFailures {
            networks[network] = nil
            return .banNetwork(failures: ofNetwork)
        }
        if rule.failures > 0, ofPair >= rule.failures {
            pairs[pair] = nil
            return .banAccount(failures: ofPair)
        }
        return .none
    }

    package mutating func succeeded(account: String, network: NetworkKey) {
        pairs[Pair(network: network, account: account)] = nil
    }

    /// How much is remembered.
    package var entryCount: Int { pairs.count + networks.count }

    private func count<Key>(_ counters: inout [Key: Counter], _ key: Key, _ now: ContinuousClock.Instant) -> Int {
        if counters[key] == nil, counters.count >= capacity {
            counters = counters.filter { $0.value.start + rule.window > now }
            let surplus = counters.count - capacity * 3 / 4
            if surplus > 0 {
                // Those with the fewest failures go, the oldest first.
                let order = counters.sorted { ($0.value.failures, $0.value.start) < ($1.value.failures, $1.value.start) }
                for (key, _) in order.prefix(surplus) { counters[key] = nil }
            }
        }
        guard var counter = counters[key], counter.start + rule.window > now else {
            counters[key] = Counter(failures: 1, start: now)
            return 1
        }
        counter.failures += 1
        counters[key] = counter
        return counter.failures
    }
}
