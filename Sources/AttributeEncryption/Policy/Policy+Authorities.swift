// Whom a policy trusts: an authority can give any of its attributes to anyone.

extension Policy {
    /// The smallest sets of authorities that could together open what is sealed under the policy, whoever holds what: the policy is
    /// as strong as the weakest of them. Sorted by size, then by name; at most `limit`.
    package func smallestAuthoritySets(limit: Int = 16) -> [[String]] {
        Self.smallestSets(root, limit: limit).map { $0.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
            .sorted { ($0.count, $0.joined(separator: ",")) < ($1.count, $1.joined(separator: ",")) }
    }

    private static func smallestSets(_ node: PolicyNode, limit: Int) -> [Set<String>] {
        switch node {
        case .clause(let clause): return [[clause.authority]]
        case .or(let children): return minimal(children.flatMap { smallestSets($0, limit: limit) }, limit: limit)
        case .and(let children): return joined(children.map { smallestSets($0, limit: limit) }, limit: limit)
        case .threshold(let count, of: let children):
            // sets[k] opens k of the children seen so far.
            var sets: [[Set<String>]] = [[[]]] + Array(repeating: [], count: count)
            for child in children {
                let own = smallestSets(child, limit: limit)
                for taken in stride(from: count, to: 0, by: -1) {
                    sets[taken] = minimal(sets[taken] + joined([sets[taken - 1], own], limit: limit), limit: limit)
                }
            }
            return sets[count]
        }
    }

    private static func joined(_ parts: [[Set<String>]], limit: Int) -> [Set<String>] {
        parts.reduce([[]]) { sets, part in minimal(sets.flatMap { set in part.map { set.union($0) } }, limit: limit) }
    }

    /// Without those that contain another one.
    private static func minimal(_ sets: [Set<String>], limit: Int) -> [Set<String>] {
        var result: [Set<String>] = []
        for set in sets.sorted(by: { $0.count < $1.count }) where !result.contains(where: { $0.isSubset(of: set) }) { result.append(set) }
        return Array(result.prefix(limit))
    }
}
