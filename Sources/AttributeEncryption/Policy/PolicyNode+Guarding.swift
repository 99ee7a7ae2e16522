// Adds a condition to every part of a formula that rests on one authority: validity and revocation.

extension PolicyNode {
    /// Joins, to each maximal part that names a single authority, the condition `condition(authority)` by `and`; nil adds nothing.
    ///
    /// Whoever satisfied the formula by keys that meet their authorities' conditions still does, and no one else.
    func guarded(_ condition: (String) -> PolicyNode?) -> PolicyNode {
        var conditions: [String: PolicyNode] = [:]
        for authority in authorities { conditions[authority] = condition(authority) }
        return guarded(conditions)
    }

    private func guarded(_ conditions: [String: PolicyNode]) -> PolicyNode {
        guard !conditions.isEmpty else { return self }
        let authorities = authorities
        if authorities.count == 1, let authority = authorities.first {
            return conditions[authority].map { .and([self, $0]) } ?? self
        }
        switch self {
        case .clause: return self
        case .and(let children): return .and(Self.guardedConjunction(children, conditions))
        case .or(let children): return .or(Self.guardedAlternatives(children, conditions))
        case .threshold(let count, of: let children): return .threshold(count, of: children.map { $0.guarded(conditions) })
        }
    }

    /// One condition for each authority that a child rests on alone; it then also holds for the mixed children.
    private static func guardedConjunction(_ children: [PolicyNode], _ conditions: [String: PolicyNode]) -> [PolicyNode] {
        var remaining = conditions
        var added: [PolicyNode] = []
        for child in children {
            let authorities = child.authorities
            guard authorities.count == 1, let condition = remaining.removeValue(forKey: authorities.first ?? "") else { continue }
            added.append(condition)
        }
        return children.map { $0.authorities.count == 1 ? $0 : $0.guarded(remaining) } + added
    }

    /// The alternatives of one authority share one condition.
    private static func guardedAlternatives(_ children: [PolicyNode], _ conditions: [String: PolicyNode]) -> [PolicyNode] {
        var result: [PolicyNode] = []
        var groups: [(authority: String, children: [PolicyNode])] = []
        for child in children {
            let authorities = child.authorities
            guard authorities.count == 1, let authority = authorities.first else {
                result.append(child.guarded(conditions))
                continue
            }
            if let index = groups.firstIndex(where: { $0.authority == authority }) {
                groups[index].children.append(child)
            } else {
                groups.append((authority, [child]))
            }
        }
        for group in groups {
            let part = group.children.count == 1 ? group.children[0] : .or(group.children)
            result.append(part.guarded(conditions))
        }
        return result
    }
}
