// PASV, PORT (RFC 959 §4.1.2), EPSV, EPRT (RFC 2428). Each reply carries a fresh TLS ticket for the data connection.
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    func passive() async {
        guard !usesOnlyExtendedPassive else { return await send(Reply(501, "EPSV ALL was given; use EPSV")) }
        let announced = settings.publicAddress(for: peer)
        guard connection.localAddress.family == .ipv4 || announced != nil else {
            return await send(Reply(425, "PASV has no IPv6 address; use EPSV"))
        }
        guard let port = await listen() else { return }
        let address = announced ?? connection.localAddress.bytes
        if AddressKind(address) == .inner, AddressKind(peer.bytes) == .outer, server.isFirstInnerAddress() {
            logger.warning(
                "PASV tells a client from outside an address of an inner network; set listen.public_addresses",
                metadata: ["passive.address": "\(address.map(String.init).joined(separator: "."))"])
        }
        let host = address.map(String.init).joined(separator: ".")
        guard let text = DataAddress(host: host, port: port)?.passiveText else { return await send(Reply(425, "Use EPSV")) }
        connection.tls?.issueTicket()
        await send(Reply(227, text))
    }

    func extendedPassive(_ command: Command) async {
        do {
            switch try ExtendedPassiveArgument(command.argument) {
            case .all:
                usesOnlyExtendedPassive = true
                return await send(Reply(200, "Only EPSV from now on"))
            case .family(let family) where family != (connection.localAddress.family == .ipv4 ? .ipv4 : .ipv6):
                return await send(Reply(522, "Network protocol not supported here, use (\(connection.localAddress.family == .ipv4 ? 1 : 2))"))
            case .any, .family: break
            }
        } catch DataAddressError.unsupportedProtocol {
            return await send(Reply(522, "Network protocol not supported, use (1,2)"))
        } catch {
            return await send(Reply(501, "EPSV argument not understood"))
        }
        guard let port = await listen() else { return }
        connection.tls?.issueTicket()
        await send(Reply(229, DataAddress.extendedPassiveText(port: port)))
    }

    /// ABOR when no transfer runs (RFC 959 §4.1.3): the data connection ends, and the port that waits for one.
    func abort() async {
        await closeDataConnections()
        await send(Reply(226, "No transfer is running"))
    }

    private func listen() async -> UInt16? {
        await closeDataConnections()
        do {
            let listener = try openPassiveListener()
            dataPlan = .passive(
                PassiveConnection(listener, loop: loop, limit: settings.dataConnectTimeout, startsAtOnce: handshakesBeforeCommands) { [self] in
                    await examine($0, of: $1)
                })
            return listener.address.port
        } catch {
            logger.error("no passive port", metadata: ["error": "\(error)"])
            await send(Reply(425, "No passive port is free; try again later"))
            return nil
        }
    }

    func port(_ command: Command) async {
        guard let address = try? DataAddress.parsePORT(command.argument!) else { return await send(Reply(501, "PORT argument not understood")) }
        await useActive(address)
    }

    func extendedPort(_ command: Command) async {
        do {
            await useActive(try DataAddress.parseEPRT(command.argument!))
        } catch DataAddressError.unsupportedProtocol {
            await send(Reply(522, "Network protocol not supported, use (1,2)"))
        } catch {
            await send(Reply(501, "EPRT argument not understood"))
        }
    }

    /// Connects back to the client itself only, and not to a privileged port: no bounce (RFC 2577 §3).
    private func useActive(_ target: DataAddress) async {
        guard settings.activeNetworks.contain(peer.bytes) else {
            return await send(Reply(502, "Active mode (PORT, EPRT) is not offered to your address; switch the client to passive mode: EPSV"))
        }
        guard !usesOnlyExtendedPassive else { return await send(Reply(501, "EPSV ALL was given; use EPSV")) }
        guard let address = SocketAddress(numeric: target.host, port: target.port), address.isSameHost(as: peer) else {
            return await send(Reply(504, "Data connections go to the client's own address only"))
        }
        guard address.port >= 1024 else { return await send(Reply(504, "Data connections go to ports from 1024 only")) }
        await closeDataConnections()
        dataPlan = .active(address)
        connection.tls?.issueTicket()
        await send(Reply(200, "Active mode"))
    }
}
