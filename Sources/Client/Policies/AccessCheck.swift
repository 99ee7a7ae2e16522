// Whether the keys at hand open a record, found out from its header before a byte of the body is asked for.

internal import AttributeEncryption
internal import Envelope

/// The keys of one person at one time.
struct AccessCheck {
    let identities: [Identity]
    let attributeKeys: [AttributeKey]
    let month: Month

    enum Verdict {
        /// By a key of the person's own.
        case opensByKey
        /// Attributes satisfy this policy.
        case opensByPolicy(PolicyFact)
        /// There are policies, and none is satisfied.
        case notSatisfied([PolicyFact])
        /// Sealed for others alone.
        case noKey(recipientCount: Int)

        var isOpen: Bool {
            switch self {
            case .opensByKey, .opensByPolicy: true
            case .notSatisfied, .noKey: false
            }
        }
    }

    func verdict(_ stanzas: [Stanza]) -> Verdict {
        if stanzas.contains(where: { stanza in identities.contains { $0.kind != .attributes && $0.mayOpen(stanza) } }) { return .opensByKey }
        let policies = policies(of: stanzas)
        if let satisfied = policies.first(where: { $0.isSatisfied == true }) { return .opensByPolicy(satisfied) }
        return policies.isEmpty ? .noKey(recipientCount: stanzas.count) : .notSatisfied(policies)
    }

    /// Those policies that can be read; one of a later scheme opens nothing here.
    private func policies(of stanzas: [Stanza]) -> [PolicyFact] {
        stanzas.compactMap { try? $0.policyFacts() }.map { PolicyFact($0, heldBy: attributeKeys, at: month) }
    }
}

extension ClientError {
    /// Why a record does not open for the user, and what would help; `nil` when it does.
    init?(_ verdict: AccessCheck.Verdict, name: RemoteName, user: String) {
        switch verdict {
        case .opensByKey, .opensByPolicy: return nil
        case .noKey(let count):
            self.init(
                .wrongKey, "\(name) is sealed for \(count) other recipients", hint: "ask its owner: phr share \(name) --to \(user)")
        case .notSatisfied(let policies):
            let nearest = policies.min { ($0.missing.first?.count ?? .max) < ($1.missing.first?.count ?? .max) } ?? policies[0]
            var details = policies.map { "policy: \($0.text)" }
            details += policies.flatMap { policy in policy.missing.filter { $0.map(\.text) != nearest.missing.first?.map(\.text) } }
                .map { "or: \($0.map(\.text).joined(separator: " and "))" }
            let held = Set(policies.flatMap(\.usable)).sorted()
            if !held.isEmpty { details.append("held: \(held.joined(separator: ", "))") }
            self.init(
                .policyNotSatisfied, "\(name) needs \(nearest.need ?? "other attributes")", details: details,
                hint: nearest.missing.first.map { $0.map(\.advice).joined(separator: "; ") })
        }
    }
}

extension ClientSession {
    /// What this user can open now.
    func accessCheck() throws -> AccessCheck {
        AccessCheck(
            identities: try identities(), attributeKeys: attributeKeys(), month: Month(secondsSince1970: currentTime()))
    }
}
