/// Logs accounts in: bans, password check on its own threads, the account's limits, then the account's view of the tree.
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
        guard let network = NetworkKey(addressBytes: peer.bytes) else { return .refused() }
        // Whether the name is an account's makes no difference here.
        guard site.loginGuard.ban(of: peer, account: user) == nil else {
            logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "banned"])
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
            return .refused()
        case .accepted(let account):
            site.loginGuard.succeeded(account.name, from: network)
            guard standing.isEnough else {
                logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "the client certificate is missing or not registered"])
                return .refused()
            }
            return await admit(account, origin: origin, certificate: standing.certificate)
        }
    }

    /// Lets an account in that has proved itself, within its limits.
    /// - Parameter certificate: one that is registered for the account.
    func admit(_ account: Account, origin: LoginOrigin, certificate: ClientCertificate?) async -> LoginAnswer {
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
        return .accepted(
            Login(
                user: account.name, dataBinding: binding, certificateRoles: roles(of: certificate),
                fileSystem: AccountFileSystem(site: site, account: account, logger: logger), maximumSessions: limits.sessions, uploads: uploads,
                downloads: downloads))
    }
}
