/// Logs accounts in: password check on its own threads, then the account's view of the tree.
import Authentication
import FTPServer
import Logging
import Transport

final class SiteAuthenticator: FTPServer.Authenticator {
    private let site: Site
    private let authenticator: AccountAuthenticator
    private let logger: Logger

    init(site: Site, logger: Logger) {
        self.site = site
        self.logger = logger
        authenticator = AccountAuthenticator(accounts: site.accounts)
    }

    func authenticate(user: String, password: String, peer: SocketAddress) async -> Login? {
        guard let network = NetworkKey(addressBytes: peer.bytes) else { return nil }
        let decision: AccountAuthenticator.Decision
        do {
            decision = try await site.loginPool.run { [site, authenticator] in
                try? site.refreshFolders()
                return try authenticator.authenticate(name: user, password: Password(password), peer: network)
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
            let binding: DataBinding =
                switch account.dataBinding {
                case .session: .session
                case .principal: .principal
                case .address: .address
                }
            var logger = logger
            logger[metadataKey: "session.user"] = "\(account.name)"
            return Login(user: account.name, dataBinding: binding, fileSystem: AccountFileSystem(site: site, account: account, logger: logger))
        }
    }
}
