// Who may not come in for a time: a network, or a network to one account.

package import FTPProtocol

package struct Ban: Hashable, Sendable {
    package enum Source: String, Sendable {
        /// After failed logins.
        case automatic
        /// By the command line.
        case `operator`
    }

    package let network: NetworkPrefix
    /// Nil: every account, so that no connection from the network is served at all.
    package let account: String?
    package let source: Source
    package let reason: String
    /// Seconds since 1970, UTC.
    package let createdSeconds: Int64
    /// Nil: until it is removed.
    package let expiresSeconds: Int64?

    package init(network: NetworkPrefix, account: String?, source: Source, reason: String, createdSeconds: Int64, expiresSeconds: Int64?) {
        self.network = network
        self.account = account
        self.source = source
        self.reason = reason
        self.createdSeconds = createdSeconds
        self.expiresSeconds = expiresSeconds
    }

    package func isInForce(atSeconds now: Int64) -> Bool { expiresSeconds.map { now < $0 } ?? true }
}

/// All bans at one moment, for look-ups without the database.
package struct BanTable: Sendable {
    private let bans: [NetworkPrefix: [Ban]]
    /// The lengths of prefixes in use.
    private let lengths: Set<Int>

    package init(_ bans: [Ban]) {
        self.bans = Dictionary(grouping: bans, by: \.network)
        lengths = Set(bans.map(\.network.bitCount))
    }

    /// The ban under which an address stands as a whole; takes one look-up for each length of prefix in use.
    package func ban(of address: [UInt8], atSeconds now: Int64) -> Ban? {
        first(address) { $0.account == nil && $0.isInForce(atSeconds: now) }
    }

    /// The ban under which logins from an address to an account stand.
    package func ban(of address: [UInt8], account: String, atSeconds now: Int64) -> Ban? {
        first(address) { ($0.account == nil || $0.account == account) && $0.isInForce(atSeconds: now) }
    }

    private func first(_ address: [UInt8], where matches: (Ban) -> Bool) -> Ban? {
        for length in lengths where length <= address.count * 8 {
            if let found = bans[NetworkPrefix(bytes: address, bitCount: length)]?.first(where: matches) { return found }
        }
        return nil
    }
}
