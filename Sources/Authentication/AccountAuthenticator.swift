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
        case accepted(Account)
        /// For the operator's log only.
        case refused(Refusal)
    }

    package enum Refusal: Equatable, Sendable {
        case unknownAccount
        case disabled
        case wrongPassword
        /// Empty, or longer than any that can be set.
        case impossiblePassword
        /// The account's row or its hash cannot be believed.
        case damaged(String)
    }

    /// What was decided, and how long the answer has to wait.
    package struct Decision: Sendable {
        package let outcome: Outcome
        package let delay: Duration
    }

    private let accounts: AccountStore
    private let cache: VerifiedCredentialCache
    private let throttle: Mutex<LoginThrottle>
    private let now: @Sendable () -> ContinuousClock.Instant

    package init(
        accounts: AccountStore, cache: VerifiedCredentialCache = VerifiedCredentialCache(), throttle: LoginThrottle = LoginThrottle(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.accounts = accounts
        self.cache = cache
        self.throttle = Mutex(throttle)
        self.now = now
    }

    /// Decides on a login. Throws only when the site database cannot be read: then nobody can log in.
    package func authenticate(name: String, password: Password, peer: NetworkKey) throws -> Decision {
        let outcome = try check(name: name, password: password)
        let delay = throttle.withLock { throttle in
            switch outcome {
            case .accepted: throttle.succeeded(account: name, network: peer, now: now())
            case .refused: throttle.failed(account: name, network: peer, now: now())
            }
        }
        return Decision(outcome: outcome, delay: delay)
    }

    private func check(name: String, password: Password) throws -> Outcome {
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
        let hash: ScryptHash
        do throws(AuthenticationError) {
            hash = try ScryptHash(credentials.storedHash)
        } catch {
            return refuse(.damaged(error.description), spendingFor: password)
        }
        let account = credentials.account
        if cache.contains(name: name, password: password, accountID: account.id, storedHash: credentials.storedHash, now: now()) {
            return .accepted(account)
        }
        guard try accounts.hasher.matches(password, hash) else { return .refused(.wrongPassword) }
        cache.insert(name: name, password: password, accountID: account.id, storedHash: credentials.storedHash, now: now())
        return .accepted(account)
    }

    private func refuse(_ refusal: Refusal, spendingFor password: Password) -> Outcome {
        accounts.hasher.spendEqualWork(password)
        return .refused(refusal)
    }
}
