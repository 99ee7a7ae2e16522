/// What an operator can set about the FTP service, with its defaults.
package import FTPProtocol
package import Transport

package struct ServerSettings: Sendable {
    package var listeners: [ListenerSettings] = []
    /// The hosts with names and certificates of their own.
    package var hosts: [VirtualHost] = []
    /// Ports for passive data connections, shared by all sessions; nil lets the system choose.
    package var passivePorts: ClosedRange<UInt16>?
    /// The addresses in replies to PASV, for servers behind NAT.
    package var publicAddresses: [PublicAddress] = []
    /// The clients to whom the server connects (PORT, EPRT).
    package var activeNetworks: [NetworkPrefix] = []
    package var proxies = ProxySettings()
    package var maximumSessions = 4096
    package var maximumSessionsPerAddress = 256
    package var handshakeTimeout: Duration = .seconds(10)
    package var loginTimeout: Duration = .seconds(60)
    package var idleTimeout: Duration = .seconds(300)
    /// A transfer in which nothing moves for this long is cut off.
    package var stallTimeout: Duration = .seconds(60)
    /// How long to wait for the client's data connection.
    package var dataConnectTimeout: Duration = .seconds(20)
    package var maximumLoginFailures = 3
    /// Accepts an upload whose data connection ended without close_notify. Only for partners whose software cannot do better.
    package var acceptsUncleanUploadEnd = false
    package var greeting = "phrd ready. TLS is required: AUTH TLS"

    package init() {}

    /// The IPv4 address to tell a client in a reply to PASV; nil for the connection's own. The narrowest network that holds the client decides.
    func publicAddress(for client: SocketAddress) -> [UInt8]? {
        publicAddresses.filter { $0.network.contains(client.bytes) }.max { $0.network.bitCount < $1.network.bitCount }?.address
    }
}

/// An address to listen on.
package struct ListenerSettings: Sendable {
    package var address: SocketAddress
    /// TLS starts at once, without AUTH TLS.
    package var isImplicit: Bool
    /// What is demanded here of data connections at least; an account may demand more.
    package var dataBinding: DataBinding?

    package init(_ address: SocketAddress, isImplicit: Bool = false, dataBinding: DataBinding? = nil) {
        self.address = address
        self.isImplicit = isImplicit
        self.dataBinding = dataBinding
    }
}

/// What clients of one network see as the server's address.
package struct PublicAddress: Sendable, Equatable {
    package let network: NetworkPrefix
    /// 4 bytes.
    package let address: [UInt8]

    package init(network: NetworkPrefix, address: [UInt8]) {
        self.network = network
        self.address = address
    }
}

/// Load balancers that say for whom they connect (PROXY protocol, version 2).
package struct ProxySettings: Sendable {
    /// Who must begin each connection with a header. Nobody else's header is believed.
    package var trusted: [NetworkPrefix] = []
    package var onControl = false
    package var onData = false

    package init() {}
}

/// A host with names and a certificate of its own.
package struct VirtualHost: Sendable {
    /// Lower case; the first stands for the host.
    package var names: [String]
    /// Who may log in here, and, if he is listed at any host, nowhere else; empty for all who are listed nowhere.
    package var accounts: Set<String>
    /// The folder that sessions see as their root.
    package var folder: VirtualPath

    package init(names: [String], accounts: Set<String> = [], folder: VirtualPath = .root) {
        self.names = names
        self.accounts = accounts
        self.folder = folder
    }
}

extension [VirtualHost] {
    package subscript(_ name: TLSHostName) -> VirtualHost? {
        guard case .named(let first) = name else { return nil }
        return self.first { $0.names.first == first }
    }

    /// The host that goes by a name.
    func find(_ name: String) -> TLSHostName? { first { $0.names.contains(name) }?.names.first.map { .named($0) } }

    /// Whether an account may log in at a host.
    func admit(_ user: String, at host: TLSHostName) -> Bool {
        let accounts = self[host]?.accounts ?? []
        return accounts.isEmpty ? !contains { $0.accounts.contains(user) } : accounts.contains(user)
    }
}
