// Where data connections go: the addresses in replies to PASV, who may use active mode, and what looks wrong about them.
import FTPProtocol
import FTPServer
import Transport

extension Configuration {
    var dataConnectionProblems: [String] {
        listen.public_addresses.filter { Self.publicAddress($0) == nil }.map {
            "listen.public_addresses must hold entries such as \"203.0.113.7\" or \"10.0.0.0/8=10.1.2.3\", not \"\($0)\""
        }
            + listen.active_networks.filter { NetworkPrefix($0) == nil }.map {
                "listen.active_networks must hold networks such as \"192.0.2.10\" or \"10.20.0.0/16\", not \"\($0)\""
            }
    }

    /// `NETWORK=ADDRESS`, or the address alone for all clients.
    private static func publicAddress(_ text: String) -> PublicAddress? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = InternetAddress.parseIPv4(parts[parts.count - 1]), let network = NetworkPrefix(parts.count == 2 ? parts[0] : "0.0.0.0/0") else {
            return nil
        }
        return PublicAddress(network: network, address: address)
    }

    var publicAddresses: [PublicAddress] { listen.public_addresses.compactMap(Self.publicAddress) }

    var activeNetworks: [NetworkPrefix] { listen.active_networks.compactMap { NetworkPrefix($0) } }

    /// What can be meant, but mostly is a mistake; for the log at the start, and for the check-up.
    package var warnings: [String] {
        var warnings: [String] = []
        let settings = serverSettings
        if let ports = settings.passivePorts {
            if ports.count < limits.sessions {
                warnings.append(
                    "listen.passive_ports holds \(ports.count) ports for limits.sessions = \(limits.sessions): "
                        + "each session may wait on one, and gets 425 when none is left")
            }
            for entry in settings.listeners where ports.contains(entry.address.port) {
                warnings.append("listen.passive_ports holds port \(entry.address.port), where the server listens for sessions")
            }
        }
        for entry in settings.publicAddresses {
            let text = entry.address.map(String.init).joined(separator: ".")
            let clients = AddressKind(entry.network.bytes)
            switch AddressKind(entry.address) {
            case .noHost: warnings.append("listen.public_addresses: \(text) is the address of no host")
            case .loopback where clients != .loopback: warnings.append("listen.public_addresses: no other machine reaches \(text)")
            case .inner where clients != .inner && clients != .loopback:
                warnings.append("listen.public_addresses: \(text) is an address of an inner network, but clients from outside are told it")
            default: break
            }
        }
        for network in settings.activeNetworks where network.bitCount == 0 {
            warnings.append("listen.active_networks: every client may have the server connect back; name the partners that need it")
        }
        return warnings
    }
}
