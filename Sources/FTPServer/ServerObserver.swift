/// Whoever wants to know what becomes of connections, for the operator.
package import Transport

/// What no honest client does, or what somebody does to one.
package enum ConnectionRefusal: String, Sendable {
    /// Commands that stood in clear behind AUTH, as if they were protected.
    case clearBytesBehindAuth = "bytes in clear behind AUTH"
    case hostContradictsSNI = "HOST contradicts SNI"
    case foreignDataAddress = "data connection from a foreign address"
    case foreignDataTicket = "data connection with a foreign TLS ticket"
}

/// Strangers can cause each of these as often as they like.
package protocol ServerObserver: Sendable {
    /// A user proved who he is, but may not log in here.
    func loginRefused(user: String, peer: SocketAddress, reason: String) async

    /// A TLS handshake on a control connection failed.
    func handshakeFailed(peer: SocketAddress, reason: String) async

    func connectionRefused(_ refusal: ConnectionRefusal, peer: SocketAddress) async
}
