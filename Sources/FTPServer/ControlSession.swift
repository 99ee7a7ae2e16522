/// One control connection: reads commands, checks them against the table, answers; at most one transfer runs beside it.
///
/// Invariants
/// 1. All of it runs on the connection's loop; a transfer is a child task there, so state needs no lock.
/// 2. Replies go out in the order in which they were queued, whichever task queues them.
/// 3. During a transfer NOOP, STAT and ABOR are answered at once; other commands wait for its end in their order, no more of them than
///    `CommandQueue` holds. QUIT lets it finish; the end of the connection ends it, and what waits is not carried out.
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

    var lines = CommandLineBuffer()
    var replies = ReplyQueue()
    private var isWriting = false
    /// Since when the client may log in.
    var loginBegan = ContinuousClock.now
    let connectedAt = ContinuousClock.now
    let isImplicit: Bool
    private let listener: ListenerSettings
    var suspicion = 0

    // What the commands change.
    /// By HOST; in clear it chooses the certificate, and no more.
    var chosenHost: TLSHostName?
    /// A HOST in clear was forgotten: nobody logs in until the client has said it again.
    var mustRepeatHost = false
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
    /// What has come behind it.
    var waiting = CommandQueue()
    /// Why the session ends when its transfer is over, if it is to.
    var farewell: String?
    /// The session ends at once: no transfer goes on or begins.
    private(set) var isKicked = false

    // What the operator sees.
    /// The command that is being carried out, with the time of its beginning.
    var running: (command: Command, since: ContinuousClock.Instant)?
    /// When the last command was over.
    var idleSince = ContinuousClock.now

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
        self.logger[metadataKey: "session.id"] = "\(id)"
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
        await closeDataConnections()
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
                forgetHostInClear(tls.requestedName)
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

    /// The operator ends the session, whatever it does: its transfer is cut off.
    func kick(saying text: String) {
        isKicked = true
        transfer?.cancel()
        end(saying: text)
    }

    /// Time is up: closes everything.
    func cutOff() {
        transfer?.cancel()
        connection.close()
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
}
