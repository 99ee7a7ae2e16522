/// What somebody is told who logs in from the wrong place or at the wrong time. Only after right credentials.
import Authentication
import Foundation
import Transport

extension AccountLimits {
    /// Nil if the login is within the limits.
    func refusal(of peer: SocketAddress) -> String? {
        if !allows(network: peer.bytes) { return "This account may not log in from your network (\(peer.host)); ask the operator to allow it" }
        if let hours, !allows(atSeconds: Int64(Date().timeIntervalSince1970)) {
            return "This account may log in at these times only: \(hours.text) (\(hours.zoneName))"
        }
        return nil
    }
}
