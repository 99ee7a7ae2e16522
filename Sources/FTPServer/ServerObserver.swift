/// Whoever wants to know what becomes of connections, for the operator.
package import Transport

package protocol ServerObserver: Sendable {
    /// A user proved who he is, but may not log in here.
    func loginRefused(user: String, peer: SocketAddress, reason: String) async

    /// A TLS handshake on a control connection failed.
    func handshakeFailed(peer: SocketAddress, reason: String) async
}
