/// Logs accounts in: bans, password check on its own threads, the account's limits, then the account's view of the tree.
import Audit
import Authentication
import FTPServer
import Logging
import Synchronization
import Transport

final class SiteAuthenticator: FTPServer.Authenticator {
    let site: Site
    private let authenticator: AccountAuthenticator
    private let pam: PAMHelper?
    private let isGoingDown = Atomic(false)
    private let rates = AccountRates()
    let logger: Logger

    init(site: Site, logger: Logger) {
        self.site = site
        self.logger = logger
        let settings = site.configuration.auth
        pam = settings.helper
        authenticator = AccountAuthenticator(accounts: site.accounts, pam: pam, usesVirtualAccounts: settings.methods.contains("virtual"))
    }

    /// Logins that wait, for PAM or before their answer, are refused at once, because the server goes down.
    func interrupt() {
        isGoingDown.store(true, ordering: .relaxed)
        pam?.interrupt()
    }

    /// Waits before an answer, unless the server goes down.
    private func wait(_ delay: Duration) async {
        let end = ContinuousClock.now + delay
        while !isGoingDown.load(ordering: .relaxed), case let rest = ContinuousClock.now.duration(to: end), rest > .zero {
            try? await Task.sleep(for: min(rest, .milliseconds(200)))
        }
    }

    func refusal(of peer: SocketAddress) -> String? {
        guard site.loginGuard.ban(of: peer) != nil else { return nil }
        logger.info("connection from a banned network", metadata: ["session.peer": "\(peer)"])
        return LoginGuard.text
    }

    func authenticate(user: String, password: String, origin: LoginOrigin) async -> LoginAnswer {
        guard let network = NetworkKey(addressBytes: origin.peer.bytes) else { return .refused() }
        let secret = Password(password)
        return await decide(user, network, origin) { [site, authenticator] in
            try? site.refreshFolders()
            return try authenticator.begin(name: user, password: secret, peer: network, remote: origin.peer.host)
        }
    }

    /// Runs a decision on the login pool, waits as long as it says, and tells the session.
    private func decide(
        _ user: String, _ network: NetworkKey, _ origin: LoginOrigin, _ body: @escaping @Sendable () throws -> AccountAuthenticator.Step
    ) async -> LoginAnswer {
        let peer = origin.peer
        let client = ClientFacts(origin)
        // Whether the name is an account's makes no difference here.
        guard site.loginGuard.ban(of: peer, account: user) == nil else {
            await site.tellRefusedLogin(client.peer, from: peer, reason: "banned")
            return .banned(LoginGuard.text)
        }
        let decision: AccountAuthenticator.Decision
        let standing: (isEnough: Bool, certificate: ClientCertificate?)
        do {
            switch try await site.loginPool.run(body) {
            case .decided(let own): decision = own
            case .asksPAM(let ask): decision = try await site.helperPool.run(ask)
            }
            standing = try await site.loginPool.run { [self] in
                guard case .accepted(let account, _) = decision.outcome else { return (false, nil) }
                return try self.standing(of: account, certificate: origin.certificate)
            }
        } catch {
            if await site.tellRefusedLogin(client.peer, from: peer, reason: "accounts cannot be read", outcome: .failed) {
                logger.error("accounts cannot be read", metadata: ["error": "\(error)"])
            }
            return .refused()
        }
        await wait(decision.delay)
        switch decision.outcome {
        case .refused(let reason):
            // What stands in place of a name that nobody has may be a password.
            let isAccount = reason != .unknownAccount && reason != .impossiblePassword && Account.isValid(name: user)
            var actor = client.peer
            if isAccount { actor.account = user }
            let isTold = await site.tellRefusedLogin(actor, from: peer, reason: reason.auditReason)
            if isTold, case .pam(.helper(let text)) = reason { logger.error("PAM does not work", metadata: ["error": "\(text)"]) }
            if let ban = await site.loginGuard.failed(user, from: peer) { await site.tell(ban, from: peer, isAccount: isAccount) }
            return .refused(notice: reason.notice)
        case .challenged(let challenge):
            // Whoever leaves without an answer has guessed in vain, too.
            let question = OpenQuestion { [self] in
                Task {
                    await site.tellRefusedLogin(client.peer, from: peer, reason: "PAM: no answer to a prompt")
                    if let ban = await site.loginGuard.failed(user, from: peer) { await site.tell(ban, from: peer, isAccount: false) }
                }
            }
            return .challenge(
                LoginChallenge(prompt: challenge.prompt) { [self] text in
                    question.settle()
                    let secret = Password(text)
                    return await decide(user, network, origin) { [authenticator] in .asksPAM { authenticator.answer(challenge, with: secret) } }
                })
        case .accepted(let account, let grant):
            site.loginGuard.succeeded(account.name, from: network)
            guard standing.isEnough else {
                await site.tellRefusedLogin(client.actor(account), from: peer, reason: "client certificate missing or not registered")
                return .refused()
            }
            return await admit(account, origin: origin, certificate: standing.certificate, grant: grant)
        }
    }

    /// Lets an account in that has proved itself, within its limits.
    /// - Parameter certificate: one that is registered for the account.
    func admit(_ account: Account, origin: LoginOrigin, certificate: ClientCertificate?, grant: PAMGrant = PAMGrant()) async -> LoginAnswer {
        let client = ClientFacts(origin)
        let limits: AccountLimits
        do {
            limits = try await site.loginPool.run { [site] in try site.limits.limits(of: account.name) }
        } catch {
            logger.error("limits cannot be read", metadata: ["error": "\(error)"])
            return .refused()
        }
        if let notice = limits.refusal(of: origin.peer) {
            await site.tellRefusedLogin(client.actor(account), from: origin.peer, reason: notice)
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
        let certificateRoles = roles(of: certificate)
        let fileSystem = AccountFileSystem(
            site: site, account: account, permissions: site.configuration.roleMapping.permissions(of: grant.roles.union(certificateRoles)),
            session: grant.session, client: client, logger: logger)
        return .accepted(
            Login(
                user: account.name, dataBinding: binding, certificateRoles: certificateRoles, fileSystem: fileSystem, maximumSessions: limits.sessions,
                uploads: uploads, downloads: downloads))
    }
}

/// A prompt that waits for its answer.
private final class OpenQuestion: Sendable {
    private let abandoned: Mutex<(@Sendable () -> Void)?>

    init(_ abandoned: @escaping @Sendable () -> Void) { self.abandoned = Mutex(abandoned) }

    func settle() { abandoned.withLock { $0 = nil } }

    deinit { abandoned.withLock { $0 }?() }
}

extension ClientFacts {
    fileprivate init(_ origin: LoginOrigin) { self.init(peer: AuditEvent.Actor(peer: origin.peer, tlsVersion: origin.tlsVersion)) }
}

extension AccountAuthenticator.Refusal {
    /// What may be said to somebody who knew the password; everybody else hears the same.
    fileprivate var notice: String? {
        switch self {
        case .pam(.mustChangePassword): "Password expired: change it first, it cannot be changed over FTP"
        case .pam(.expired): "Account expired: ask the operator of the server"
        case .pam(.locked): "Account locked, or not allowed here at this time: ask the operator of the server"
        default: nil
        }
    }

    fileprivate var auditReason: String {
        switch self {
        case .unknownAccount: "unknown account"
        case .disabled: "disabled account"
        case .wrongPassword: "wrong password"
        case .impossiblePassword: "impossible password"
        case .externalPassword: "no password of this kind is in use"
        case .pam(.denied): "PAM: wrong password"
        case .pam(.expired): "PAM: account expired"
        case .pam(.locked): "PAM: account locked"
        case .pam(.mustChangePassword): "PAM: password expired"
        case .pam(.helper): "PAM does not work"
        case .damaged: "the account is damaged"
        }
    }
}
