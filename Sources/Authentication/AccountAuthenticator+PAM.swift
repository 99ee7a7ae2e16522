// Logins whose password is PAM's.
//
// Invariants, beside those of AccountAuthenticator, whenever PAM is in use:
// 1. Every refusal has asked PAM once, about the account or about nobody, with the same service and second factor.
// 2. No refusal comes sooner than `refusalFloor` after the password, and no prompt sooner than `challengeFloor`; the caller waits, no thread does.
// 3. PAM decides on the password alone: its yes counts only for an account of the site that is marked as PAM's.
import Synchronization

/// What PAM gives beside its yes; nothing for accounts whose password is the site's own.
package struct PAMGrant: Sendable {
    /// Keeps PAM's session open, if there is one.
    package let session: PAMConnection?
    package let roles: Set<String>

    package init(session: PAMConnection? = nil, roles: Set<String> = []) {
        self.session = session
        self.roles = roles
    }
}

extension AccountAuthenticator {
    /// Half of a login: PAM wants to know more.
    package final class Challenge: Sendable {
        package let prompt: String
        let name: String
        /// Nil when nobody can log in with any answer.
        let account: Account?
        let refusal: Refusal
        let peer: NetworkKey
        let connection: PAMConnection
        /// Counts as a failure unless it was answered: nobody may try first passwords for nothing.
        private let abandoned: Mutex<(@Sendable () -> Void)?>

        init(
            prompt: String, name: String, account: Account?, refusal: Refusal, peer: NetworkKey, connection: PAMConnection,
            abandoned: @escaping @Sendable () -> Void
        ) {
            self.abandoned = Mutex(abandoned)
            self.prompt = prompt
            self.name = name
            self.account = account
            self.refusal = refusal
            self.peer = peer
            self.connection = connection
        }

        deinit { abandoned.withLock { $0 }?() }

        func settle() { abandoned.withLock { $0 = nil } }
    }

    /// Longer than PAM takes to refuse whom it knows or does not know, so that all look the same; the helper itself answers at once.
    static var refusalFloor: Duration { .seconds(2) }

    /// Longer than PAM takes for the hash of a password: the prompt comes at the same time for a name that nobody has.
    static var challengeFloor: Duration { .seconds(1) }

    /// Goes on with the answer to a prompt.
    package func answer(_ challenge: Challenge, with text: Password) -> Decision {
        guard let helper = pam else { return decided(.refused(.externalPassword), name: challenge.name, peer: challenge.peer, since: now()) }
        challenge.settle()
        let start = now()
        let answer = helper.answer(text, to: challenge.connection)
        let outcome = outcome(answer, name: challenge.name, account: challenge.account, refusal: challenge.refusal, peer: challenge.peer)
        return decided(outcome, name: challenge.name, peer: challenge.peer, since: start)
    }

    /// Asks PAM after the site's own check did not accept; the hash is spent already.
    func askPAM(_ helper: PAMHelper, name: String, refusal: Refusal, account: Account?, password: Password, peer: NetworkKey, remote: String) -> Outcome {
        let answer = helper.begin(user: name, password: password, remote: remote, isDecoy: account == nil)
        return outcome(answer, name: name, account: account, refusal: refusal, peer: peer)
    }

    private func outcome(_ answer: PAMAnswer, name: String, account: Account?, refusal: Refusal, peer: NetworkKey) -> Outcome {
        switch answer {
        case .prompt(let prompt, let connection):
            let challenge = Challenge(prompt: prompt, name: name, account: account, refusal: refusal, peer: peer, connection: connection) { [self] in
                _ = decided(.refused(.pam(.denied)), name: name, peer: peer, since: now())
            }
            return .challenged(challenge)
        case .accepted(let session, let roles):
            guard let account else { return .refused(refusal) }
            // It may have been disabled, or its password made the site's own, while PAM was busy.
            guard let current = try? accounts.credentials(name), current.account.id == account.id, current.account.usesPAM, !current.account.isDisabled else {
                return .refused(.disabled)
            }
            return .accepted(current.account, PAMGrant(session: session, roles: roles))
        case .refused(let reason):
            return .refused(account == nil ? refusal : .pam(reason))
        }
    }
}
