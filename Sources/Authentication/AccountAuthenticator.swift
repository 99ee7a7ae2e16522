// Checks a name and a password, so that an outsider learns nothing but yes or no.
//
// Invariants:
// 1. Every refusal costs one hash: an unknown name, a disabled account, a damaged hash, a wrong or absurd password.
// 2. Only a success may be quicker, and only for a password that was found right before.
// 3. The reason of a refusal is for the operator's log; every refusal looks the same to the client.
import Synchronization

/// Joins accounts, the memory of recent successes and the throttle. `authenticate` blocks for a hash: call it on a thread pool.
package final class AccountAuthenticator: Sendable {
    package enum Outcome: Sendable {
        case accepted(Account, PAMGrant)
        /// PAM wants one more answer.
        case challenged(Challenge)
        /// For the operator's log only.
        case refused(Refusal)
    }

    package enum Refusal: Equatable, Sendable {
        case unknownAccount
        case disabled
        case wrongPassword
        /// Empty, or longer than any that can be set.
        case impossiblePassword
        /// The password is PAM's, and PAM is not in use; or the site's own, and those are not in use.
        case externalPassword
        case pam(PAMRefusal)
        /// The account's row or its hash cannot be believed.
        case damaged(String)
    }

    /// What was decided, and how long the answer has to wait.
    package struct Decision: Sendable {
        package let outcome: Outcome
        package let delay: Duration
    }

    let accounts: AccountStore
    /// Nil when the site does not use PAM.
    let pam: PAMHelper?
    private let usesVirtualAccounts: Bool
    private let cache: VerifiedCredentialCache
    private let throttle: Mutex<LoginThrottle>
    let now: @Sendable () -> ContinuousClock.Instant

    package init(
        accounts: AccountStore, cache: VerifiedCredentialCache = VerifiedCredentialCache(), throttle: LoginThrottle = LoginThrottle(),
        pam: PAMHelper? = nil, usesVirtualAccounts: Bool = true, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.accounts = accounts
        self.pam = pam
        self.usesVirtualAccounts = usesVirtualAccounts
        self.cache = cache
        self.throttle = Mutex(throttle)
        self.now = now
    }

    /// A login on its way.
    package enum Step: Sendable {
        case decided(Decision)
        /// PAM is asked next, which blocks for as long as its modules and the helper take, with no work to do here: not for the threads that hash.
        case asksPAM(@Sendable () -> Decision)
    }

    /// Decides on a login as far as the site can by itself. Throws only when the site database cannot be read: then nobody can log in.
    package func begin(name: String, password: Password, peer: NetworkKey, remote: String = "") throws -> Step {
        let start = now()
        var external: Account?
        let outcome = try check(name: name, password: password, external: &external)
        guard let pam, case .refused(let refusal) = outcome else { return .decided(decided(outcome, name: name, peer: peer, since: start)) }
        return .asksPAM { [self, external] in
            let outcome = askPAM(pam, name: name, refusal: refusal, account: external, password: password, peer: peer, remote: remote)
            return decided(outcome, name: name, peer: peer, since: start)
        }
    }

    /// Decides on a login. Throws as `begin` does.
    package func authenticate(name: String, password: Password, peer: NetworkKey, remote: String = "") throws -> Decision {
        switch try begin(name: name, password: password, peer: peer, remote: remote) {
        case .decided(let decision): decision
        case .asksPAM(let ask): ask()
        }
    }

    /// Counts the outcome and says how long its answer waits.
    func decided(_ outcome: Outcome, name: String, peer: NetworkKey, since start: ContinuousClock.Instant) -> Decision {
        let now = now()
        let delay = throttle.withLock { throttle in
            switch outcome {
            case .accepted: throttle.succeeded(account: name, network: peer, now: now)
            case .refused: throttle.failed(account: name, network: peer, now: now)
            case .challenged: Duration.zero
            }
        }
        guard pam != nil else { return Decision(outcome: outcome, delay: delay) }
        let floor: Duration =
            switch outcome {
            case .accepted: .zero
            case .challenged: Self.challengeFloor
            case .refused: Self.refusalFloor
            }
        return Decision(outcome: outcome, delay: delay + max(.zero, now.duration(to: start + floor)))
    }

    /// - Parameter external: the account, if its password is PAM's to decide.
    private func check(name: String, password: Password, external: inout Account?) throws -> Outcome {
        guard !password.isEmpty, password.byteCount <= PasswordHasher.maximumByteCount else {
            return refuse(.impossiblePassword, spendingFor: Password("password"))
        }
        let found: AccountStore.Credentials?
        do {
            found = try accounts.credentials(name)
        } catch let error as AuthenticationError {
            return refuse(.damaged(error.description), spendingFor: password)
        }
        guard let credentials = found else { return refuse(.unknownAccount, spendingFor: password) }
        guard !credentials.account.isDisabled else { return refuse(.disabled, spendingFor: password) }
        guard !credentials.account.usesPAM else {
            external = credentials.account
            return refuse(.externalPassword, spendingFor: password)
        }
        guard usesVirtualAccounts else { return refuse(.externalPassword, spendingFor: password) }
        let hash: ScryptHash
        do throws(AuthenticationError) {
            hash = try ScryptHash(credentials.storedHash)
        } catch {
            return refuse(.damaged(error.description), spendingFor: password)
        }
        let account = credentials.account
        if cache.contains(name: name, password: password, accountID: account.id, storedHash: credentials.storedHash, now: now()) {
            return .accepted(account, PAMGrant())
        }
        guard try accounts.hasher.matches(password, hash) else { return .refused(.wrongPassword) }
        cache.insert(name: name, password: password, accountID: account.id, storedHash: credentials.storedHash, now: now())
        return .accepted(account, PAMGrant())
    }

    private func refuse(_ refusal: Refusal, spendingFor password: Password) -> Outcome {
        accounts.hasher.spendEqualWork(password)
        return .refused(refusal)
    }
}
