/// Keeps those out who were banned, and bans those who guess passwords.
import Authentication
import FTPProtocol
import Foundation
import Logging
import Synchronization
import Transport

final class LoginGuard: Sendable {
    /// The same for every ban, so that nobody learns which names are accounts.
    static let text = "Too many failed logins, or your network is not served here; try again later"

    private struct State {
        var counter: BanCounter
        var settings: Configuration.Bans
        var never: [NetworkPrefix]
        var table: BanTable
    }

    private let store: BanStore
    private let pool: BlockingPool
    private let logger: Logger
    private let state: Mutex<State>

    init(store: BanStore, settings: Configuration.Bans, pool: BlockingPool, logger: Logger) throws {
        self.store = store
        self.pool = pool
        self.logger = logger
        state = Mutex(State(counter: BanCounter(rule: settings.rule), settings: settings, never: settings.neverBanned, table: try store.table()))
    }

    /// The settings of a reload.
    func use(_ settings: Configuration.Bans) {
        state.withLock { state in
            state.settings = settings
            state.never = settings.neverBanned
            state.counter.rule = settings.rule
        }
    }

    /// Reads the bans again, which the command line may have changed. Blocks.
    func refresh() throws {
        let table = try store.table()
        state.withLock { $0.table = table }
    }

    /// The ban under which nobody from this address is served. Never blocks.
    func ban(of peer: SocketAddress) -> Ban? { find(peer) { $0.ban(of: peer.bytes, atSeconds: $1) } }

    /// The ban under which logins from this address to this account, or to a name that is none, are refused unseen. Never blocks.
    func ban(of peer: SocketAddress, account: String) -> Ban? { find(peer) { $0.ban(of: peer.bytes, account: account, atSeconds: $1) } }

    private func find(_ peer: SocketAddress, _ body: (BanTable, Int64) -> Ban?) -> Ban? {
        let (table, never) = state.withLock { ($0.table, $0.never) }
        guard let ban = body(table, Self.seconds()), !never.contain(peer.bytes) else { return nil }
        return ban
    }

    /// A login with right credentials.
    func succeeded(_ account: String, from network: NetworkKey) {
        state.withLock { $0.counter.succeeded(account: account, network: network) }
    }

    /// A login with wrong ones. Returns the ban that follows, if one does, when it is in force.
    func failed(_ account: String, from peer: SocketAddress) async -> Ban? {
        guard let network = NetworkKey(addressBytes: peer.bytes) else { return nil }
        let now = Self.seconds()
        let ban = state.withLock { state -> Ban? in
            guard !state.never.contain(peer.bytes) else { return nil }
            let expires = now + Int64(state.settings.minutes) * 60
            switch state.counter.failed(account: account, network: network, now: .now) {
            case .none: return nil
            case .banAccount(let failures):
                // A name that no account can have counts for its network alone.
                guard Account.isValid(name: account) else { return nil }
                return Ban(
                    network: NetworkPrefix(network), account: account, source: .automatic, reason: "\(failures) failed logins", createdSeconds: now,
                    expiresSeconds: expires)
            case .banNetwork(let failures):
                return Ban(
                    network: NetworkPrefix(network), account: nil, source: .automatic, reason: "\(failures) failed logins", createdSeconds: now,
                    expiresSeconds: expires)
            }
        }
        guard let ban else { return nil }
        do {
            return try await pool.run { [self] in
                let isNew = try store.add(ban)
                try refresh()
                return isNew ? ban : nil
            }
        } catch {
            logger.error("a ban cannot be stored", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func seconds() -> Int64 { Int64(Date().timeIntervalSince1970) }
}
