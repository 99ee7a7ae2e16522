// Who may open a record: a formula over attributes of authorities, in normal form.

package import Crypto

/// A monotone formula such as `alice:care-team or (stmary:doctor and stmary:clearance >= 3)`.
///
/// Two texts with the same normal form give equal policies; the canonical text is also the canonical bytes.
package struct Policy: Sendable, Hashable {
    package enum Limits {
        /// Nested parentheses, and levels of the tree.
        package static let depth = 64
        /// Rows of a header; a comparison takes up to 30, a month 12.
        package static let rowCount = 512
        package static let authorityCount = 64
        package static let textByteCount = 1 << 16
    }

    package let root: PolicyNode

    /// Reads a policy as people write it. `valid now` stays open unless the month of sealing is given.
    package init(parsing text: String, sealedAt month: Month? = nil) throws(PolicyError) {
        let policy = try Policy(normalizing: PolicyParser.parse(text))
        guard let month else {
            self = policy
            return
        }
        self = try policy.resolved(at: month)
    }

    /// Reads canonical bytes, and nothing else that means the same.
    package init(decoding bytes: [UInt8]) throws(PolicyError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw PolicyError(.character, "a policy is UTF-8 text") }
        try self.init(parsing: text)
        guard self.text.utf8.elementsEqual(bytes) else { throw PolicyError(.notCanonical, "the policy is not in normal form") }
    }

    package init(normalizing node: PolicyNode) throws(PolicyError) {
        root = node.normalized
        guard root.depth <= Limits.depth else { throw PolicyError(.limit, "a policy is nested at most \(Limits.depth) deep") }
        let authorities = root.authorities.count
        guard authorities <= Limits.authorityCount else {
            throw PolicyError(.limit, "a policy names at most \(Limits.authorityCount) authorities, not \(authorities)")
        }
        let rows = rowCount
        guard rows <= Limits.rowCount else {
            throw PolicyError(.limit, "the policy takes \(rows) rows, at most \(Limits.rowCount) are allowed; comparisons and months take many")
        }
    }

    /// The canonical text, readable by `init(parsing:)`.
    package var text: String { root.text }

    /// The canonical text as UTF-8.
    package func encoded() -> [UInt8] { Array(text.utf8) }

    /// Names of the authorities, sorted.
    package var authorities: [String] { root.authorities.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// Clauses of the formula.
    package var leafCount: Int { root.clauses.count }

    /// Rows a header needs while no one is revoked.
    package var rowCount: Int {
        root.clauses.reduce(0) { $0 + ($1.requirement.names?.count ?? Month.bitCount) }
    }

    /// Whether a `valid now` waits for the month of sealing.
    package var isOpen: Bool { root.clauses.contains { $0.requirement == .valid(nil) } }

    /// The policy with `valid now` meaning that month.
    package func resolved(at month: Month) throws(PolicyError) -> Policy {
        guard isOpen else { return self }
        return try Policy(
            normalizing: root.mapClauses { clause in
                .clause(clause.requirement == .valid(nil) ? Clause(authority: clause.authority, requirement: .valid(month)) : clause)
            })
    }

    /// The policy with the attributes of some authorities replaced by keyed hashes; nil from `nameKey` leaves an authority as it is.
    package func hidingNames(_ nameKey: (String) -> SymmetricKey?) throws(PolicyError) -> Policy {
        var keys: [String: SymmetricKey] = [:]
        for authority in authorities { keys[authority] = nameKey(authority) }
        return try Policy(
            normalizing: root.mapClauses { clause in
                guard let key = keys[clause.authority] else { return .clause(clause) }
                return clause.hidden(key)
            })
    }

    /// Authorities with an attribute that stands in plain.
    package var authoritiesNamedPlainly: Set<String> {
        Set(root.clauses.filter { !$0.requirement.isHidden }.map(\.authority))
    }
}

extension Policy: CustomStringConvertible {
    package var description: String { text }
}

extension Clause {
    fileprivate func hidden(_ key: SymmetricKey) -> PolicyNode {
        func clause(_ name: String) -> PolicyNode { .clause(Clause(authority: authority, requirement: .attribute(AttributeName.hidden(name, key)))) }
        switch requirement {
        case .attribute(let name): return AttributeSyntax.isHiddenName(name) ? .clause(self) : clause(name)
        case .range: return .or((requirement.names ?? []).map(clause))
        case .valid, .member: return .clause(self)
        }
    }
}

extension Requirement {
    fileprivate var isHidden: Bool {
        switch self {
        case .attribute(let name): AttributeSyntax.isHiddenName(name)
        case .range: false
        case .valid, .member: true
        }
    }
}
