/// One control connection: reads commands, checks them against the table, answers; at most one transfer runs beside it.
///
/// Invariants
/// 1. All of it runs on the connection's loop; a transfer is a child task there, so state needs no lock.
/// 2. Replies go out in the order in which they were queued, whichever task queues them.
/// 3. During a transfer NOOP, STAT, ABOR and QUIT are answered at once; the first other command waits for the end, and
///    nothing behind it is read.
/// 4. Without TLS nothing but the commands that the table marks `.always` is carried out.
import FTPProtocol
import Logging
import Transport

// Sendable by invariant 1.
final class ControlSession: @unchecked Sendable {
    let bindingID = randomBytes(32)
    let connection: Connection
    let server: Server
    let settings: ServerSettings
    let context: TLSContext
    let authenticator: any Authenticator
    var logger: Logger

    private var lines = CommandLineBuffer()
    var replies = ReplyQueue()
    private var isWriting = false
    private let connectedAt = ContinuousClock.now
    private let isImplicit: Bool
    private let listener: ListenerSettings
    private var suspicion = 0

    // What the commands change.
    /// By HOST.
    var chosenHost: TLSHostName?
    var clientName: String?
    var pendingUser: String?
    var isLoggedInByCertificate = false
    var pendingChallenge: LoginChallenge?
    var loginFailures = 0
    var login: Login?
    var isDataProtected: Bool
    var hasProtectionBufferSize: Bool
    var usesOnlyExtendedPassive = false
    var directory = VirtualPath.root
    var restartOffset: UInt64 = 0
    var byteRange: ByteRange?
    var announcedByteCount: UInt64?
    var renameSource: VirtualPath?
    var facts = ListingEntry.Facts.standard
    var transferType = "I"
    var dataPlan = DataPlan.none
    var blockMode = BlockModeState()
    /// A data connection has resumed a TLS session: the client can, so all must.
    var hasResumed = false
    /// Whether the client has once waited for a data connection's handshake before it gave the command.
    var handshakesBeforeCommands = false
    var isEnding = false

    // The running transfer.
    var transfer: Transfer?
    private var deferred: Command?
    /// Why the session ends when its transfer is over, if it is to.
    private var farewell: String?

    init(
        _ connection: Connection, server: Server, settings: ServerSettings, context: TLSContext, listener: ListenerSettings,
        authenticator: any Authenticator, logger: Logger
    ) {
        self.connection = connection
        self.server = server
        self.settings = settings
        self.context = context
        self.listener = listener
        isImplicit = listener.isImplicit
        self.authenticator = authenticator
        isDataProtected = listener.isImplicit
        hasProtectionBufferSize = listener.isImplicit
        self.logger = logger
        self.logger[metadataKey: "session.id"] = "\(bindingID[0..<4].map { String($0, radix: 16) }.joined())"
        self.logger[metadataKey: "session.peer"] = "\(connection.peerAddress)"
    }

    var loop: EventLoop { connection.loop }
    var peer: SocketAddress { connection.peerAddress }
    var isSecure: Bool { connection.tls != nil }
    var fileSystem: any FileSystem { login!.fileSystem }
    var dataBinding: DataBinding { login!.dataBinding.stricter(listener.dataBinding) }

    // MARK: Life

    func run() async {
        // Before TLS: a handshake is what a flood of connections costs most.
        if let text = authenticator.refusal(of: peer) {
            await send(Reply(421, text))
            return connection.close()
        }
        switch server.registry.admit(self, settings: settings) {
        case .admitted: break
        case .tooMany: return await refuse("Too many connections; try again later")
        case .tooManyFromAddress: return await refuse("Too many connections from your address; close some first")
        case .closed: return await refuse(Self.shutdownText)
        }
        logger.debug("connected")
        do {
            if isImplicit { try await startTLS() }
            await send(Reply(220, settings.greeting))
            while !isEnding, let command = try await nextCommand() { await perform(command) }
        } catch TransportError.timedOut {
            await send(Reply(421, login == nil ? "Login took too long; closing" : "Idle for too long; closing"))
        } catch {
            logger.debug("connection lost", metadata: ["reason": "\(error)"])
        }
        await settleCommits()
        await closeIdleChannel()
        dataPlan.cancel()
        if let login { await login.fileSystem.end() }
        server.registry.remove(self)
        if !connection.isClosed {
            try? await connection.finish(timeout: .seconds(2))
            await connection.drain(timeout: .seconds(1), limit: 64 * 1024)
            connection.close()
        }
        logger.debug("session ended")
    }

    /// A connection too many gets no TLS handshake: it would hold a place for as long as that may take.
    private func refuse(_ text: String) async {
        if !isImplicit { await send(Reply(421, text)) }
        connection.close()
    }

    func startTLS() async throws {
        do {
            try await connection.startTLS(context, role: .server(bindingID: bindingID, host: chosenHost), timeout: settings.handshakeTimeout)
            if let tls = connection.tls {
                logger.debug("TLS established", metadata: ["tls.version": "\(tls.version)", "tls.cipher": "\(tls.cipherSuite)"])
            }
        } catch {
            logger.info("TLS handshake failed", metadata: ["reason": "\(error)"])
            await server.observer?.handshakeFailed(peer: peer, reason: "\(error)")
            throw error
        }
    }

    /// The site goes down: says good-bye now, or after the running transfer.
    func beginShutdown() { end(saying: Self.shutdownText) }

    private static let shutdownText = "The server is shutting down; try again later"

    /// The session is to end: says so now, or after the running transfer.
    func end(saying text: String) {
        farewell = farewell ?? text
        if transfer == nil { connection.interruptRead() }
    }

    /// Time is up: closes everything.
    func cutOff() {
        transfer?.cancel()
        connection.close()
    }

    // MARK: Commands

    /// The next command; nil when the session is to end.
    private func nextCommand() async throws -> Command? {
        if let command = deferred {
            deferred = nil
            return command
        }
        do {
            return try await readCommand(until: endOfPatience)
        } catch TransportError.interrupted where farewell != nil {
            await send(Reply(421, farewell ?? ""))
            return nil
        }
    }

    private var endOfPatience: ContinuousClock.Instant {
        login == nil ? connectedAt + settings.loginTimeout : .now + settings.idleTimeout
    }

    /// Reads one well-formed command; nil at the end of the connection. Malformed lines are answered here.
    /// - Parameter deadline: for the whole command: neither single bytes nor nonsense put it off.
    private func readCommand(until deadline: ContinuousClock.Instant?) async throws -> Command? {
        while true {
            if let deadline, .now >= deadline { throw TransportError.timedOut("waiting for a command") }
            if farewell != nil, transfer == nil { throw TransportError.interrupted }
            switch lines.next() {
            case .success(let command): return command
            case .failure(let error):
                await send(Reply(error == .notUTF8 || isControlCharacter(error) ? 501 : 500, "\(error)"))
                guard !isSuspicious() else { return nil }
            case nil:
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
                defer { unsafe buffer.deallocate() }
                let count = try await unsafe connection.read(into: buffer, timeout: deadline.map { $0 - .now })
                guard count > 0 else { return nil }
                unsafe lines.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    private func isControlCharacter(_ error: CommandLineError) -> Bool {
        if case .controlCharacter = error { true } else { false }
    }

    /// Counts nonsense before login; after the third the connection ends (a browser or a script led astray).
    private func isSuspicious() -> Bool {
        guard login == nil else { return false }
        suspicion += 1
        return suspicion >= 3
    }

    private func perform(_ command: Command) async {
        guard let rule = CommandTable.rules[command.verb] else {
            if login == nil, CommandTable.foreignVerbs.contains(command.verb) {
                logger.info("foreign protocol on the control port")
                isEnding = true
                return
            }
            await send(Reply(500, "Command \(command.verb) not understood"))
            if isSuspicious() { isEnding = true }
            return
        }
        // Only uploads may overtake the end of others: everything else sees what they have done.
        if command.verb != "STOR" { await settleCommits() }
        if case .passive(let passive) = dataPlan { passive.commandCame() }
        if let refusal = rule.refusal(command, in: self) { return await refuse(command, refusal) }
        // RNFR, REST and RANG belong to the command that follows at once.
        let restart = restartOffset
        let range = byteRange
        let source = renameSource
        await rule.handler(self, command)
        if !rule.keepsState {
            if restartOffset == restart { restartOffset = 0 }
            if byteRange == range { byteRange = nil }
            if renameSource == source { renameSource = nil }
        }
    }

    // MARK: Replies

    func send(_ reply: Reply) async {
        await send(reply.encoded)
    }

    func send(_ bytes: [UInt8]) async {
        replies.append(bytes)
        await flushReplies()
        // Another task is writing, or an earlier reply is not known yet: a client that asks on without reading must not fill the memory.
        while replies.byteCount > Self.maximumWaitingByteCount, !isEnding, !connection.isClosed {
            await loop.sleep(for: .milliseconds(5))
            await flushReplies()
        }
    }

    private static let maximumWaitingByteCount = 64 * 1024

    /// Writes out what is next in the queue, unless another task is doing that already.
    func flushReplies() async {
        guard !isWriting, !connection.isClosed else { return }
        isWriting = true
        defer { isWriting = false }
        while case let chunk = replies.takeReady(), !chunk.isEmpty {
            do {
                try await connection.write(chunk, timeout: settings.stallTimeout)
            } catch {
                isEnding = true
                transfer?.cancel()
                return
            }
        }
    }

    /// Whether bytes have come in clear behind the command that is being answered.
    var hasPipelinedBytes: Bool { !lines.isEmpty || connection.hasUnreadBytes }

    // MARK: Transfers

    /// Runs a transfer as a child task while commands are still read. Its final reply is sent when it is over; nil: it comes later.
    func runTransfer(_ body: @escaping @Sendable (Transfer) async -> Reply?) async {
        let transfer = Transfer()
        self.transfer = transfer
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                let reply = await body(transfer)
                self.transfer = nil
                if let reply { await send(reply) }
                connection.interruptRead()
                await transfer.linger()
            }
            await listenDuringTransfer(transfer)
        }
        connection.clearInterruption()
    }

    private func listenDuringTransfer(_ transfer: Transfer) async {
        while self.transfer === transfer {
            do {
                guard let command = try await readCommand(until: nil) else {
                    isEnding = true
                    transfer.cancel()
                    return
                }
                switch command.verb {
                case "NOOP": await send(Reply(200, "Transfer in progress"))
                case "STAT" where command.argument == nil: await send(statusReply())
                case "ABOR":
                    transfer.cancel()
                    await transfer.waitForEnd(on: loop) { self.transfer !== transfer }
                    await send(Reply(226, "Transfer aborted"))
                    return
                case "QUIT":
                    deferred = command
                    return
                default:
                    deferred = command
                    return
                }
            } catch TransportError.interrupted {
                continue
            } catch {
                isEnding = true
                transfer.cancel()
                return
            }
        }
    }
}
