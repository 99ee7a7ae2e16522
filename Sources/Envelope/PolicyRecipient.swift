// Everyone whose attributes satisfy a policy, as a recipient.

package import AttributeEncryption

/// A policy and the public records of the authorities it names, as they hold at the time of sealing.
///
/// Two are the same when policy and records are: a record that was published anew (keys revoked, a new epoch) makes another
/// recipient, so that a wrap key kept for a list of recipients is not used beyond its time.
package struct PolicyRecipient: Sendable, Hashable {
    package let policy: Policy
    /// By the account names that stand in the policy.
    package let authorities: [String: AuthorityRecord]

    package init(_ policy: Policy, authorities: [String: AuthorityRecord]) {
        self.policy = policy
        self.authorities = authorities
    }
}

extension Recipient {
    /// Whoever holds attributes that satisfy `policy`; `authorities` has the record of each authority it names.
    package static func policy(_ policy: Policy, _ authorities: [String: AuthorityRecord]) -> Recipient {
        .attributes(PolicyRecipient(policy, authorities: authorities))
    }
}
