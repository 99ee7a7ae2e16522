// The right edge of a growing tree: enough to append and to know the root, without the leaves.

/// The roots of the complete subtrees of a tree, largest first: one for each bit set in its size.
///
/// Appending costs one hash on average and at most 64. Source: RFC 9162 §2.1.2.
package struct MerkleFrontier: Sendable, Equatable {
    /// Leaves so far.
    package private(set) var size: UInt64
    /// Roots of the complete subtrees, from the oldest and largest to the newest and smallest.
    package private(set) var hashes: [[UInt8]]

    /// The frontier of an empty tree.
    package init() {
        size = 0
        hashes = []
    }

    /// A frontier as stored earlier.
    package init(size: UInt64, hashes: [[UInt8]]) throws(MerkleError) {
        guard hashes.count == size.nonzeroBitCount else { throw .invalidFrontier(size: size, hashCount: hashes.count) }
        try checkHashLengths(hashes)
        self.size = size
        self.hashes = hashes
    }

    /// Adds a leaf by its hash.
    package mutating func append(leafHash: [UInt8]) {
        precondition(leafHash.count == MerkleHash.byteCount, "a leaf hash has 32 bytes")
        var hash = leafHash
        var completed = size
        while completed & 1 == 1, let left = hashes.popLast() {
            hash = MerkleHash.node(left, hash)
            completed >>= 1
        }
        hashes.append(hash)
        size += 1
    }

    /// The root of the tree as it stands.
    package var root: [UInt8] {
        guard var result = hashes.last else { return MerkleHash.empty }
        for left in hashes.dropLast().reversed() { result = MerkleHash.node(left, result) }
        return result
    }
}

/// Refuses a hash that is not as long as SHA-256 makes them.
func checkHashLengths(_ hashes: [[UInt8]]) throws(MerkleError) {
    for hash in hashes where hash.count != MerkleHash.byteCount { throw .invalidHashLength(hash.count) }
}
