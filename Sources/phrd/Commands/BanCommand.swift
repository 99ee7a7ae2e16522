// `phrd ban …`: who may not come in for a time.
import ArgumentParser
import Audit
import Authentication
import Exchange
import FTPProtocol
import Foundation

struct BanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ban", abstract: "List, add and remove bans; a running server sees them within seconds.",
        discussion: "The server adds bans by itself after failed logins, and never bans the networks of bans.never (conf/phrd.toml, [bans]).",
        subcommands: [List.self, Add.self, Remove.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the bans in force, the newest first.", discussion: "Example: phrd ban list --json")

        struct Row: Encodable {
            let network: String
            /// Nil: every account.
            let account: String?
            let source: String
            let reason: String
            let created: String
            /// Nil: until it is removed.
            let expires: String?
        }

        @OptionGroup var options: SiteOptions
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let rows = try Site.registry(options.enter()).bans.list(atSeconds: now()).map {
                Row(
                    network: $0.network.text, account: $0.account, source: $0.source.rawValue, reason: $0.reason, created: time($0.createdSeconds),
                    expires: $0.expiresSeconds.map(time))
            }
            if json { return try printJSON(rows) }
            for row in rows {
                let (who, end) = (row.account.map { "account \($0)" } ?? "all accounts", row.expires.map { "until \($0)" } ?? "until removed")
                print("\(row.network)  \(who)  \(end)  \(row.source)  \(row.reason)")
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ban a network, or a network from one account. Sessions that it has end.",
            discussion: """
                Examples:
                  phrd ban add 203.0.113.0/24 --for 7d --reason "port scans"
                  phrd ban add 2001:db8:1:2::/64 --account stmary
                """)

        @OptionGroup var options: SiteOptions
        @Argument(help: "An address, or a network such as 203.0.113.0/24.") var network: Network
        @Option(help: "Only logins to this account.") var account: String?
        @Option(name: .customLong("for"), help: "How long: 30m, 2h, 7d; without it until it is removed.") var duration: TimeSpan?
        @Option(help: "Why, for the list.") var reason = "by the operator"

        func run() throws {
            if let account { try Account.validate(name: account) }
            let created = now()
            let configuration = try options.enter()
            let ban = Ban(
                network: network.range, account: account, source: .operator, reason: reason, createdSeconds: created,
                expiresSeconds: duration.map { created + $0.seconds })
            try Site.registry(configuration).bans.add(ban)
            try Site.recordChange(.networkBanned, account: account, folder: network.range.text, reason: ban.auditReason(), configuration)
            print("\(network.range.text) banned\(account.map { " from account \($0)" } ?? "")\(duration.map { " until \(time(created + $0.seconds))" } ?? "")")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift a ban, named as \"phrd ban list\" shows it.",
            discussion: """
                Examples:
                  phrd ban remove 203.0.113.0/24
                  phrd ban remove 192.0.2.7 --account stmary
                """)

        @OptionGroup var options: SiteOptions
        @Argument var network: Network
        @Option(help: "The account of the ban.") var account: String?

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).bans.remove(network.range, account: account)
            try Site.recordChange(.banLifted, account: account, folder: network.range.text, configuration)
            print("ban of \(network.range.text)\(account.map { " from account \($0)" } ?? "") lifted")
        }
    }
}

/// An address or network on the command line.
struct Network: ExpressibleByArgument {
    let range: NetworkPrefix

    init?(argument: String) {
        guard let range = NetworkPrefix(argument) else { return nil }
        self.range = range
    }
}

private func now() -> Int64 { Int64(Date().timeIntervalSince1970) }

private func time(_ seconds: Int64) -> String { Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format() }
