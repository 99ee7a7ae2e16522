/// When failed logins lead to a ban.
import Authentication
import FTPProtocol

extension Configuration {
    package struct Bans: Codable, Sendable {
        /// Failed logins from one network to one account, after which this network is banned from this account; 0 for no such ban.
        package var failures = 10
        /// Failed logins from one network, whatever the accounts, after which the network is banned; 0 for no such ban.
        package var network_failures = 50
        /// The time in minutes within which failures add up.
        package var window_minutes = 10
        /// How long an automatic ban lasts, in minutes. Further attempts do not lengthen it.
        package var minutes = 30
        /// Networks that are never banned, such as ["10.0.0.0/8", "2001:db8::/32"].
        package var never: [String] = []
    }
}

extension Configuration.Bans {
    var problems: [(key: String, reason: String)] {
        var problems: [(String, String)] = []
        for (key, value, least) in [
            ("failures", failures, 0), ("network_failures", network_failures, 0), ("window_minutes", window_minutes, 1), ("minutes", minutes, 1),
        ]
        where !(least...1_000_000).contains(value) {
            problems.append(("bans.\(key)", "must be from \(least) to 1000000"))
        }
        for text in never where NetworkPrefix(text) == nil {
            problems.append(("bans.never", "must hold networks such as \"10.0.0.0/8\" or \"2001:db8::/32\", not \"\(text)\""))
        }
        return problems
    }

    var rule: BanRule { BanRule(failures: failures, networkFailures: network_failures, window: .seconds(60 * window_minutes)) }

    var neverBanned: [NetworkPrefix] { never.compactMap { NetworkPrefix($0) } }
}
