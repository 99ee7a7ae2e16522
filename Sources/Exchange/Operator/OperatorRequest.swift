/// What the operator asks a running server, and what it answers: JSON both ways, over a socket in the data folder.
import FTPProtocol
import FTPServer
import Foundation
import Transport

package enum OperatorRequest: Codable, Equatable, Sendable {
    /// The live sessions.
    case who
    /// Ends sessions.
    /// - Parameter operator: who wants it, for the audit log.
    case kick(Choice, operator: String)

    package enum Choice: Codable, Equatable, Sendable {
        case session(String)
        case account(String)
        /// As `NetworkPrefix` reads it.
        case network(String)

        /// Nil: it cannot name anything.
        var predicate: ((SessionFacts) -> Bool)? {
            switch self {
            case .session(let id): return { $0.id == id }
            case .account(let name): return { $0.account == name }
            case .network(let text):
                guard let network = NetworkPrefix(text) else { return nil }
                return { network.contains($0.peer.bytes) }
            }
        }
    }
}

package struct OperatorAnswer: Codable, Equatable, Sendable {
    /// Those that live, or those that were ended.
    package var sessions: [SessionReport] = []
    /// Why there is no answer.
    package var problem: String?
}

/// A session as the commands show it.
package struct SessionReport: Codable, Equatable, Sendable {
    package let session: String
    /// Nil: not logged in.
    package let account: String?
    package let address: String
    package let port: UInt16
    /// Of the connection; ISO 8601.
    package let since: String
    /// Where the client reached the server: address, and "explicit" or "implicit".
    package let listener: String
    package let security: String
    /// The name of a `[[host]]`.
    package let host: String?
    package let tls: String?
    /// What the client calls itself (CLNT).
    package let client: String?
    /// What runs; nil while the session waits for a command.
    package let command: String?
    package let path: String?
    package let bytes: UInt64?
    /// How long it has run.
    package let runningSeconds: Double?
    /// How long nothing has run.
    package let idleSeconds: Double

    init(_ facts: SessionFacts, now: Date) {
        session = facts.id
        account = facts.account
        address = facts.peer.host
        port = facts.peer.port
        since = now.addingTimeInterval(-facts.age.seconds).ISO8601Format()
        listener = "\(facts.local)"
        security = facts.isImplicit ? "implicit" : "explicit"
        host = facts.host
        tls = facts.tlsVersion
        client = facts.client
        command = facts.activity?.verb
        path = facts.activity?.path
        bytes = facts.activity?.byteCount
        runningSeconds = facts.activity?.time.seconds
        idleSeconds = facts.idle.seconds
    }
}

extension Duration {
    /// To milliseconds.
    fileprivate var seconds: Double { (self / .milliseconds(1)).rounded() / 1000 }
}
