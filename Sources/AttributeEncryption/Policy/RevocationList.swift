// Who may no longer open new records of an authority: leaves of a tree of members, and the nodes that cover the others.

/// The complete-subtree method: each key carries the names of its leaf's path, a policy asks for one node of the cover.
///
/// Source: Naor, Naor, Lotspiech, "Revocation and tracing schemes for stateless receivers", CRYPTO 2001, §3.1.
package struct RevocationList: Sendable, Hashable {
    package static let depths = 1...24
    /// More are better met by a new epoch: a policy has room for few hundred nodes.
    package static let largestRevokedCount = 1024

    /// 2^depth leaves.
    package let depth: Int
    /// Ascending, each once.
    package let revoked: [UInt32]

    /// - Throws: `limitExceeded` for a depth outside 1…24, too many leaves or a leaf that the tree has not.
    package init(depth: Int, revoked: some Sequence<UInt32> = [UInt32]()) throws(AttributeError) {
        let leaves = Set(revoked).sorted()
        guard Self.depths.contains(depth) else {
            throw AttributeError(.limitExceeded, "a tree of members has depth \(Self.depths.lowerBound) to \(Self.depths.upperBound), not \(depth)")
        }
        guard leaves.count <= Self.largestRevokedCount else {
            throw AttributeError(
                .limitExceeded, "\(leaves.count) revoked members are more than \(Self.largestRevokedCount)", hint: "begin a new epoch and re-issue")
        }
        guard leaves.allSatisfy({ Int($0) < 1 << depth }) else {
            throw AttributeError(.limitExceeded, "a tree of depth \(depth) has the leaves 0 to \((1 << depth) - 1)")
        }
        self.depth = depth
        self.revoked = leaves
    }

    package var capacity: Int { 1 << depth }

    package func isRevoked(_ leaf: UInt32) -> Bool { revoked.contains(leaf) }

    /// The list with another member on it.
    package func revoking(_ leaf: UInt32) throws(AttributeError) -> RevocationList {
        try RevocationList(depth: depth, revoked: revoked + [leaf])
    }

    /// The largest subtrees without a revoked leaf: empty when none or all are revoked.
    package var cover: [DyadicPrefix] {
        revoked.isEmpty ? [] : cover(of: DyadicPrefix(length: 0, bits: 0), revoked[...])
    }

    private func cover(of node: DyadicPrefix, _ below: ArraySlice<UInt32>) -> [DyadicPrefix] {
        guard !below.isEmpty else { return [node] }
        guard node.length < depth else { return [] }
        let middle = (node.bits * 2 + 1) << (depth - node.length - 1)
        let split = below.firstIndex { Int($0) >= middle } ?? below.endIndex
        return cover(of: DyadicPrefix(length: node.length + 1, bits: node.bits * 2), below[..<split])
            + cover(of: DyadicPrefix(length: node.length + 1, bits: node.bits * 2 + 1), below[split...])
    }

    /// The names that a key of this leaf carries: every node from the leaf to the root.
    package static func memberNames(leaf: UInt32, depth: Int) -> [String] {
        DyadicPrefix.prefixes(of: Int(leaf), bitCount: depth).map { AttributeName.members(depth: depth, $0) }
    }
}
