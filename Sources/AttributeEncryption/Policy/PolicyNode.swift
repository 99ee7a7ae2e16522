// The tree behind a policy.

/// A formula over clauses. `and` and `or` have at least two children in normal form, a threshold is neither 1 nor all.
package indirect enum PolicyNode: Hashable, Sendable {
    case clause(Clause)
    case and([PolicyNode])
    case or([PolicyNode])
    case threshold(Int, of: [PolicyNode])
}

/// One condition on the key from one authority.
package struct Clause: Hashable, Sendable {
    package let authority: String
    package let requirement: Requirement

    package init(authority: String, requirement: Requirement) {
        self.authority = authority
        self.requirement = requirement
    }
}

package enum Requirement: Hashable, Sendable {
    /// `label`, `label=value` or a hidden name.
    case attribute(String)
    /// `label >= 3` and its kin, both ends included and of the same kind.
    case range(label: String, from: NumericValue, to: NumericValue)
    /// The key's validity holds the month; nil is the month of sealing.
    case valid(Month?)
    /// The holder is not revoked. Never written in a policy: an authority's record adds it when a record is sealed.
    case member(RevocationList)
}

extension PolicyNode {
    /// The conditions from left to right.
    package var clauses: [Clause] {
        switch self {
        case .clause(let clause): [clause]
        case .and(let children), .or(let children), .threshold(_, of: let children): children.flatMap(\.clauses)
        }
    }

    var authorities: Set<String> { Set(clauses.map(\.authority)) }

    /// A lone clause has depth 1.
    var depth: Int {
        switch self {
        case .clause: 1
        case .and(let children), .or(let children), .threshold(_, of: let children): 1 + (children.map(\.depth).max() ?? 0)
        }
    }

    /// The same tree with every clause replaced.
    func mapClauses(_ transform: (Clause) -> PolicyNode) -> PolicyNode {
        switch self {
        case .clause(let clause): transform(clause)
        case .and(let children): .and(children.map { $0.mapClauses(transform) })
        case .or(let children): .or(children.map { $0.mapClauses(transform) })
        case .threshold(let count, of: let children): .threshold(count, of: children.map { $0.mapClauses(transform) })
        }
    }
}

// MARK: - Canonical text

extension PolicyNode {
    /// The one text of a tree in normal form: lower-case operators, parentheses around every inner `and` and `or`.
    package var text: String {
        switch self {
        case .clause(let clause): clause.text
        case .and(let children): children.map(\.operandText).joined(separator: " and ")
        case .or(let children): children.map(\.operandText).joined(separator: " or ")
        case .threshold(let count, of: let children): "\(count) of (\(children.map(\.text).joined(separator: ", ")))"
        }
    }

    private var operandText: String {
        switch self {
        case .and, .or: "(\(text))"
        case .clause, .threshold: text
        }
    }
}

extension Clause {
    package var text: String { "\(authority):\(requirement.text)" }
}

extension Requirement {
    var text: String {
        switch self {
        case .attribute(let name): name
        case .range(let label, let from, let to):
            if to.number == NumericValue.largestNumber {
                "\(label) >= \(from.text)"
            } else if from.number == 0 {
                "\(label) <= \(to.text)"
            } else {
                "\(label) in \(from.text)..\(to.text)"
            }
        case .valid(let month): month.map { "valid in \($0)" } ?? "valid now"
        case .member(let list): "member of \(list.capacity) without \(list.revoked.map(String.init).joined(separator: ", "))"
        }
    }

    /// The names any one of which meets the requirement: nil for the open month of sealing.
    var names: [String]? {
        switch self {
        case .attribute(let name): [name]
        case .range(let label, let from, let to):
            DyadicPrefix.cover(from.number...to.number, bitCount: NumericValue.bitCount).map { AttributeName.prefix(label, $0, like: from) }
        case .valid(let month):
            // The empty prefix is no name: no key is valid for the whole calendar.
            month.map { DyadicPrefix.prefixes(of: $0.number, bitCount: Month.bitCount).dropLast().map(AttributeName.months) }
        case .member(let list): list.cover.map { AttributeName.members(depth: list.depth, $0) }
        }
    }
}
