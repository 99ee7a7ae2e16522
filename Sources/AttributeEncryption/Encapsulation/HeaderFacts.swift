// What anyone can read in a header.

/// The policy and the authorities of a header, as its maker wrote them.
package struct HeaderFacts: Sendable {
    package struct Authority: Sendable, Equatable {
        /// As in the policy.
        package let name: String
        package let epoch: UInt64
        /// Of its public key.
        package let fingerprint: [UInt8]
        /// The members that were revoked when it was sealed.
        package let revoked: [UInt32]
        let points: [UInt8]?

        /// Whether the header was made for this very public key.
        package func matches(_ publicKey: AuthorityPublicKey) -> Bool {
            fingerprint == publicKey.fingerprint && epoch == publicKey.epoch && (points.map { $0 == publicKey.points } ?? true)
        }
    }

    package let suite: Suite
    /// As written by the author.
    package let policy: Policy
    /// With the conditions that revocations add.
    package let expandedPolicy: String
    /// Sorted by name.
    package let authorities: [Authority]
    package let rowCount: Int
    package let byteCount: Int
    private let states: [String: AuthorityState]

    init(_ header: EncapsulationHeader, byteCount: Int) {
        suite = header.suite
        policy = header.policy
        states = header.states
        expandedPolicy = header.policy.root.restricted(to: header.states.compactMapValues(\.revocations)).normalized.text
        authorities = zip(header.policy.authorities, header.authorities).map { name, authority in
            Authority(
                name: name, epoch: authority.epoch, fingerprint: authority.fingerprint, revoked: authority.revocations?.revoked ?? [], points: authority.points)
        }
        rowCount = header.structure.rows.count
        self.byteCount = byteCount
    }

    /// Whether these keys satisfy the policy, before any curve arithmetic; see `Policy.explain`.
    package func explain(_ keys: [AttributeKey], at month: Month) -> Explanation {
        let fingerprints = Dictionary(authorities.map { ($0.fingerprint, $0) }) { first, _ in first }
        let held = keys.map { key in
            guard let authority = fingerprints[key.publicKeyFingerprint] else {
                // A key of the same name and epoch, but not under this public key, opens nothing here.
                return key.held.renamed(key.authority, epoch: key.epoch == states[key.authority]?.epoch ? key.epoch &+ 1 : key.epoch, validity: key.validity)
            }
            return key.held.renamed(authority.name, epoch: key.epoch, validity: key.validity)
        }
        var gids: [[UInt8]] = []
        for key in keys where !gids.contains(key.gid) { gids.append(key.gid) }
        let explanations = gids.map { gid in
            policy.explain(zip(keys, held).filter { $0.0.gid == gid }.map(\.1), at: month, authorities: states)
        }
        return explanations.min { ($0.missing.first?.count ?? 0) < ($1.missing.first?.count ?? 0) } ?? policy.explain([], at: month, authorities: states)
    }
}
