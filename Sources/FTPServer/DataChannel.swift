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
            return try Listener(address, loop: loop, backlog: 4)
        }
        var candidates = Array(range)
        var lastError: any Error = TransportError.badAddress("no passive port is free")
        for _ in 0..<candidates.count {
            let index = Int.random(in: 0..<candidates.count)
            address.port = candidates.remove(at: index)
            do { return try Listener(address, loop: loop, backlog: 4) } catch { lastError = error }
        }
        throw lastError
    }

    /// Opens the planned data connection and checks that it is this session's. On failure the reply to give.
    func openDataConnection(_ plan: DataPlan, for transfer: Transfer) async -> Result<Connection, DataFailure> {
        switch plan {
        case .none:
            return .failure(DataFailure(425, "Send PASV, EPSV, PORT or EPRT first"))
        case .active(let address):
            do {
                var source = connection.socketAddress
                source.port = 0
                let data = try await Connection.connect(to: address, from: source, loop: loop, timeout: settings.dataConnectTimeout)
                transfer.use(data)
                return await secure(data) ?? .failure(bindingFailure())
            } catch {
                return .failure(DataFailure(425, "Cannot open the data connection: \(error)"))
            }
        case .passive(let passive):
            let outcome = await passive.take(within: settings.dataConnectTimeout)
            if case .success(let data) = outcome { transfer.use(data) }
            return outcome
        }
    }

    /// Takes the first connection that comes from the client's address and proves to be his; others do not use the port up.
    func accept(for passive: PassiveConnection) async -> Result<Connection, DataFailure> {
        while true {
            do {
                let socket = try await passive.nextSocket()
                let data = try Connection(accepted: socket, loop: loop)
                passive.use(data)
                if settings.proxies.onData, settings.proxies.trusted.contain(data.peerAddress.bytes) {
                    do { try await ProxyPreface.read(from: data, timeout: settings.handshakeTimeout) } catch {
                        logger.warning("data connection without a proper PROXY header", metadata: ["data.peer": "\(data.peerAddress)", "error": "\(error)"])
                        data.close()
                        continue
                    }
                }
                guard data.peerAddress.isSameHost(as: peer) else {
                    logger.warning("data connection from a foreign address", metadata: ["data.peer": "\(data.peerAddress)"])
                    data.close()
                    continue
                }
                if !handshakesBeforeCommands { handshakesBeforeCommands = await passive.isHandshakeAwaited(on: data) }
                guard let outcome = await secure(data, patiently: { passive.isPatient }) else {
                    logger.warning("data connection with a foreign TLS ticket")
                    continue
                }
                return outcome
            } catch TransportError.timedOut {
                return .failure(DataFailure(425, "No data connection came; check that the passive ports are reachable"))
            } catch {
                return .failure(DataFailure(425, "Cannot open the data connection: \(error)"))
            }
        }
    }

    /// Makes the TLS handshake and checks the binding. Nil: a ticket of somebody else, to be passed over.
    /// - Parameter isPatient: whether a client that has sent nothing yet may still begin.
    private func secure(_ data: Connection, patiently isPatient: () -> Bool = { false }) async -> Result<Connection, DataFailure>? {
        data.acknowledgesQuickly = true
        do {
            guard let host = connection.tls?.host else { throw TransportError.closed }
            while true {
                do {
                    try await data.startTLS(context, role: .server(bindingID: nil, host: host), timeout: settings.handshakeTimeout)
                    break
                } catch TransportError.timedOut where isPatient() {}
            }
        } catch {
            data.close()
            return .failure(DataFailure(425, "TLS handshake on the data connection failed: \(error)"))
        }
        switch await binding(of: data) {
        case .proven: return .success(data)
        case .missing:
            data.close()
            return .failure(bindingFailure())
        case .otherCertificate:
            data.close()
            return .failure(DataFailure(522, "The data connection must show the same client certificate as the control connection"))
        case .foreign:
            data.close()
            return nil
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

    init(_ code: Int, _ text: String) { reply = Reply(code, text) }
}
