// `[[host]]` and `[[listener]]`: names with certificates of their own, and addresses with rules of their own.
import FTPProtocol
import FTPServer
import Transport

extension Configuration {
    package struct Host: Codable, Sendable {
        /// The names that clients ask for, by SNI or HOST.
        package var names: [String] = []
        /// Certificate chain, PEM, leaf first.
        package var certificate = ""
        /// Private key, PEM, readable by the server's user alone.
        package var key = ""
        /// Accounts that may log in here, and nowhere else; empty for all that no host lists.
        package var accounts: [String] = []
        /// The folder that sessions see as their root.
        package var folder = "/"

        package init() {}

        fileprivate var settings: VirtualHost {
            VirtualHost(names: names.map { $0.lowercased() }, accounts: Set(accounts), folder: (try? VirtualPath(absolute: folder)) ?? .root)
        }
    }

    package struct Listener: Codable, Sendable {
        /// As in listen.explicit.
        package var address = ""
        /// TLS starts at once.
        package var implicit = false
        /// What is demanded of data connections here at least: "session", "principal" or "address".
        package var data_binding = "address"

        package init() {}

        fileprivate var settings: ListenerSettings? {
            Configuration.address(address).map { ListenerSettings($0, isImplicit: implicit, dataBinding: DataBinding(rawValue: data_binding)) }
        }
    }

    var hostProblems: [String] {
        var problems: [String] = []
        var seen: Set<String> = []
        for entry in host {
            if entry.names.isEmpty { problems.append("host.names must hold a name") }
            for name in entry.names {
                if HostArgument(name) == nil { problems.append("host.names must hold host names, not \"\(name)\"") }
                if !seen.insert(name.lowercased()).inserted { problems.append("host.names must not hold \(name) twice") }
            }
            if entry.certificate.isEmpty { problems.append("host.certificate must be a PEM file") }
            if entry.key.isEmpty { problems.append("host.key must be a PEM file") }
            if (try? VirtualPath(absolute: entry.folder)) == nil { problems.append("host.folder must be a path such as \"/exchange/lab\"") }
        }
        for entry in listener {
            if Self.address(entry.address) == nil { problems.append("listener.address must be an address such as \"127.0.0.1:2121\"") }
            if DataBinding(rawValue: entry.data_binding) == nil { problems.append("listener.data_binding must be \"session\", \"principal\" or \"address\"") }
        }
        return problems
    }

    /// The hosts, as the TLS layer and as the FTP service need them.
    var virtualHosts: [VirtualHost] { host.map(\.settings) }

    var tlsHosts: [TLSHost] {
        host.map { TLSHost(names: $0.names.map { $0.lowercased() }, certificateChain: $0.certificate, privateKey: $0.key) }
    }

    /// All addresses to listen on.
    var listeners: [ListenerSettings] {
        listen.explicit.compactMap(Self.address).map { ListenerSettings($0) }
            + listen.implicit.compactMap(Self.address).map { ListenerSettings($0, isImplicit: true) } + listener.compactMap(\.settings)
    }
}
