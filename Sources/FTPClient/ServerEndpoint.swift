// Which server to talk to, whom to trust there, and how long to wait.

package import Transport

/// A server's address and the way TLS begins.
package struct ServerEndpoint: Sendable {
    package enum Security: String, Sendable {
        /// `AUTH TLS` on the control connection (RFC 4217).
        case explicit
        /// TLS from the first byte.
        case implicit
    }

    package let host: String
    package let port: UInt16
    package let security: Security
    package let trust: TLSTrust
    /// What to show the server when it asks for a certificate.
    package let identity: TLSIdentity?

    package init(host: String, port: UInt16, security: Security, trust: TLSTrust, identity: TLSIdentity? = nil) {
        self.host = host
        self.port = port
        self.security = security
        self.trust = trust
        self.identity = identity
    }
}

/// How long to wait before a silent peer is given up.
package struct ClientTimeouts: Sendable {
    package var connect: Duration = .seconds(15)
    package var handshake: Duration = .seconds(15)
    package var reply: Duration = .seconds(60)
    /// For each wait on a data connection: slow is allowed, stalled is not.
    package var stall: Duration = .seconds(60)
    /// For the reply after a transfer, when the server makes an upload durable.
    package var completion: Duration = .seconds(180)

    package init() {}
}
