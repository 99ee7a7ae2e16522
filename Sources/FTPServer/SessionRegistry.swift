/// The live control connections: who they are, for the binding of data connections, for limits and for shutdown.
import Synchronization
import Transport

final class SessionRegistry: Sendable {
    struct Facts {
        let session: ControlSession
        let peer: SocketAddress
        var user: String?
    }

    private struct State {
        var sessions: [[UInt8]: Facts] = [:]
        var countByHost: [[UInt8]: Int] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    enum Admission { case admitted, tooMany, tooManyFromAddress, closed }

    func admit(_ session: ControlSession, settings: ServerSettings) -> Admission {
        state.withLock { state in
            guard !state.isClosed else { return .closed }
            guard state.sessions.count < settings.maximumSessions else { return .tooMany }
            let host = session.peer.bytes
            guard state.countByHost[host, default: 0] < settings.maximumSessionsPerAddress else { return .tooManyFromAddress }
            state.countByHost[host, default: 0] += 1
            state.sessions[session.bindingID] = Facts(session: session, peer: session.peer)
            return .admitted
        }
    }

    /// Admits nobody any more. Connections that were accepted before may come late: a proxy's header is waited for.
    func close() { state.withLock { $0.isClosed = true } }

    func remove(_ session: ControlSession) {
        state.withLock { state in
            guard state.sessions.removeValue(forKey: session.bindingID) != nil else { return }
            let host = session.peer.bytes
            let count = state.countByHost[host, default: 1] - 1
            state.countByHost[host] = count == 0 ? nil : count
        }
    }

    /// Counts the session as the user's; false if he has `maximum` of them already.
    func setUser(_ user: String, of session: ControlSession, maximum: Int? = nil) -> Bool {
        state.withLock { state in
            if let maximum, state.sessions.values.count(where: { $0.user == user }) >= maximum { return false }
            state.sessions[session.bindingID]?.user = user
            return true
        }
    }

    func clearUser(of session: ControlSession) {
        state.withLock { $0.sessions[session.bindingID]?.user = nil }
    }

    /// Sessions with their peers and users, as they are now.
    var facts: [Facts] { state.withLock { Array($0.sessions.values) } }

    enum Kinship { case same, undecided, foreign }

    /// Whether a ticket of this ID belongs to a live control connection of the user from the host. Undecided: nobody has logged in there yet.
    func kinship(of bindingID: [UInt8], with user: String, from host: SocketAddress) -> Kinship {
        state.withLock { state in
            guard let facts = state.sessions[bindingID], facts.peer.isSameHost(as: host) else { return .foreign }
            guard let owner = facts.user else { return .undecided }
            return owner == user ? .same : .foreign
        }
    }

    func contains(_ session: ControlSession) -> Bool { state.withLock { $0.sessions[session.bindingID] != nil } }

    var all: [ControlSession] { state.withLock { $0.sessions.values.map(\.session) } }

    var count: Int { state.withLock { $0.sessions.count } }
}
