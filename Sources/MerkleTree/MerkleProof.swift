// Checking that a leaf is in a tree and that a tree continues an older one.

/// Inclusion and consistency proofs of RFC 6962 trees.
package enum MerkleProof {
    /// Checks that the leaf at `index` of the tree with `size` leaves and `root` has `leafHash`.
    ///
    /// `path` holds the sibling hashes from the leaf up. Source: RFC 9162 §2.1.3.2.
    package static func verifyInclusion(
        leafHash: [UInt8], index: UInt64, size: UInt64, path: [[UInt8]], root: [UInt8]
    ) throws(MerkleError) {
        guard index < size else { throw .indexOutOfRange(index: index, size: size) }
        try checkHashLengths([leafHash, root])
        try checkHashLengths(path)
        var position = index
        var last = size - 1
        var result = leafHash
        for sibling in path {
            guard last != 0 else { throw .invalidPathLength(path.count) }
            if position & 1 == 1 || position == last {
                result = MerkleHash.node(sibling, result)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                result = MerkleHash.node(result, sibling)
            }
            position >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .invalidPathLength(path.count) }
        guard result == root else { throw .rootMismatch }
    }

    /// Checks that the tree of `to` leaves with `toRoot` begins with the tree of `from` leaves with `fromRoot`.
    ///
    /// An empty older tree is a prefix of everything, so a proof from it says nothing and is refused. Source: RFC 9162 §2.1.4.2.
    package static func verifyConsistency(
        from: UInt64, to: UInt64, path: [[UInt8]], fromRoot: [UInt8], toRoot: [UInt8]
    ) throws(MerkleError) {
        guard from > 0, from <= to else { throw .invalidSizes(from: from, to: to) }
        if from == to {
            guard path.isEmpty else { throw .invalidPathLength(path.count) }
            guard fromRoot == toRoot else { throw .rootMismatch }
            return
        }
        try checkHashLengths([fromRoot, toRoot])
        try checkHashLengths(path)
        var position = from - 1
        var last = to - 1
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        var siblings = path[...]
        // A complete older tree is itself the first subtree, so its root is not repeated in the path.
        guard let seed = from.nonzeroBitCount == 1 ? fromRoot : siblings.popFirst() else { throw .invalidPathLength(0) }
        var older = seed
        var newer = seed
        for sibling in siblings {
            guard last != 0 else { throw .invalidPathLength(path.count) }
            if position & 1 == 1 || position == last {
                older = MerkleHash.node(sibling, older)
                newer = MerkleHash.node(sibling, newer)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                newer = MerkleHash.node(newer, sibling)
            }
            position >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .invalidPathLength(path.count) }
        guard older == fromRoot, newer == toRoot else { throw .rootMismatch }
    }
}
