// USER, PASS, REIN, QUIT (RFC 959 §4.1.1); AUTH, PBSZ, PROT (RFC 4217, RFC 2228 §3).
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    func auth(_ command: Command) async {
        guard !isSecure else { return await send(Reply(503, "TLS is already in use")) }
        guard ["TLS", "TLS-C", "SSL"].contains(command.argument!.uppercased()) else {
            return await send(Reply(504, "Only AUTH TLS is supported"))
        }
        // Whatever stands in clear behind AUTH was put there by somebody who hopes that it counts as protected.
        guard !hasPipelinedBytes else {
            await server.observer?.connectionRefused(.clearBytesBehindAuth, peer: peer)
            isEnding = true
            return
        }
        await send(Reply(234, "Begin the TLS handshake"))
        do { try await startTLS() } catch { isEnding = true }
    }

    func protectionBufferSize(_ command: Command) async {
        await closeIdleChannel()
        hasProtectionBufferSize = true
        await send(Reply(200, command.argument == "0" ? "PBSZ=0" : "PBSZ=0 (TLS needs no buffer)"))
    }

    func protectionLevel(_ command: Command) async {
        guard hasProtectionBufferSize else { return await send(Reply(503, "Send PBSZ 0 first")) }
        switch command.argument!.uppercased() {
        case "P":
            await closeIdleChannel()
            isDataProtected = true
            await send(Reply(200, "Data connections are protected"))
        case "C": await send(Reply(534, "Data connections in clear are not allowed; use PROT P"))
        case "S", "E": await send(Reply(536, "Only PROT P is supported"))
        default: await send(Reply(504, "Unknown protection level; use PROT P"))
        }
    }

    func user(_ command: Command) async {
        guard isSecure else { return await send(Reply(530, "TLS is required: send AUTH TLS before USER")) }
        guard login == nil else { return await send(Reply(530, "Already logged in; REIN starts over")) }
        guard !mustRepeatHost else { return await send(Reply(503, "HOST came in clear, where anybody can write it: send it again, then USER")) }
        let name = command.argument!
        pendingUser = name
        pendingChallenge = nil
        let origin = origin
        if origin.certificate != nil, let login = await authenticator.authenticateByCertificate(user: name, origin: origin) {
            guard await isAdmitted(login) else { return await send(Reply(331, "Password required")) }
            pendingUser = nil
            return await welcome(login, Reply(232, "Logged in by certificate"))
        }
        await send(Reply(331, "Password required"))
    }

    func pass(_ command: Command) async {
        guard isSecure else { return await send(Reply(530, "TLS is required: send AUTH TLS before USER and PASS")) }
        guard login == nil else {
            // Clients that send USER and PASS in one go did not see 232 in time.
            return await send(isLoggedInByCertificate ? Reply(202, "No password is needed, the certificate was enough") : Reply(503, "Already logged in"))
        }
        guard let name = pendingUser else { return await send(Reply(503, "Send USER first")) }
        let challenge = pendingChallenge
        pendingUser = nil
        pendingChallenge = nil
        let answer =
            if let challenge { await challenge.answer(command.argument ?? "") } else {
                await authenticator.authenticate(user: name, password: command.argument ?? "", origin: origin)
            }
        switch answer {
        case .accepted(let login):
            guard await isAdmitted(login) else { return await refuseLogin(notice: nil) }
            await welcome(login, Reply(230, "Logged in"))
        case .challenge(let challenge):
            pendingUser = name
            pendingChallenge = challenge
            await send(Reply(331, challenge.prompt.isEmpty ? "One more answer required" : challenge.prompt))
        case .refused(let notice): await refuseLogin(notice: notice)
        case .banned(let text):
            isEnding = true
            await send(Reply(421, text))
        }
    }

    private func refuseLogin(notice: String?) async {
        loginFailures += 1
        isEnding = loginFailures >= settings.maximumLoginFailures
        await send(Reply(isEnding ? 421 : 530, isEnding ? "Too many failed logins" : notice ?? "Login incorrect"))
    }

    private func isAdmitted(_ login: Login) async -> Bool {
        if settings.hosts.admit(login.user, at: hostName) { return true }
        await server.observer?.loginRefused(user: login.user, peer: peer, reason: "the account is not for this host")
        await login.fileSystem.end()
        return false
    }

    private func welcome(_ login: Login, _ reply: Reply) async {
        guard server.registry.setUser(login.user, of: self, maximum: login.maximumSessions) else {
            await login.fileSystem.end()
            isEnding = true
            return await send(Reply(421, "Too many connections of this account (at most \(login.maximumSessions ?? 0)); close some first"))
        }
        let root = settings.hosts[hostName]?.folder ?? .root
        self.login = root.isRoot ? login : login.within(root)
        isLoggedInByCertificate = reply.code == 232
        logger[metadataKey: "session.user"] = "\(login.user)"
        logger.info("logged in", metadata: ["tls.version": "\(connection.tls?.version ?? "")"])
        await send(reply)
    }

    /// Logs the user out and sets all parameters back (RFC 959 §4.1.1). TLS stays: clear text would be refused anyway.
    func reinitialize() async {
        await closeDataConnections()
        blockMode = BlockModeState()
        if let login {
            await login.fileSystem.end()
            // For the next user; who has not logged in yet gains no time.
            loginBegan = .now
        }
        login = nil
        server.registry.clearUser(of: self)
        pendingUser = nil
        chosenHost = nil
        isLoggedInByCertificate = false
        hasResumed = false
        pendingChallenge = nil
        directory = .root
        restartOffset = 0
        byteRange = nil
        announcedByteCount = nil
        renameSource = nil
        usesOnlyExtendedPassive = false
        isDataProtected = isImplicit
        hasProtectionBufferSize = isImplicit
        transferType = "I"
        facts = .standard
        clientName = nil
        await send(Reply(220, "Ready for a new user"))
    }

    func quit() async {
        isEnding = true
        await send(Reply(221, "Good-bye"))
    }
}
