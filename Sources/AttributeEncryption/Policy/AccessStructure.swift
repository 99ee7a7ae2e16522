// A policy as the schemes use it: rows with one attribute name each, and the tree that shares the secret among them.

/// Inner nodes share a secret, leaves are rows, numbered from left to right.
package indirect enum AccessTree: Hashable, Sendable {
    case row(Int)
    case all([AccessTree])
    case any([AccessTree])
    case threshold(Int, of: [AccessTree])
}

/// The rows of a header with the tree above them.
package struct AccessStructure: Sendable {
    package struct Row: Hashable, Sendable {
        /// Index into `authorities`.
        package let authority: Int
        package let name: String
    }

    /// Names, sorted.
    package let authorities: [String]
    package let rows: [Row]
    package let tree: AccessTree
    /// For each row, how often its attribute stands in it and the rows before, less one.
    package let occurrences: [Int]

    /// Distinct values in `occurrences`.
    package var occurrenceCount: Int { (occurrences.max() ?? 0) + 1 }

    /// - Throws: `limitExceeded` for more rows than a header may have, `unusablePolicy` for an open month or when every member is revoked.
    package init(_ policy: Policy, revocations: [String: RevocationList]) throws(AttributeError) {
        let node = policy.root.restricted(to: revocations)
        guard !policy.isOpen else {
            throw AttributeError(.unusablePolicy, "`valid now` needs the month of sealing", hint: "resolve the policy at a month")
        }
        for clause in node.clauses where clause.requirement.names?.isEmpty ?? true {
            throw AttributeError(.unusablePolicy, "every member of \(clause.authority) is revoked", hint: "begin a new epoch")
        }
        var builder = Builder(authorities: policy.authorities)
        tree = builder.tree(node)
        guard builder.rows.count <= Policy.Limits.rowCount else {
            throw AttributeError(
                .limitExceeded, "the policy takes \(builder.rows.count) rows with its revoked members, at most \(Policy.Limits.rowCount) are allowed",
                hint: "begin a new epoch at the authority with the most revoked members")
        }
        authorities = builder.authorities
        rows = builder.rows
        occurrences = Self.occurrences(of: rows)
    }

    private static func occurrences(of rows: [Row]) -> [Int] {
        var counts: [Row: Int] = [:]
        return rows.map { row in
            defer { counts[row, default: 0] += 1 }
            return counts[row, default: 0]
        }
    }

    private struct Builder {
        let authorities: [String]
        var rows: [Row] = []

        mutating func tree(_ node: PolicyNode) -> AccessTree {
            switch node {
            case .clause(let clause): alternatives(clause)
            case .and(let children): .all(trees(children))
            case .or(let children): .any(trees(children))
            case .threshold(let count, of: let children): .threshold(count, of: trees(children))
            }
        }

        private mutating func trees(_ children: [PolicyNode]) -> [AccessTree] {
            var result: [AccessTree] = []
            for child in children { result.append(tree(child)) }
            return result
        }

        private mutating func alternatives(_ clause: Clause) -> AccessTree {
            let authority = authorities.firstIndex(of: clause.authority) ?? 0
            let first = rows.count
            for name in clause.requirement.names ?? [] { rows.append(Row(authority: authority, name: name)) }
            let leaves = (first..<rows.count).map(AccessTree.row)
            return leaves.count == 1 ? leaves[0] : .any(leaves)
        }
    }
}

extension PolicyNode {
    /// The formula with the members of each authority that has revoked ones held to the rest.
    package func restricted(to revocations: [String: RevocationList]) -> PolicyNode {
        guarded { authority in
            guard let list = revocations[authority], !list.revoked.isEmpty else { return nil }
            return .clause(Clause(authority: authority, requirement: .member(list)))
        }
    }
}
