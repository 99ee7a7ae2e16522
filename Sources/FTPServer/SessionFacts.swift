/// The live sessions as their operator sees them, and how he ends them.
import FTPProtocol
package import Transport

/// One session at one moment.
package struct SessionFacts: Sendable {
    /// A command that is being carried out.
    package struct Activity: Sendable {
        package let verb: String
        /// What it is about, if it names a file or folder.
        package let path: String?
        /// Nil: it moves no data.
        package let byteCount: UInt64?
        package let time: Duration
    }

    /// As in the log.
    package let id: String
    /// Nil: not logged in.
    package let account: String?
    package let peer: SocketAddress
    /// Since the connection.
    package let age: Duration
    /// Where the client reached the server.
    package let local: SocketAddress
    package let isImplicit: Bool
    /// Nil: the server's own.
    package let host: String?
    /// Nil: still in clear.
    package let tlsVersion: String?
    /// What the client calls itself.
    package let client: String?
    /// Nil: the session waits for a command.
    package let activity: Activity?
    /// Since the last command was over.
    package let idle: Duration
}

extension ControlSession {
    /// Tells the sessions apart in the log and for the operator; says nothing about the rest of the binding.
    var id: String { bindingID[0..<6].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }

    var sessionFacts: SessionFacts {
        let now = ContinuousClock.now
        let host: String? = if case .named(let name) = hostName { name } else { nil }
        return SessionFacts(
            id: id, account: login?.user, peer: peer, age: now - connectedAt, local: connection.socketAddress, isImplicit: isImplicit, host: host,
            tlsVersion: connection.tls?.version, client: clientName, activity: running.map { activity($0.command, since: $0.since, now: now) },
            idle: running == nil ? now - idleSince : .zero)
    }

    private func activity(_ command: Command, since: ContinuousClock.Instant, now: ContinuousClock.Instant) -> SessionFacts.Activity {
        SessionFacts.Activity(verb: command.verb, path: pathText(of: command), byteCount: transfer?.byteCount, time: now - since)
    }

    /// Of commands whose argument is a path and nothing else: others may bring a password.
    private func pathText(of command: Command) -> String? {
        guard CommandTable.rules[command.verb]?.permission != nil, !["MFMT", "MFF", "MDTM"].contains(command.verb) else { return nil }
        let isListing = command.verb == "LIST" || command.verb == "NLST"
        let argument = isListing ? ListArgument(command.argument).path : command.argument
        guard let inner = try? argument.map({ try directory.resolving($0) }) ?? directory else { return argument }
        return settings.hosts[hostName].map { $0.folder.isRoot ? "\(inner)" : "\($0.folder)\(inner)" } ?? "\(inner)"
    }
}

extension Server {
    /// All sessions, the oldest first.
    package var sessions: [SessionFacts] {
        get async { await facts(of: registry.all).map(\.facts).sorted { $0.age > $1.age } }
    }

    /// Ends sessions at once, whatever they do: transfers are cut off, and of an upload that is not whole nothing is published.
    ///
    /// Returns those that matched, when they are gone; who does not take the good-bye within three seconds is cut off.
    package func kick(saying text: String, _ isMeant: (SessionFacts) -> Bool) async -> [SessionFacts] {
        let meant = await facts(of: registry.all).filter { isMeant($0.facts) }
        let sessions = meant.map(\.session)
        await tell(sessions) { $0.kick(saying: text) }
        await waitForEnd(of: sessions, within: .seconds(3))
        await tell(sessions.filter(registry.contains)) { $0.cutOff() }
        await waitForEnd(of: sessions, within: .seconds(3))
        return meant.map(\.facts)
    }

    private func waitForEnd(of sessions: [ControlSession], within limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, sessions.contains(where: registry.contains) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Each loop is asked once: sessions are its own.
    private func facts(of sessions: [ControlSession]) async -> [(session: ControlSession, facts: SessionFacts)] {
        var result: [(session: ControlSession, facts: SessionFacts)] = []
        for group in Dictionary(grouping: sessions, by: { ObjectIdentifier($0.loop) }).values {
            result += await Task(executorPreference: group[0].loop) { group.map { ($0, $0.sessionFacts) } }.value
        }
        return result
    }
}
