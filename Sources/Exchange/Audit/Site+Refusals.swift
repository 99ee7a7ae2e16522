/// What strangers are refused, told to the log and to the audit log in bounded measure.
import Audit
import Authentication
import FTPProtocol
package import FTPServer
import Logging
import Synchronization
package import Transport

extension RefusalMeter.Subject {
    fileprivate var kind: AuditEvent.Kind {
        switch self {
        case .login: .loginRefused
        case .handshake, .connection: .handshakeRefused
        case .ban: .networkBanned
        }
    }

    fileprivate var plural: String {
        switch self {
        case .login: "refused logins"
        case .handshake: "refused TLS handshakes"
        case .connection: "refused connections"
        case .ban: "bans"
        }
    }
}

extension RefusalMeter.Sum {
    fileprivate var text: String {
        let whence =
            switch source {
            case .network(let network): network.text
            case .others(0): "other networks"
            case .others(let number): "\(number) or more other networks"
            }
        return "\(count) further \(subject.plural) from \(whence) in \(seconds) s"
    }

    fileprivate var object: AuditEvent.Object {
        guard case .network(let network) = source else { return .init(count: count) }
        return .init(path: network.text, count: count)
    }
}

extension Site {
    /// Whether one more refusal of this network is told by itself; it is in a sum otherwise.
    private func isTold(_ subject: RefusalMeter.Subject, _ peer: SocketAddress) -> Bool {
        guard let key = NetworkKey(addressBytes: peer.bytes) else { return true }
        return refusals.withLock { $0.isTold(subject, from: RefusalMeter.network(of: key), now: .now) }
    }

    /// A login was refused. Returns whether that was told, or only counted.
    @discardableResult
    func tellRefusedLogin(
        _ actor: AuditEvent.Actor, from peer: SocketAddress, reason: String, outcome: AuditEvent.Outcome = .refused
    ) async -> Bool {
        count(.loginRefused, outcome, AuditEvent.Object())
        guard isTold(.login, peer) else { return false }
        var metadata: Logger.Metadata = ["session.peer": "\(peer)", "login.reason": "\(reason)"]
        if let account = actor.account { metadata["session.user"] = "\(account)" }
        logger.notice("login refused", metadata: metadata)
        await tellAudit(.loginRefused, outcome, actor: actor, reason: reason)
        return true
    }

    /// An automatic ban is in force.
    /// - Parameter isAccount: whether the name that the ban is about is known to be an account's. Another may be a password.
    func tell(_ ban: Ban, from peer: SocketAddress, isAccount: Bool) async {
        guard isTold(.ban, peer) else { return }
        let account = isAccount ? ban.account : nil
        logger.warning(
            "banned", metadata: ["ban.network": "\(ban.network.text)", "ban.account": "\(account ?? "")", "ban.reason": "\(ban.reason)"])
        let scope = ban.account != nil && account == nil ? " to one name, which is left out: it may be a password" : ""
        await tellAudit(
            .networkBanned, object: .init(path: ban.network.text, owner: account), reason: ban.auditReason(scope: scope))
    }

    /// Tells what was only counted, once a minute.
    /// - Parameter isEnd: now.
    func tellHeldRefusals(isEnd: Bool = false) async {
        for sum in refusals.withLock({ $0.sums(now: .now, isEnd: isEnd) }) {
            logger.warning("refusals were counted, not told one by one", metadata: ["refusals": "\(sum.text)"])
            await tellAudit(sum.subject.kind, sum.subject == .ban ? .success : .refused, object: sum.object, reason: sum.text)
        }
    }
}

extension Site: ServerObserver {
    package func loginRefused(user: String, peer: SocketAddress, reason: String) async {
        var actor = AuditEvent.Actor(peer: peer, tlsVersion: nil)
        actor.account = user
        await tellRefusedLogin(actor, from: peer, reason: reason)
    }

    package func handshakeFailed(peer: SocketAddress, reason: String) async {
        count(.handshakeRefused, .refused, AuditEvent.Object())
        guard isTold(.handshake, peer) else { return }
        await tellAudit(.handshakeRefused, .refused, actor: AuditEvent.Actor(peer: peer, tlsVersion: nil), reason: reason)
    }

    package func connectionRefused(_ refusal: ConnectionRefusal, peer: SocketAddress) async {
        guard isTold(.connection, peer) else { return }
        logger.warning("\(refusal.rawValue)", metadata: ["session.peer": "\(peer)"])
        await tellAudit(.handshakeRefused, .refused, actor: AuditEvent.Actor(peer: peer, tlsVersion: nil), reason: refusal.rawValue)
    }
}
