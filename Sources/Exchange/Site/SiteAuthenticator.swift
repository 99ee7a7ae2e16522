/// Logs accounts in: password check on its own threads, then the account's view of the tree.
import Authentication
import FTPServer
import Logging
import Transport

final class SiteAuthenticator: FTPServer.Authenticator {
    let site: Site
    private let authenticator: AccountAuthenticator
    let logger: Logger

    init(site: Site, logger: Logger) {
        self.site = site
        self.logger = logger
        authenticator = AccountAuthenticator(accounts: site.accounts)
    }

    func authenticate(user: String, password: String, origin: LoginOrigin) async -> Login? {
        let peer = origin.peer
        guard let network = NetworkKey(addressBytes: peer.bytes) else { return nil }
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
            return nil
        }
        if decision.delay > .zero { try? await Task.sleep(for: decision.delay) }
        switch decision.outcome {
        case .refused(let reason):
            logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "\(reason)"])
            return nil
        case .accepted(let account):
            guard standing.isEnough else {
                logger.notice("login refused", metadata: ["session.peer": "\(peer)", "login.reason": "the client certificate is missing or not registered"])
                return nil
            }
            return login(account, origin: origin, certificate: standing.certificate)
        }
    }

    /// - Parameter certificate: one that is registered for the account.
    func login(_ account: Account, origin: LoginOrigin, certificate: ClientCertificate?) -> Login {
        let binding: DataBinding =
            switch account.dataBinding {
            case .session: .session
            case .principal: .principal
            case .address: .address
            }
        var logger = logger
        logger[metadataKey: "session.user"] = "\(account.name)"
        return Login(
            user: account.name, dataBinding: binding, certificateRoles: roles(of: certificate),
            fileSystem: AccountFileSystem(site: site, account: account, logger: logger))
    }
}
