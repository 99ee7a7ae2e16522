/// The FTP service: listeners, event loops, admission of sessions, reload and shutdown.
private import FTPProtocol
package import Logging
import Synchronization
package import Transport

package final class Server: Sendable {
    private struct State {
        var settings: ServerSettings
        var context: TLSContext
        var listeners: [Listener] = []
        var nextLoop = 0
        var isStopping = false
    }

    private let state: Mutex<State>
    private let loops: [EventLoop]
    private let authenticator: any Authenticator
    private let logger: Logger
    let registry = SessionRegistry()

    /// - Parameter loops: at least one; sessions are spread over them, listeners live on the first.
    package init(settings: ServerSettings, context: TLSContext, authenticator: any Authenticator, loops: [EventLoop], logger: Logger) {
        precondition(!loops.isEmpty, "a server needs an event loop")
        state = Mutex(State(settings: settings, context: context))
        self.loops = loops
        self.authenticator = authenticator
        self.logger = logger
    }

    /// Binds all addresses. Returns what is bound, ports resolved.
    package func bind() async throws -> (explicit: [SocketAddress], implicit: [SocketAddress]) {
        let settings = state.withLock { $0.settings }
        return try await Task(executorPreference: loops[0]) { [self] in
            var bound: [Listener] = []
            do {
                for address in settings.explicitAddresses + settings.implicitAddresses {
                    bound.append(try Listener(address, loop: loops[0]))
                }
            } catch {
                for listener in bound { listener.close() }
                throw error
            }
            state.withLock { $0.listeners = bound }
            let addresses = bound.map(\.address)
            let count = settings.explicitAddresses.count
            return (Array(addresses[..<count]), Array(addresses[count...]))
        }.value
    }

    /// Serves until `shutdown`. All sessions have ended when this returns.
    package func run() async {
        let (listeners, explicitCount) = state.withLock { ($0.listeners, $0.settings.explicitAddresses.count) }
        await withDiscardingTaskGroup { group in
            for (index, listener) in listeners.enumerated() {
                group.addTask(executorPreference: loops[0]) { [self] in
                    await accept(from: listener, isImplicit: index >= explicitCount)
                }
            }
        }
    }

    private func accept(from listener: Listener, isImplicit: Bool) async {
        await withDiscardingTaskGroup { group in
            while true {
                do {
                    let socket = try await listener.accept()
                    let (loop, settings, context) = state.withLock { state in
                        state.nextLoop = (state.nextLoop + 1) % loops.count
                        return (loops[state.nextLoop], state.settings, state.context)
                    }
                    let box = SocketBox(socket)
                    group.addTask(executorPreference: loop) { [self] in
                        guard let connection = try? Connection(accepted: box.take(), loop: loop) else { return }
                        let session = ControlSession(
                            connection, server: self, settings: settings, context: context, isImplicit: isImplicit,
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

    /// New sessions get these settings and this certificate; running ones keep theirs.
    package func reload(settings: ServerSettings, context: TLSContext) {
        state.withLock { state in
            var settings = settings
            settings.explicitAddresses = state.settings.explicitAddresses
            settings.implicitAddresses = state.settings.implicitAddresses
            state.settings = settings
            state.context = context
        }
    }

    package var sessionCount: Int { registry.count }

    /// Accepts nothing new, tells idle sessions good-bye, lets transfers finish within the limit and cuts off the rest.
    package func shutdown(within limit: Duration) async {
        let listeners = state.withLock { state in
            state.isStopping = true
            return state.listeners
        }
        await Task(executorPreference: loops[0]) { for listener in listeners { listener.close() } }.value
        await tellSessions { $0.beginShutdown() }
        let deadline = ContinuousClock.now + limit
        while registry.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await tellSessions { $0.cutOff() }
    }

    private func tellSessions(_ action: @escaping @Sendable (ControlSession) -> Void) async {
        for session in registry.all {
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
