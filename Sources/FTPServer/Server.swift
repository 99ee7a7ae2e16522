/// The FTP service: listeners, event loops, admission of sessions, reload and shutdown.
private import FTPProtocol
package import Logging
import Synchronization
package import Transport

package final class Server: Sendable {
    private struct State {
        var settings: ServerSettings
        var context: TLSContext
        var listeners: [(listener: Listener, settings: ListenerSettings)] = []
        var nextLoop = 0
    }

    private let state: Mutex<State>
    private let loops: [EventLoop]
    private let authenticator: any Authenticator
    private let logger: Logger
    let observer: (any ServerObserver)?
    let registry = SessionRegistry()
    private let hasToldOfInnerAddress = Atomic(false)

    /// - Parameter loops: at least one; sessions are spread over them, listeners live on the first.
    package init(
        settings: ServerSettings, context: TLSContext, authenticator: any Authenticator, loops: [EventLoop], observer: (any ServerObserver)? = nil,
        logger: Logger
    ) {
        precondition(!loops.isEmpty, "a server needs an event loop")
        state = Mutex(State(settings: settings, context: context))
        self.loops = loops
        self.authenticator = authenticator
        self.observer = observer
        self.logger = logger
    }

    /// Binds all addresses, or takes over what another process has bound: then these are all. Returns what is bound, ports resolved.
    /// - Parameter inherited: each named "explicit" or "implicit".
    package func bind(inherited: [InheritedSocket] = []) async throws -> (explicit: [SocketAddress], implicit: [SocketAddress]) {
        let settings = state.withLock { $0.settings }
        return try await Task(executorPreference: loops[0]) { [self] in
            var bound: [(listener: Listener, settings: ListenerSettings)] = []
            do {
                for socket in inherited {
                    let listener = try Listener(adopting: socket, loop: loops[0])
                    let isImplicit = socket.name == Self.implicitName
                    let known = settings.listeners.first { $0.isImplicit == isImplicit && $0.address == listener.address }
                    bound.append((listener, known ?? ListenerSettings(listener.address, isImplicit: isImplicit)))
                }
                for entry in inherited.isEmpty ? settings.listeners : [] {
                    bound.append((try Listener(entry.address, loop: loops[0]), entry))
                }
            } catch {
                for entry in bound { entry.listener.close() }
                throw error
            }
            state.withLock { $0.listeners = bound }
            func addresses(_ isImplicit: Bool) -> [SocketAddress] { bound.filter { $0.settings.isImplicit == isImplicit }.map(\.listener.address) }
            return (addresses(false), addresses(true))
        }.value
    }

    /// The names under which listening sockets pass from process to process.
    package static let explicitName = "explicit"
    package static let implicitName = "implicit"

    /// The listening sockets, to be handed to another process.
    package var sockets: [InheritedSocket] {
        state.withLock { $0.listeners }.map { $0.listener.socket.named($0.settings.isImplicit ? Self.implicitName : Self.explicitName) }
    }

    /// Serves until `shutdown`. All sessions have ended when this returns.
    package func run() async {
        let listeners = state.withLock { $0.listeners }
        await withDiscardingTaskGroup { group in
            for (index, entry) in listeners.enumerated() {
                group.addTask(executorPreference: loops[0]) { [self] in await accept(from: entry.listener, index) }
            }
        }
    }

    private func accept(from listener: Listener, _ index: Int) async {
        await withDiscardingTaskGroup { group in
            while true {
                do {
                    let socket = try await listener.accept()
                    let (loop, settings, context, listening) = state.withLock { state in
                        state.nextLoop = (state.nextLoop + 1) % loops.count
                        return (loops[state.nextLoop], state.settings, state.context, state.listeners[index].settings)
                    }
                    let box = SocketBox(socket)
                    group.addTask(executorPreference: loop) { [self] in
                        guard let connection = try? Connection(accepted: box.take(), loop: loop), await isReady(connection, settings) else { return }
                        let session = ControlSession(
                            connection, server: self, settings: settings, context: context, listener: listening,
                            authenticator: authenticator, logger: logger)
                        await session.run()
                    }
                } catch TransportError.closed {
                    return
                } catch {
                    logger.error("cannot accept a connection", metadata: ["error": "\(error)"])
                    await loops[0].sleep(for: .milliseconds(100))
                }
            }
        }
    }

    /// Reads the PROXY header of a trusted proxy. False: there was none that could be believed, and the connection is closed.
    private func isReady(_ connection: Connection, _ settings: ServerSettings) async -> Bool {
        guard settings.proxies.onControl, settings.proxies.trusted.contain(connection.peerAddress.bytes) else { return true }
        do {
            try await ProxyPreface.read(from: connection, timeout: settings.handshakeTimeout)
            return true
        } catch {
            logger.warning("connection without a proper PROXY header", metadata: ["session.peer": "\(connection.peerAddress)", "error": "\(error)"])
            connection.close()
            return false
        }
    }

    /// True once.
    func isFirstInnerAddress() -> Bool { !hasToldOfInnerAddress.exchange(true, ordering: .relaxed) }

    /// New sessions get these settings and this certificate; running ones keep theirs. The addresses stay those that were bound.
    package func reload(settings: ServerSettings, context: TLSContext) {
        state.withLock { state in
            state.settings = settings
            state.context = context
            for (index, entry) in state.listeners.enumerated() {
                let same = settings.listeners.first { $0.address == entry.settings.address && $0.isImplicit == entry.settings.isImplicit }
                if let same { state.listeners[index].settings = same }
            }
        }
    }

    package var sessionCount: Int { registry.count }

    /// Accepts nothing new, tells idle sessions good-bye, lets transfers finish within the limit and cuts off the rest.
    package func shutdown(within limit: Duration) async {
        registry.close()
        let listeners = state.withLock { $0.listeners }
        await Task(executorPreference: loops[0]) { for entry in listeners { entry.listener.close() } }.value
        await tell(registry.all) { $0.beginShutdown() }
        let deadline = ContinuousClock.now + limit
        while registry.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await tell(registry.all) { $0.cutOff() }
    }

    /// Ends the sessions for which there is a reason to: idle ones now, others after their transfer. They are told the reason.
    package func endSessions(_ reason: (_ peer: SocketAddress, _ user: String?) -> String?) async {
        for facts in registry.facts {
            guard let text = reason(facts.peer, facts.user) else { continue }
            await tell([facts.session]) { $0.end(saying: text) }
        }
    }

    func tell(_ sessions: [ControlSession], _ action: @escaping @Sendable (ControlSession) -> Void) async {
        for session in sessions {
            await Task(executorPreference: session.loop) { action(session) }.value
        }
    }
}

/// Carries an accepted socket, which cannot be copied, into the task of its session.
private final class SocketBox: Sendable {
    private let socket: Mutex<AcceptedSocket?>

    init(_ socket: consuming AcceptedSocket) { self.socket = Mutex(socket) }

    func take() throws -> AcceptedSocket {
        guard let socket = socket.withLock({ $0.take() }) else { throw TransportError.closed }
        return socket
    }
}
