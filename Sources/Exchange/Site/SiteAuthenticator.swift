/// Logs accounts in: bans, password check on its own threads, the account's limits, then the account's view of the tree.
import Audit
import Authentication
import FTPServer
import Logging
import Transport

final class SiteAuthenticator: FTPServer.Authenticator {
    let site: Site
    private let authenticator: AccountAuthenticator
    private let rates = AccountRates()
    let logger: Logger

    init(site: Site, logger: Logger) {
        self.site = site
        self.logger = logger
        authenticator = AccountAuthenticator(accounts: site.accounts)
    }

    func refusal(of peer: SocketAddress) -> String? {
        guard site.loginGuard.ban(of: peer) != nil else { return nil }
        logger.info("connection from a banned network", metadata: ["session.peer": "\(peer)"])
        return LoginGuard.text
    }

    func authenticate(user: String, password: String, origin: LoginOrigin) async -> LoginAnswer {
        let peer = origin.peer
        let client = ClientFacts(origin)
        guard let network = NetworkKey(addressBytes: peer.bytes) else { return .refused() }
        // Whether the name is an account's makes no difference here.
        guard site.loginGuard.ban(of: peer, account: user) == nil else {
            logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "banned"])
            await site.record(.loginRefused, .refused, actor: client.peer, reason: "banned")
            return .banned(LoginGuard.text)
        }
        let decision: AccountAuthenticator.Decision
        let standing: (isEnough: Bool, certificate: ClientCertificate?)
        do {
            (decision, standing) = try await site.loginPool.run { [self] in
                try? site.refreshFolders()
                let decision = try authenticator.authenticate(name: user, password: Password(password), peer: network)
                guard case .accepted(let account) = decision.outcome else { return (decision, (false, nil)) }
                return (decision, try self.standing(of: account, certificate: origin.certificate))
            }
        } catch {
            logger.error("accounts cannot be read", metadata: ["error": "\(error)"])
            return .refused()
        }
        if decision.delay > .zero { try? await Task.sleep(for: decision.delay) }
        switch decision.outcome {
        case .refused(let reason):
            logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "\(reason)"])
            site.loginGuard.failed(user, from: peer)
            var actor = client.peer
            // What stands in place of a name that nobody has may be a password.
            if reason != .unknownAccount, reason != .impossiblePassword, Account.isValid(name: user) { actor.account = user }
            await site.record(.loginRefused, .refused, actor: actor, reason: reason.auditReason)
            return .refused()
        case .accepted(let account):
            site.loginGuard.succeeded(account.name, from: network)
            guard standing.isEnough else {
                logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "the client certificate is missing or not registered"])
                await site.record(.loginRefused, .refused, actor: client.actor(account), reason: "client certificate missing or not registered")
                return .refused()
            }
            return await admit(account, origin: origin, certificate: standing.certificate)
        }
    }

    /// Lets an account in that has proved itself, within its limits.
    /// - Parameter certificate: one that is registered for the account.
    func admit(_ account: Account, origin: LoginOrigin, certificate: ClientCertificate?) async -> LoginAnswer {
        let client = ClientFacts(origin)
        let limits: AccountLimits
        do {
            limits = try await site.loginPool.run { [site] in try site.limits.limits(of: account.name) }
        } catch {
            logger.error("limits cannot be read", metadata: ["error": "\(error)"])
            return .refused()
        }
        if let notice = limits.refusal(of: origin.peer) {
            logger.notice(
                "login refused", metadata: ["session.peer": "\(origin.peer)", "session.user": "\(account.name)", "login.reason": "\(notice)"])
            await site.record(.loginRefused, .refused, actor: client.actor(account), reason: notice)
            return .refused(notice: notice)
        }
        let binding: DataBinding =
            switch account.dataBinding {
            case .session: .session
            case .principal: .principal
            case .address: .address
            }
        var logger = logger
        logger[metadataKey: "session.user"] = "\(account.name)"
        let (uploads, downloads) = rates.buckets(of: account.name, limits)
        await site.record(.login, actor: client.actor(account))
        return .accepted(
            Login(
                user: account.name, dataBinding: binding, certificateRoles: roles(of: certificate),
                fileSystem: AccountFileSystem(site: site, account: account, client: client, logger: logger), maximumSessions: limits.sessions,
                uploads: uploads, downloads: downloads))
    }
}

extension ClientFacts {
    fileprivate init(_ origin: LoginOrigin) { self.init(peer: AuditEvent.Actor(peer: origin.peer, tlsVersion: origin.tlsVersion)) }
}

extension AccountAuthenticator.Refusal {
    fileprivate var auditReason: String {
        switch self {
        case .unknownAccount: "unknown account"
        case .disabled: "disabled account"
        case .wrongPassword: "wrong password"
        case .impossiblePassword: "impossible password"
        case .damaged: "the account is damaged"
        }
    }
}
