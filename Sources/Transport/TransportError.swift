/// What can go wrong between two sockets: every error of this target, with the facts in the case.

package enum TransportError: Error, Equatable, Sendable {
    /// Nothing happened on the connection within its limit; `what` names the step ("TLS handshake", "read").
    case timedOut(String)
    /// The peer closed without a TLS close_notify: what was read may be incomplete.
    case truncated
    /// The connection was closed from this side while the call waited.
    case closed
    /// A waiting read was interrupted on purpose by `Connection.interruptRead()`.
    case interrupted
    /// The peer reset or refused the connection.
    case disconnected(String)
    /// TLS failed; the reasons are OpenSSL's.
    case tls(String)
    /// The certificate is not the one that was expected; the text says what to do.
    case untrusted(String)
    /// A system call failed.
    case system(call: String, code: Int32)
    /// An address or host name cannot be used.
    case badAddress(String)
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timedOut(let what): "\(what) timed out"
        case .truncated: "the peer closed the connection without a TLS close_notify"
        case .closed: "the connection is closed"
        case .interrupted: "interrupted"
        case .disconnected(let reason): reason
        case .tls(let reason): "TLS: \(reason)"
        case .untrusted(let reason): reason
        case .system(let call, let code): "\(call): \(systemMessage(code))"
        case .badAddress(let reason): reason
        }
    }
}
