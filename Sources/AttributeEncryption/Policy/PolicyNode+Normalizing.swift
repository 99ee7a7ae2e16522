// The normal form of a formula: flat, sorted, without repetitions, absorbed, common factors taken out.

extension PolicyNode {
    /// An equivalent tree that is the same for many ways to write it; normalizing it again changes nothing.
    ///
    /// Thresholds keep their repetitions, which count. Every rule applied makes the formula smaller, so this ends.
    package var normalized: PolicyNode {
        switch self {
        case .clause: self
        case .and(let children): Operator.and.combine(children.map(\.normalized))
        case .or(let children): Operator.or.combine(children.map(\.normalized))
        case .threshold(1, of: let children): Operator.or.combine(children.map(\.normalized))
        case .threshold(let count, of: let children) where count == children.count: Operator.and.combine(children.map(\.normalized))
        case .threshold(let count, of: let children): .threshold(count, of: Term.sorted(children.map { Term($0.normalized) }).map(\.node))
        }
    }
}

/// A child with its canonical text, by which it is compared.
private struct Term: Hashable {
    let node: PolicyNode
    let text: String

    init(_ node: PolicyNode) {
        self.node = node
        text = node.text
    }

    static func == (first: Term, second: Term) -> Bool { first.text == second.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }

    static func precedes(_ first: Term, _ second: Term) -> Bool { first.text.utf8.lexicographicallyPrecedes(second.text.utf8) }
    static func sorted(_ terms: some Sequence<Term>) -> [Term] { terms.sorted(by: precedes) }
}

private enum Operator {
    case and, or

    var dual: Operator { self == .and ? .or : .and }

    /// The children of a node of this kind; any other node is its own only part.
    func parts(_ node: PolicyNode) -> [PolicyNode] {
        switch (self, node) {
        case (.and, .and(let children)), (.or, .or(let children)): children
        default: [node]
        }
    }

    func join(_ children: [PolicyNode]) -> PolicyNode {
        guard children.count > 1 else { return children[0] }
        return self == .and ? .and(children) : .or(children)
    }

    /// Joins children in normal form to a node in normal form.
    func combine(_ children: [PolicyNode]) -> PolicyNode {
        var terms = flat(children)
        while true {
            let reduced = flat(factored(absorbed(terms)).map(\.node))
            if reduced == terms { return join(terms.map(\.node)) }
            terms = reduced
        }
    }

    private func flat(_ children: [PolicyNode]) -> [Term] {
        Term.sorted(Set(children.flatMap(parts).map { Term($0) }))
    }

    /// a or (a and b) = a, and its dual.
    private func absorbed(_ terms: [Term]) -> [Term] {
        let sets = terms.map { Set(dual.parts($0.node).map { Term($0) }) }
        return terms.indices.filter { index in
            !terms.indices.contains { $0 != index && sets[$0].isStrictSubset(of: sets[index]) }
        }.map { terms[$0] }
    }

    /// (a and b) or (a and c) = a and (b or c), and its dual: the most frequent factor first, then the first in order.
    private func factored(_ terms: [Term]) -> [Term] {
        var groups = terms.map { dual.parts($0.node).map { Term($0) } }
        while let factor = commonFactor(groups) {
            let rest = groups.filter { $0.contains(factor) }.map { dual.join($0.filter { $0 != factor }.map(\.node)) }
            groups.removeAll { $0.contains(factor) }
            groups.append(dual.parts(dual.combine([factor.node, combine(rest)])).map { Term($0) })
        }
        return groups.map { Term(dual.join($0.map(\.node))) }
    }

    private func commonFactor(_ groups: [[Term]]) -> Term? {
        var counts: [Term: Int] = [:]
        for group in groups where group.count > 1 {
            for term in group { counts[term, default: 0] += 1 }
        }
        let candidates = counts.filter { $0.value > 1 }
        return candidates.min { $0.value != $1.value ? $0.value > $1.value : Term.precedes($0.key, $1.key) }?.key
    }
}
