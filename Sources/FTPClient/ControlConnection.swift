// The control connection: TLS before anything else, commands that cannot be forged, replies in bounded memory.
//
// 1. Not one command but AUTH is sent in clear; any reply to it but 234 ends the session.
// 2. Bytes that were read behind the 234 end the session: they came in clear (CVE-2021-22947).
// 3. After a timeout, a malformed reply or a lost connection nothing more is sent or read.

internal import FTPProtocol
internal import Transport

/// One control connection. Used by one task at a time, on the loop of its connection; whoever opened it calls `end()`.
final class ControlConnection {
    let connection: Connection
    let context: TLSContext
    let endpoint: ServerEndpoint
    let timeouts: ClientTimeouts
    private let buffer = IOBuffer(byteCount: 16 * 1024)
    private var replies = ReplyBuffer()
    private(set) var isEnded = false
    /// Facts of the TLS connection, which outlive it.
    private(set) var certificate: [UInt8]?
    private(set) var tlsVersion = ""

    private init(connection: Connection, context: TLSContext, endpoint: ServerEndpoint, timeouts: ClientTimeouts) {
        self.connection = connection
        self.context = context
        self.endpoint = endpoint
        self.timeouts = timeouts
    }

    /// Connects and begins TLS; gives the connection back ready for USER. Must be called on `loop`.
    static func open(
        _ endpoint: ServerEndpoint, timeouts: ClientTimeouts, loop: EventLoop, pool: BlockingPool
    ) async throws -> ControlConnection {
        let context: TLSContext
        do {
            context = try TLSContext.client(trust: endpoint.trust, identity: endpoint.identity)
        } catch {
            throw FTPClientError.tlsFailed("\(error)")
        }
        let connection = try await dial(endpoint, timeouts: timeouts, loop: loop, pool: pool)
        let control = ControlConnection(connection: connection, context: context, endpoint: endpoint, timeouts: timeouts)
        do {
            switch endpoint.security {
            case .implicit:
                try await control.startTLS()
                try await control.expectGreeting()
            case .explicit:
                try await control.expectGreeting()
                let reply = try await control.command("AUTH", "TLS")
                guard reply.code == 234 else { throw FTPClientError.tlsRefused(reply) }
                guard control.replies.isEmpty, !connection.hasUnreadBytes else { throw FTPClientError.injectedReplies }
                try await control.startTLS()
            }
            return control
        } catch {
            control.end()
            throw error
        }
    }

    private static func dial(
        _ endpoint: ServerEndpoint, timeouts: ClientTimeouts, loop: EventLoop, pool: BlockingPool
    ) async throws -> Connection {
        var reason = "the name has no address"
        do {
            let (host, port) = (endpoint.host, endpoint.port)
            for address in try await pool.run({ try SocketAddress.resolve(host: host, port: port) }) {
                do {
                    return try await Connection.connect(to: address, loop: loop, timeout: timeouts.connect)
                } catch {
                    reason = "\(error)"
                }
            }
        } catch {
            reason = "\(error)"
        }
        throw FTPClientError.cannotConnect(host: "\(endpoint.host):\(endpoint.port)", reason: reason)
    }

    private func startTLS() async throws {
        do {
            try await connection.startTLS(context, role: .client(name: endpoint.host, resuming: nil), timeout: timeouts.handshake)
        } catch let error as TransportError {
            if case .untrusted(let reason) = error { throw FTPClientError.untrusted(reason) }
            throw FTPClientError.tlsFailed("\(error)")
        }
        certificate = connection.tls?.peerCertificateDER
        tlsVersion = connection.tls?.version ?? ""
    }

    private func expectGreeting() async throws {
        var reply = try await self.reply(within: timeouts.reply)
        if reply.code == 120 { reply = try await self.reply(within: timeouts.reply) }
        guard reply.code == 220 else { throw FTPClientError.refused(command: "connection", reply) }
    }

    /// The numeric address of the server; data connections go there and nowhere else.
    var peerAddress: SocketAddress { connection.peerAddress }

    /// Sends a command and waits for its reply, whatever it says.
    func command(_ verb: String, _ argument: String? = nil, within timeout: Duration? = nil) async throws -> Reply {
        try await send(verb, argument)
        return try await reply(within: timeout ?? timeouts.reply)
    }

    /// Sends a command and throws when the reply is no completion (2xx).
    @discardableResult
    func complete(_ verb: String, _ argument: String? = nil, within timeout: Duration? = nil) async throws -> Reply {
        let reply = try await command(verb, argument, within: timeout)
        guard reply.isCompletion else { throw FTPClientError.refused(command: verb, reply) }
        return reply
    }

    /// Sends a command. An argument that would end the line is never sent.
    func send(_ verb: String, _ argument: String?) async throws {
        if let argument, argument.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw FTPClientError.unsafeName(argument.escapingControls)
        }
        try await send(line: Array((argument.map { "\(verb) \($0)\r\n" } ?? "\(verb)\r\n").utf8))
    }

    /// Sends PASS. The password does not become a `String`, which could not be wiped.
    func send(password: [UInt8]) async throws {
        guard !password.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw FTPClientError.unsafeName("password: it holds a control character")
        }
        try await send(line: Array("PASS ".utf8) + password + [0x0D, 0x0A])
    }

    private func send(line: [UInt8]) async throws {
        try requireOpen()
        try await ending { try await connection.write(line, timeout: timeouts.reply) }
    }

    /// Waits for the next reply. A timeout ends the session: later replies could be taken for those to other commands.
    func reply(within timeout: Duration) async throws -> Reply {
        try requireOpen()
        while true {
            switch replies.next() {
            case .success(let reply):
                if reply.code == 421 { end() }
                return reply
            case .failure(let error):
                end()
                throw FTPClientError.malformedReply(error)
            case nil:
                let count = try await ending { try await unsafe connection.read(into: buffer.bytes, timeout: timeout) }
                guard count > 0 else {
                    end()
                    throw FTPClientError.connectionLost("the server closed it")
                }
                unsafe replies.append(buffer.prefix(count))
            }
        }
    }

    private func requireOpen() throws {
        guard !isEnded else { throw FTPClientError.connectionLost("the session has ended") }
    }

    /// Runs a step of the connection; when it fails the session ends.
    private func ending<R>(_ step: () async throws -> R) async throws -> R {
        do {
            return try await step()
        } catch let error as TransportError {
            end()
            throw FTPClientError(error)
        } catch {
            end()
            throw error
        }
    }

    /// Closes the connection. Must be called on the loop.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        connection.close()
    }
}

extension FTPClientError {
    init(_ error: TransportError) {
        switch error {
        case .timedOut(let what): self = .timedOut(what)
        case .truncated: self = .truncated
        case .untrusted(let reason): self = .untrusted(reason)
        case .tls(let reason): self = .tlsFailed(reason)
        default: self = .connectionLost("\(error)")
        }
    }
}
