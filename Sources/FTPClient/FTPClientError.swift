// What can go wrong between the client and a server, with the reply where there is one.

package import FTPProtocol

/// Why a step of an FTP session failed. After `endsSession` the connection is closed.
package enum FTPClientError: Error, Sendable {
    case cannotConnect(host: String, reason: String)
    /// The certificate is not one that the profile trusts.
    case untrusted(String)
    /// The server does not begin TLS; nothing was sent in clear.
    case tlsRefused(Reply)
    case tlsFailed(String)
    /// Bytes in clear followed the reply to AUTH TLS: somebody may have put them there.
    case injectedReplies
    case loginRefused(Reply)
    /// The server said no to one command.
    case refused(command: String, Reply)
    case malformedReply(ReplyError)
    /// A reply with the right form but the wrong meaning.
    case unexpected(String)
    case timedOut(String)
    case connectionLost(String)
    /// A data connection ended without TLS's proper end.
    case truncated
    /// A name that would forge a command, or that a listing must not hold.
    case unsafeName(String)
    case listingTooLarge(limit: Int)
    case malformedListing(String)
}

extension FTPClientError {
    /// Whether the connection is of no more use: nothing may be guessed about replies that are still to come.
    package var endsSession: Bool {
        switch self {
        case .refused, .unsafeName: false
        default: true
        }
    }

    /// The reply with which the server refused, if it did.
    package var reply: Reply? {
        switch self {
        case .tlsRefused(let reply), .loginRefused(let reply), .refused(_, let reply): reply
        default: nil
        }
    }
}

extension FTPClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotConnect(let host, let reason): "cannot connect to \(host): \(reason)"
        case .untrusted(let reason): reason
        case .tlsRefused(let reply): "the server does not offer TLS (\(reply))"
        case .tlsFailed(let reason): "TLS with the server failed: \(reason)"
        case .injectedReplies: "data in clear followed the reply to AUTH TLS; the connection was given up"
        case .loginRefused(let reply): "login refused: \(reply.text)"
        case .refused(let command, let reply): "\(command) refused: \(reply)"
        case .malformedReply(let error): error.description
        case .unexpected(let what): "unexpected answer of the server: \(what)"
        case .timedOut(let what): "\(what) timed out"
        case .connectionLost(let reason): "the connection was lost: \(reason)"
        case .truncated: "the transfer was cut off before its end"
        case .unsafeName(let name): "the name \(name) cannot be used"
        case .listingTooLarge(let limit): "the listing is larger than \(limit) bytes"
        case .malformedListing(let reason): reason
        }
    }
}
