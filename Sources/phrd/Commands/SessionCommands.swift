// `phrd who` and `phrd kick`: the sessions of the running server.
import ArgumentParser
import Authentication
import Exchange
import FTPProtocol
import Foundation

struct WhoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Show the sessions of the running server, the oldest first.",
        discussion: """
            What runs stands with the file's name and the bytes moved so far; who does nothing is idle since then. For root and the server's user.
            Exit codes: 0, also when nobody is there; 69 when no server runs.
            Examples:
              phrd who --config /etc/phrd/phrd.toml
              phrd who --json
            """)

    @OptionGroup var options: SiteOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let sessions = try Site.ask(.who, options.enter()).sessions
        if json { return try printJSON(sessions) }
        printSessions(sessions)
        print("\(sessions.count) \(sessions.count == 1 ? "session" : "sessions")")
    }
}

struct KickCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kick", abstract: "End sessions of the running server at once.",
        discussion: """
            Their transfers are cut off; of an upload that is not whole nothing is published, it can be resumed. The clients get 421 and may come back:
            phrd user disable and phrd ban add keep them out. For root and the server's user.
            Exit codes: 0 done, 1 there is no such session, 69 when no server runs.
            Examples:
              phrd kick 5f0c19a2b771
              phrd kick --account stmary
              phrd kick --network 203.0.113.0/24
            """)

    @OptionGroup var options: SiteOptions
    @Argument(help: "A session, as phrd who shows it.") var session: String?
    @Option(help: "All sessions of an account.") var account: String?
    @Option(help: "All sessions from an address or network.") var network: Network?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard [session != nil, account != nil, network != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("say which: a session, --account or --network")
        }
        for text in [session, account].compactMap({ $0 }) where text.utf8.count > 256 {
            throw ValidationError("\(text.prefix(64))… is no session and no account")
        }
    }

    private var choice: OperatorRequest.Choice {
        if let session { return .session(session.lowercased()) }
        return account.map { .account($0) } ?? .network(network?.range.text ?? "")
    }

    func run() throws {
        let ended = try Site.ask(.kick(choice, operator: Site.operatorName), options.enter()).sessions
        if json {
            try printJSON(ended)
        } else {
            printSessions(ended)
            print("\(ended.count) \(ended.count == 1 ? "session" : "sessions") ended")
        }
        guard !ended.isEmpty else {
            PHRD.complain("there is no such session; see: phrd who")
            throw ExitCode(1)
        }
    }
}

/// A table, with nothing in it that a terminal would obey.
private func printSessions(_ sessions: [SessionReport]) {
    guard !sessions.isEmpty else { return }
    let rows = sessions.map { session in
        [
            session.session, session.account ?? "-", "\(session.address) \(session.port)", session.since,
            session.runningSeconds == nil ? timeText(session.idleSeconds) : "-",
            session.tls ?? "-", "\(session.security) \(session.host ?? session.listener)", session.activityText,
        ].map(\.escapedForLog)
    }
    let table = [["SESSION", "ACCOUNT", "FROM", "SINCE", "IDLE", "TLS", "TO", "DOES"]] + rows
    let widths = table[0].indices.dropLast().map { column in table.map { $0[column].count }.max() ?? 0 }
    for row in table {
        print(zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ") + "  " + (row.last ?? ""))
    }
}

extension SessionReport {
    fileprivate var activityText: String {
        guard let command else { return account == nil ? "has not logged in" : "idle" }
        var text = command
        if let path { text += " \(path)" }
        if let bytes { text += "  \(bytes) bytes" }
        if let runningSeconds { text += " in \(timeText(runningSeconds))" }
        return text
    }
}

/// `7s`, `4m07s`, `26h03m`.
private func timeText(_ seconds: Double) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = Int(max(0, min(seconds, 1e9)))
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m\(two(seconds % 60))s" }
    return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
}
