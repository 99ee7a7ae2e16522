// Making proofs from whatever can tell the root of a run of leaves.

extension MerkleProof {
    /// The sibling hashes from leaf `index` up to the root of a tree of `size` leaves. Source: RFC 9162 §2.1.3.1.
    ///
    /// - Parameter subtreeRoot: the root over a run of leaves. Runs start at a multiple of a power of two that is not smaller
    ///   than their length; those at the right edge need not be complete, see `root(of:completeSubtree:)`.
    package static func inclusionPath(
        index: UInt64, size: UInt64, subtreeRoot: (Range<UInt64>) throws -> [UInt8]
    ) rethrows -> [[UInt8]] {
        precondition(index < size, "a leaf must be in its tree")
        var path: [[UInt8]] = []
        var range = 0..<size
        while range.upperBound - range.lowerBound > 1 {
            let (left, right) = split(range)
            let (inner, sibling) = left.contains(index) ? (left, right) : (right, left)
            path.append(try subtreeRoot(sibling))
            range = inner
        }
        return path.reversed()
    }

    /// The hashes that prove that a tree of `to` leaves begins with one of `from` leaves. Source: RFC 9162 §2.1.4.1.
    ///
    /// - Parameter subtreeRoot: as for `inclusionPath`.
    package static func consistencyPath(
        from: UInt64, to: UInt64, subtreeRoot: (Range<UInt64>) throws -> [UInt8]
    ) rethrows -> [[UInt8]] {
        precondition(from > 0 && from <= to, "an older tree is not empty and not larger")
        var path: [[UInt8]] = []
        var range = 0..<to
        while range.upperBound != from {
            let (left, right) = split(range)
            if from <= left.upperBound {
                path.append(try subtreeRoot(right))
                range = left
            } else {
                path.append(try subtreeRoot(left))
                range = right
            }
        }
        // The older tree is complete and starts the newer one: the verifier has its root already.
        if range.lowerBound != 0 { path.append(try subtreeRoot(range)) }
        return path.reversed()
    }

    /// The root over a run of leaves, from the roots of its complete subtrees.
    ///
    /// - Parameter completeSubtree: the root over a run of 2ᵏ leaves that starts at a multiple of 2ᵏ.
    package static func root(
        of range: Range<UInt64>, completeSubtree: (Range<UInt64>) throws -> [UInt8]
    ) rethrows -> [UInt8] {
        guard !range.isEmpty else { return MerkleHash.empty }
        let length = range.upperBound - range.lowerBound
        if length.nonzeroBitCount == 1 { return try completeSubtree(range) }
        let (left, right) = split(range)
        return MerkleHash.node(try completeSubtree(left), try root(of: right, completeSubtree: completeSubtree))
    }

    /// Splits more than one leaf at the largest power of two below their number.
    private static func split(_ range: Range<UInt64>) -> (left: Range<UInt64>, right: Range<UInt64>) {
        let length = range.upperBound - range.lowerBound
        let width = UInt64(1) << UInt64(UInt64.bitWidth - 1 - (length - 1).leadingZeroBitCount)
        let middle = range.lowerBound + width
        return (range.lowerBound..<middle, middle..<range.upperBound)
    }
}
