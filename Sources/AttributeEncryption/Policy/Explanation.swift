// Why a policy opens or not for someone, as a value.

/// The verdict on what someone holds, with the shortest ways to what is missing.
package struct Explanation: Sendable, Hashable {
    /// Something a policy asks for that the holder cannot show.
    package struct Missing: Sendable, Hashable {
        package enum Reason: String, Sendable, Hashable {
            case notHeld
            /// Held in a key outside its validity.
            case expired
            /// Held in a key of another epoch.
            case wrongEpoch
            /// Held, but the member is revoked.
            case revoked
        }

        package let authority: String
        /// As in the policy: `doctor`, `clearance >= 3`, `valid in 2026-11`.
        package let attribute: String
        package let reason: Reason

        package var text: String { "\(authority):\(attribute)" }
    }

    package let isSatisfied: Bool
    /// Held attributes that the policy names, as `authority:attribute`, sorted.
    package let usable: [String]
    /// Up to four sets, each enough by itself, the smallest first; empty when satisfied.
    package let missing: [[Missing]]

    /// For people, one line a fact.
    package var lines: [String] {
        if isSatisfied { return ["the policy is satisfied by \(usable.joined(separator: ", "))"] }
        var lines = missing.enumerated().map { index, set in
            (index == 0 ? "missing: " : "or: ") + set.map { "\($0.text)\($0.reason.remark)" }.joined(separator: " and ")
        }
        if !usable.isEmpty { lines.append("held: \(usable.joined(separator: ", "))") }
        return lines
    }
}

extension Explanation.Missing.Reason {
    fileprivate var remark: String {
        switch self {
        case .notHeld: ""
        case .expired: " (held, but outside its validity)"
        case .wrongEpoch: " (held, but of another epoch)"
        case .revoked: " (this key was revoked)"
        }
    }
}

/// What an authority's record says, as far as it decides who satisfies a policy.
package struct AuthorityState: Sendable, Hashable {
    package let epoch: UInt64
    package let revocations: RevocationList?

    package init(epoch: UInt64, revocations: RevocationList?) {
        self.epoch = epoch
        self.revocations = revocations
    }
}

extension Policy {
    /// Whether what is held satisfies the policy in that month and, if not, what is missing.
    ///
    /// - Parameter authorities: epochs and revoked members where they are known; others are taken as they are held.
    package func explain(_ held: [HeldAttributes], at month: Month, authorities: [String: AuthorityState] = [:]) -> Explanation {
        let node = root.mapClauses { clause in
            .clause(clause.requirement == .valid(nil) ? Clause(authority: clause.authority, requirement: .valid(month)) : clause)
        }.restricted(to: authorities.compactMapValues(\.revocations))
        return Explainer(held: held, month: month, authorities: authorities).explain(node)
    }
}

private struct Explainer {
    let held: [HeldAttributes]
    let month: Month
    let authorities: [String: AuthorityState]

    private static let alternativeCount = 4
    private static let largestCombinationCount = 64

    /// Keys of one issuance each are never mixed: the best choice of one key an authority counts.
    func explain(_ node: PolicyNode) -> Explanation {
        let names = node.authorities
        let usable = held.filter { names.contains($0.authority) && isUsable($0) }
        var best: Explanation?
        for choice in Combinations(usable, of: \.authority).prefix(Self.largestCombinationCount) {
            let explanation = explain(node, choice)
            if best.map({ cost(explanation) < cost($0) }) ?? true { best = explanation }
        }
        return best ?? explain(node, [:])
    }

    private func cost(_ explanation: Explanation) -> Int { explanation.isSatisfied ? -1 : explanation.missing.first?.count ?? Int.max }

    private func isUsable(_ key: HeldAttributes) -> Bool {
        key.validity.contains(month) && (authorities[key.authority].map { key.epoch == nil || key.epoch == $0.epoch } ?? true)
    }

    private func explain(_ node: PolicyNode, _ choice: [String: HeldAttributes]) -> Explanation {
        let missing = missing(node, choice)
        let isSatisfied = missing.first?.isEmpty ?? false
        var usable: Set<String> = []
        for clause in node.clauses {
            guard let held = choice[clause.authority] else { continue }
            let attributes = (clause.requirement.names ?? []).compactMap { held.names[$0] }
            // Months and places among the members are nobody's attributes.
            usable.formUnion(attributes.filter { !$0.hasPrefix("~") }.map { "\(clause.authority):\($0)" })
        }
        return Explanation(isSatisfied: isSatisfied, usable: usable.sorted(), missing: isSatisfied ? [] : missing)
    }

    /// The smallest sets whose possession would be enough.
    private func missing(_ node: PolicyNode, _ choice: [String: HeldAttributes]) -> [[Explanation.Missing]] {
        switch node {
        case .clause(let clause):
            return choice[clause.authority]?.meets(clause.requirement) ?? false ? [[]] : [self.missing(clause, choice)]
        case .and(let children):
            return join(children.map { missing($0, choice) }, choice)
        case .or(let children):
            return shortest(children.flatMap { missing($0, choice) }, choice)
        case .threshold(let count, of: let children):
            let sets = children.map { missing($0, choice) }.sorted { ($0.first?.count ?? Int.max) < ($1.first?.count ?? Int.max) }
            return shortest(choices(of: count, from: sets[...]).flatMap { join($0, choice) }, choice)
        }
    }

    /// Ways to take some of the parts, the cheapest first; with parts that cost nothing there is but one worth naming.
    private func choices(of count: Int, from parts: ArraySlice<[[Explanation.Missing]]>) -> [[[[Explanation.Missing]]]] {
        guard count > 0, let first = parts.first else { return count > 0 ? [] : [[]] }
        guard parts.count >= count else { return [] }
        let with = choices(of: count - 1, from: parts.dropFirst()).map { [first] + $0 }
        guard !(first.first?.isEmpty ?? false), with.count < Self.largestCombinationCount else { return with }
        return with + choices(of: count, from: parts.dropFirst()).prefix(Self.largestCombinationCount - with.count)
    }

    private func missing(_ clause: Clause, _ choice: [String: HeldAttributes]) -> [Explanation.Missing] {
        if case .member = clause.requirement {
            // Who holds no key lacks attributes; being no member is not worth a line of its own.
            guard choice[clause.authority] != nil else { return [] }
            return [Explanation.Missing(authority: clause.authority, attribute: "membership", reason: .revoked)]
        }
        let others = held.filter { $0.authority == clause.authority && $0.meets(clause.requirement) && !isUsable($0) }
        let reason: Explanation.Missing.Reason =
            others.contains { !$0.validity.contains(month) } ? .expired : others.isEmpty ? .notHeld : .wrongEpoch
        return [Explanation.Missing(authority: clause.authority, attribute: clause.requirement.text, reason: reason)]
    }

    private func join(_ parts: [[[Explanation.Missing]]], _ choice: [String: HeldAttributes]) -> [[Explanation.Missing]] {
        parts.reduce([[]]) { sets, part in
            shortest(sets.flatMap { set in part.map { addition in set + addition.filter { !set.contains($0) } } }, choice)
        }
    }

    /// The smallest sets first; of equal ones, those that ask fewer authorities from whom nothing is held.
    private func shortest(_ sets: [[Explanation.Missing]], _ choice: [String: HeldAttributes]) -> [[Explanation.Missing]] {
        var seen: Set<Set<Explanation.Missing>> = []
        let distinct = sets.filter { seen.insert(Set($0)).inserted }
        let ranked = distinct.enumerated().map { offset, set in
            (rank: (set.count, set.count { choice[$0.authority] == nil }, offset), set: set)
        }
        return ranked.sorted { $0.rank < $1.rank }.prefix(Self.alternativeCount).map(\.set)
    }
}
