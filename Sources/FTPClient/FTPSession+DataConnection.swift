// Data connections: always to the control connection's peer, always under TLS, resumed from the control connection.

internal import BlockMode
internal import FTPProtocol
internal import Transport

extension FTPSession {
    /// Makes a data connection for one command: TCP first, then the command, then TLS when the server says 150 or 125. While pipelining
    /// the one that is open serves further commands.
    ///
    /// - Parameter restart: sent as REST before the command when it is not 0.
    /// - Throws: `FTPClientError.refused` when the server says no; the session can go on then.
    func openData(_ verb: String, _ argument: String?, restart: UInt64 = 0) async throws -> DataStream {
        if let openBlocks {
            let reply = try await begin(verb, argument, restart: restart)
            guard reply.isPreliminary else {
                try await refused(verb, reply, over: openBlocks)
                throw FTPClientError.refused(command: verb, reply)
            }
            return .blocks(openBlocks)
        }
        let data = try await dialData()
        do {
            let reply = try await begin(verb, argument, restart: restart)
            guard reply.isPreliminary else { throw FTPClientError.refused(command: verb, reply) }
            try await protect(data)
        } catch {
            data.close()
            throw error
        }
        guard isPipelining else { return .stream(data) }
        let blocks = BlockStream(data)
        openBlocks = blocks
        return .blocks(blocks)
    }

    private func begin(_ verb: String, _ argument: String?, restart: UInt64) async throws -> Reply {
        if restart > 0 {
            let reply = try await control.command("REST", "\(restart)")
            guard reply.code == 350 else { throw FTPClientError.refused(command: "REST", reply) }
        }
        return try await control.command(verb, argument)
    }

    /// Whoever pipelines has promised a file for each upload, also for one that is refused. Without a data connection there is none.
    private func refused(_ verb: String, _ reply: Reply, over blocks: BlockStream) async throws {
        if reply.code == 425 || reply.code == 426 { return closeBlocks() }
        guard verb == "STOR" || verb == "APPE" else { return }
        do {
            try await blocks.finishFile(timeout: control.timeouts.stall)
        } catch {
            closeBlocks()
        }
    }

    /// EPSV comes first; after a refusal PASV, of whose reply only the port counts: the address may point anywhere.
    private func dialData() async throws -> Connection {
        var address = control.peerAddress
        address.port = try await passivePort()
        do {
            return try await Connection.connect(to: address, loop: loop, timeout: control.timeouts.connect)
        } catch {
            control.end()
            throw FTPClientError.connectionLost("data connection: \(error)")
        }
    }

    private func passivePort() async throws -> UInt16 {
        if !usesPASV {
            let reply = try await control.command("EPSV")
            if reply.code == 229 {
                do { return try DataAddress.parse229(reply.text) } catch { throw unexpected(reply) }
            }
            guard reply.isPermanentFailure else { throw FTPClientError.refused(command: "EPSV", reply) }
            usesPASV = true
        }
        let reply = try await control.command("PASV")
        guard reply.code == 227 else { throw FTPClientError.refused(command: "PASV", reply) }
        do { return try DataAddress.parse227(reply.text).port } catch { throw unexpected(reply) }
    }

    private func unexpected(_ reply: Reply) -> FTPClientError {
        control.end()
        return .unexpected("\(reply)")
    }

    /// TLS with the session of the control connection; the certificate must be the control connection's.
    private func protect(_ data: Connection) async throws {
        do {
            let session = control.connection.tls?.session
            try await data.startTLS(
                control.context, role: .client(name: control.endpoint.host, resuming: session), timeout: control.timeouts.handshake)
        } catch {
            // A server that refuses the data connection says why on the control connection.
            throw await controlReason(FTPClientError.tlsFailed("data connection: \(error)"))
        }
        guard data.tls?.peerCertificateDER == control.certificate else {
            control.end()
            throw FTPClientError.untrusted("the data connection shows another certificate than the control connection")
        }
    }

    /// The server's words when a data connection broke, or `other` when it says nothing soon. The session is over then.
    func controlReason(_ other: any Error) async -> any Error {
        closeBlocks()
        if let reply = try? await control.reply(within: .seconds(5)), reply.code >= 400 {
            return FTPClientError.refused(command: "transfer", reply)
        }
        control.end()
        return other
    }
}
