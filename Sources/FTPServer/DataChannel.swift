/// How the next data connection comes about, and the proof that it belongs to the session.
import FTPProtocol
import Logging
import Transport

/// What PASV, EPSV, PORT or EPRT arranged.
enum DataPlan {
    case none
    case passive(PassiveConnection)
    case active(SocketAddress)

    func cancel() {
        if case .passive(let passive) = self { passive.cancel() }
    }
}

extension ControlSession {
    /// A listener on the address of the control connection, on a random port of the configured range.
    func openPassiveListener() throws -> Listener {
        var address = connection.socketAddress
        guard let range = settings.passivePorts else {
            address.port = 0
            return try Listener(address, loop: loop, backlog: 16)
        }
        var candidates = Array(range)
        var lastError: any Error = TransportError.badAddress("no passive port is free")
        for _ in 0..<candidates.count {
            let index = Int.random(in: 0..<candidates.count)
            address.port = candidates.remove(at: index)
            do { return try Listener(address, loop: loop, backlog: 16) } catch { lastError = error }
        }
        throw lastError
    }

    /// Opens the planned data connection and checks that it is this session's. On failure the reply to give.
    func openDataConnection(_ plan: DataPlan, for transfer: Transfer) async -> Result<Connection, DataFailure> {
        switch plan {
        case .none:
            return .failure(DataFailure(Self.noDataConnection))
        case .active(let address):
            let data: Connection
            do {
                var source = connection.socketAddress
                source.port = 0
                data = try await Connection.connect(to: address, from: source, loop: loop, timeout: settings.dataConnectTimeout)
            } catch {
                return .failure(DataFailure(425, "Cannot open the data connection: \(error)"))
            }
            transfer.use(data)
            switch await examine(data) {
            case .proven: return .success(data)
            case .unproven(let failure): return .failure(await dismiss(failure.withConnection(data), of: transfer))
            case .failed(let failure):
                data.close()
                return .failure(failure)
            case .passedOver:
                data.close()
                return .failure(bindingFailure())
            }
        case .passive(let passive):
            switch await passive.take(within: settings.dataConnectTimeout) {
            case .success(let data):
                transfer.use(data)
                return .success(data)
            case .failure(let failure): return .failure(await dismiss(failure, of: transfer))
            }
        }
    }

    /// The connection is not taken. It is closed after the reply: a client that still sends would take a reset for the reason.
    private func dismiss(_ failure: DataFailure, of transfer: Transfer) async -> DataFailure {
        guard let data = failure.connection else { return failure }
        transfer.use(data)
        try? await data.finish(timeout: .seconds(1))
        transfer.afterwards { await data.drain(timeout: .seconds(2), limit: Self.refusedByteCount) }
        return failure
    }

    /// Whether a connection to the passive port comes from the client's address and proves to be his.
    func examine(_ candidate: DataCandidate, of passive: PassiveConnection) async -> Examination {
        let data = candidate.connection
        if settings.proxies.onData, settings.proxies.trusted.contain(data.peerAddress.bytes) {
            do { try await ProxyPreface.read(from: data, timeout: settings.handshakeTimeout) } catch {
                logger.warning("data connection without a proper PROXY header", metadata: ["data.peer": "\(data.peerAddress)", "error": "\(error)"])
                return .passedOver
            }
        }
        guard data.peerAddress.isSameHost(as: peer) else {
            await server.observer?.connectionRefused(.foreignDataAddress, peer: data.peerAddress)
            return .passedOver
        }
        await passive.waitForStart(of: candidate)
        do { try await data.waitForBytes() } catch { return .passedOver }
        candidate.isSilent = false
        let examination = await examine(data)
        switch examination {
        case .proven: if candidate.isAwaited { handshakesBeforeCommands = true }
        case .passedOver: await server.observer?.connectionRefused(.foreignDataTicket, peer: data.peerAddress)
        case .unproven, .failed: break
        }
        return examination
    }

    /// Makes the TLS handshake and checks the binding.
    private func examine(_ data: Connection) async -> Examination {
        data.acknowledgesQuickly = true
        do {
            guard let host = connection.tls?.host else { throw TransportError.closed }
            try await data.startTLS(context, role: .server(bindingID: nil, host: host), timeout: settings.handshakeTimeout)
        } catch {
            return .failed(DataFailure(425, "TLS handshake on the data connection failed: \(error)"))
        }
        return switch await binding(of: data) {
        case .proven: .proven
        case .missing: .unproven(bindingFailure())
        case .otherCertificate: .unproven(DataFailure(522, "The data connection must show the same client certificate as the control connection"))
        case .foreign: .passedOver
        }
    }

    private enum Binding { case proven, missing, foreign, otherCertificate }

    private func binding(of data: Connection) async -> Binding {
        let hasCertificate = data.tls?.peerCertificateDER == connection.tls?.peerCertificateDER
        guard let resumed = data.tls?.resumedBindingID else {
            guard dataBinding == .address, !hasResumed else { return .missing }
            return hasCertificate ? .proven : .otherCertificate
        }
        guard hasCertificate else { return .foreign }
        if resumed != bindingID {
            guard dataBinding != .session, await isOwn(resumed, while: { !data.isClosed }) else { return .foreign }
        }
        hasResumed = true
        return .proven
    }

    /// Whether a ticket of another control connection is the account's own. Clients that share their tickets over several connections use one
    /// before the connection that it came by has logged in: that is waited for.
    private func isOwn(_ resumed: [UInt8], while isWanted: () -> Bool) async -> Bool {
        guard let user = login?.user else { return false }
        let deadline = ContinuousClock.now + settings.handshakeTimeout
        while ContinuousClock.now < deadline, isWanted() {
            switch server.registry.kinship(of: resumed, with: user, from: peer) {
            case .same: return true
            case .foreign: return false
            case .undecided: await loop.sleep(for: .milliseconds(10))
            }
        }
        return false
    }

    private func bindingFailure() -> DataFailure {
        let demand = "The data connection must resume the TLS session of the control connection"
        let reason = dataBinding == .address ? ", as earlier ones did" : " (policy: \(dataBinding.rawValue))"
        let exception = dataBinding == .address ? "" : ". Without such a switch, ask the operator for --data-binding address"
        return DataFailure(522, "\(demand)\(reason). In the client, \(ResumptionAdvice.text(for: clientName))\(exception)")
    }
}

/// Why there is no data connection, as a reply.
struct DataFailure: Error {
    let reply: Reply
    /// The connection that was not taken, if it is still open.
    private(set) var connection: Connection?

    init(_ reply: Reply) { self.reply = reply }

    init(_ code: Int, _ text: String) { self.init(Reply(code, text)) }

    func withConnection(_ connection: Connection) -> DataFailure {
        var copy = self
        copy.connection = connection
        return copy
    }
}
