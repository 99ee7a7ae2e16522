/// What an operator can set about the FTP service, with its defaults.
package import Transport

package struct ServerSettings: Sendable {
    /// Addresses for explicit FTPS (AUTH TLS).
    package var explicitAddresses: [SocketAddress] = []
    /// Addresses where TLS starts at once.
    package var implicitAddresses: [SocketAddress] = []
    /// Ports for passive data connections; nil lets the system choose.
    package var passivePorts: ClosedRange<UInt16>?
    /// The address in replies to PASV, when the server stands behind NAT; four bytes.
    package var publicIPv4: [UInt8]?
    package var allowsActiveMode = true
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
}
