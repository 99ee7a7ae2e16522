/// A passive data connection from PASV or EPSV on. Its TLS handshake begins with the command, or when the client waits for it without one.
///
/// Most clients send the ClientHello and then the command. Some (aioftp) end the handshake before they give the command: waiting for it would
/// last for ever. Beginning at once would harm those that use OpenSSL: it spends a TLS 1.3 ticket when a handshake ends, and curl's parallel
/// transfers share one; and a TLS 1.2 session is spoilt when the connection is then closed without a transfer.
import Transport

// Sendable: confined to the session's loop.
final class PassiveConnection: @unchecked Sendable {
    /// How long a client must have been silent, its ClientHello sent, to be taken for one that waits.
    static let patience: Duration = .seconds(1)
    private static let look: Duration = .milliseconds(100)

    let listener: Listener
    private let loop: EventLoop
    private var candidate: Connection?
    private var isCancelled = false
    private var deadline: ContinuousClock.Instant?
    private var lastCommand = ContinuousClock.now
    private var waiting: CheckedContinuation<Bool, Never>?
    private var securing: Task<Result<Connection, DataFailure>, Never>?

    /// - Parameter secure: takes sockets from `nextSocket` until one is the client's; runs at once.
    init(_ listener: Listener, loop: EventLoop, secure: @escaping @Sendable (PassiveConnection) async -> Result<Connection, DataFailure>) {
        self.listener = listener
        self.loop = loop
        securing = Task.immediate(executorPreference: loop) { [self] in
            defer { listener.close() }
            return await secure(self)
        }
    }

    /// Waits without a limit until the command is there, then as long as `take` allows.
    func nextSocket() async throws -> AcceptedSocket {
        while true {
            do { return try await listener.accept(timeout: remaining) } catch TransportError.interrupted {}
        }
    }

    /// The connection that is looked at; it is closed with the plan.
    func use(_ connection: Connection) {
        candidate = connection
        if isCancelled { connection.close() }
    }

    /// Waits for the command that takes the connection. True if the client waits for the handshake instead.
    func isHandshakeAwaited(on data: Connection) async -> Bool {
        await withCheckedContinuation { continuation in
            guard deadline == nil, !isCancelled else { return continuation.resume(returning: false) }
            waiting = continuation
            Task.immediate(executorPreference: loop) { [self] in
                var hadBytes = false
                while true {
                    await loop.sleep(for: Self.look)
                    guard waiting != nil else { return }
                    let hasBytes = data.hasUnreadBytes
                    if hadBytes, hasBytes, .now - lastCommand >= Self.patience { return wake(isAwaited: true) }
                    hadBytes = hasBytes
                }
            }
        }
    }

    /// The client has given a command that is no transfer.
    func commandCame() { lastCommand = .now }

    /// Whether a client that has not begun the handshake may still do so.
    var isPatient: Bool { !isCancelled && remaining != .zero }

    private var remaining: Duration? { deadline.map { max(.zero, $0 - .now) } }

    private func wake(isAwaited: Bool) {
        waiting?.resume(returning: isAwaited)
        waiting = nil
    }

    /// The outcome, for the command that has come.
    func take(within limit: Duration) async -> Result<Connection, DataFailure> {
        deadline = .now + limit
        wake(isAwaited: false)
        listener.interruptAccept()
        let outcome = await securing!.value
        candidate = nil
        return outcome
    }

    /// Closes whatever is open and not taken.
    func cancel() {
        isCancelled = true
        wake(isAwaited: false)
        listener.close()
        candidate?.close()
    }
}
