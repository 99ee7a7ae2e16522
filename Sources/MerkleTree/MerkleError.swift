// What can be wrong with a proof or a frontier.

/// Why a Merkle proof or a stored frontier was not accepted.
package enum MerkleError: Error, Equatable, Sendable {
    /// The leaf asked for is not in a tree of that size.
    case indexOutOfRange(index: UInt64, size: UInt64)
    /// The sizes cannot be those of an older and a newer tree; an empty older tree proves nothing and is refused.
    case invalidSizes(from: UInt64, to: UInt64)
    /// A hash is not 32 bytes long.
    case invalidHashLength(Int)
    /// The path has too few or too many hashes for these sizes.
    case invalidPathLength(Int)
    /// The path does not lead to the expected root.
    case rootMismatch
    /// A frontier needs one hash for each bit set in its size.
    case invalidFrontier(size: UInt64, hashCount: Int)
}

extension MerkleError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .indexOutOfRange(let index, let size): "leaf \(index) is not in a tree of \(size) leaves"
        case .invalidSizes(let from, let to): "a tree of \(to) leaves cannot be proven to continue one of \(from)"
        case .invalidHashLength(let length): "a hash of the proof has \(length) bytes instead of 32"
        case .invalidPathLength(let count): "the proof has \(count) hashes, which is not the number these sizes need"
        case .rootMismatch: "the proof does not lead to the expected tree root"
        case .invalidFrontier(let size, let count): "a frontier of \(size) leaves cannot have \(count) hashes"
        }
    }
}
