/// Decides which refusals are told one by one and which only as a number, so that strangers cannot fill the disk with lines about themselves.
//
// 1. Each refusal is let through, or counted in exactly one sum.
// 2. Memory is bounded: refusals of networks beyond `capacity` are counted together.
// 3. `sums` gives at most `networkLimit` sums of networks for each subject, and one of all the others.
package import Authentication
package import FTPProtocol

/// A value: the caller guards it, and gives the time.
package struct RefusalMeter: Sendable {
    package enum Subject: CaseIterable, Sendable {
        case login, handshake, connection, ban
    }

    /// How many are told one by one within `window`.
    package struct Bound: Sendable {
        package var ofNetwork: Int
        package var inAll: Int

        package init(ofNetwork: Int, inAll: Int) {
            self.ofNetwork = ofNetwork
            self.inAll = inAll
        }
    }

    /// What was not told one by one.
    package struct Sum: Hashable, Sendable {
        package enum Source: Hashable, Sendable {
            case network(NetworkPrefix)
            /// So many networks, or more.
            case others(Int)
        }

        package let subject: Subject
        package let source: Source
        package let count: UInt64
        package let seconds: Int64
    }

    private struct Key: Hashable {
        let subject: Subject
        let network: NetworkPrefix
    }

    private struct Count {
        var told = 0
        var held: UInt64 = 0
    }

    package static let window = Duration.seconds(60)
    private static let networkLimit = 20

    package var bound: Bound
    private let capacity: Int
    private var start: ContinuousClock.Instant?
    private var told = 0
    private var counts: [Key: Count] = [:]
    private var strays: [Subject: UInt64] = [:]

    package init(_ bound: Bound, capacity: Int = 4096) {
        self.bound = bound
        self.capacity = capacity
    }

    /// What counts as one network here: a /24 of IPv4, a /48 of IPv6, which one customer may have whole.
    package static func network(of key: NetworkKey) -> NetworkPrefix {
        let whole = NetworkPrefix(key)
        return NetworkPrefix(bytes: whole.bytes, bitCount: whole.bytes.count == 4 ? 24 : 48)
    }

    /// Whether this refusal is told by itself; it is counted otherwise.
    package mutating func isTold(_ subject: Subject, from network: NetworkPrefix, now: ContinuousClock.Instant) -> Bool {
        start = start ?? now
        let key = Key(subject: subject, network: network)
        guard counts[key] != nil || counts.count < capacity else {
            strays[subject, default: 0] += 1
            return false
        }
        let isTold = counts[key, default: Count()].told < bound.ofNetwork && told < bound.inAll
        if isTold {
            counts[key, default: Count()].told += 1
            told += 1
        } else {
            counts[key, default: Count()].held += 1
        }
        return isTold
    }

    /// What was counted, once the window is over; then a new one begins with the next refusal.
    /// - Parameter isEnd: do not wait for the window.
    package mutating func sums(now: ContinuousClock.Instant, isEnd: Bool = false) -> [Sum] {
        guard let start, isEnd || now - start >= Self.window else { return [] }
        let seconds = max(1, (now - start).components.seconds)
        var sums: [Sum] = []
        for subject in Subject.allCases {
            let held = counts.filter { $0.key.subject == subject && $0.value.held > 0 }.sorted { $0.value.held > $1.value.held }
            sums += held.prefix(Self.networkLimit).map { key, count in
                Sum(subject: subject, source: .network(key.network), count: count.held, seconds: seconds)
            }
            let rest = held.dropFirst(Self.networkLimit)
            let count = rest.reduce(strays[subject] ?? 0) { $0 + $1.value.held }
            if count > 0 { sums.append(Sum(subject: subject, source: .others(rest.count), count: count, seconds: seconds)) }
        }
        self.start = nil
        told = 0
        counts = [:]
        strays = [:]
        return sums
    }

    /// How much is remembered.
    package var entryCount: Int { counts.count }
}
