// The Merkle tree over the sealed segments of a member, grown without an allocation per segment.

internal import MerkleTree

/// Keeps the right edge of an RFC 6962 tree whose leaves are SHA-256(00 ‖ segment number (u64) ‖ sealed segment).
///
/// The same tree as `MerkleFrontier`, in one fixed buffer. One thread at a time. `@safe`: the buffer is allocated,
/// used within its bounds and freed here; a tree of at most 2⁶⁴ leaves has at most 64 complete subtrees.
@safe
final class SegmentTree {
    private static let hashByteCount = 32
    private static let capacity = 66
    /// The subtree roots, largest first; the slots behind the last one are scratch for the hash being carried up.
    private let hashes: UnsafeMutableRawPointer
    private let header: UnsafeMutableRawBufferPointer
    private let digest = RunningDigest()
    private var depth = 0
    /// Segments so far.
    private(set) var count: UInt64 = 0
    /// The leaf hashes one after the other, if they are to be kept.
    private(set) var leaves: [UInt8]?

    init(keepingLeaves: Bool) {
        unsafe hashes = .allocate(byteCount: Self.capacity * Self.hashByteCount, alignment: 16)
        unsafe header = .allocate(byteCount: 9, alignment: 8)
        leaves = keepingLeaves ? [] : nil
    }

    deinit {
        unsafe hashes.deallocate()
        unsafe header.deallocate()
    }

    /// Adds the next segment.
    func append(_ sealedSegment: UnsafeRawBufferPointer) {
        unsafe header[0] = 0
        for index in 0..<8 { unsafe header[1 + index] = UInt8(truncatingIfNeeded: count >> UInt64(56 - 8 * index)) }
        unsafe digest.update(UnsafeRawBufferPointer(header))
        unsafe digest.update(sealedSegment)
        unsafe digest.finish(into: slot(depth))
        unsafe leaves?.append(contentsOf: UnsafeRawBufferPointer(start: slot(depth), count: Self.hashByteCount))
        join()
    }

    /// Joins the new leaf with the complete subtrees to its left, as often as the old size has trailing ones.
    private func join() {
        for _ in 0..<(~count).trailingZeroBitCount {
            unsafe header[0] = 1
            unsafe digest.update(UnsafeRawBufferPointer(rebasing: header[..<1]))
            unsafe digest.update(UnsafeRawBufferPointer(start: slot(depth - 1), count: 2 * Self.hashByteCount))
            depth -= 1
            unsafe digest.finish(into: slot(depth))
        }
        depth += 1
        count += 1
    }

    /// The root of the tree as it stands.
    var root: [UInt8] {
        guard var result = hash(depth - 1) else { return MerkleHash.empty }
        for index in stride(from: depth - 2, through: 0, by: -1) {
            if let left = hash(index) { result = MerkleHash.node(left, result) }
        }
        return result
    }

    private func slot(_ index: Int) -> UnsafeMutableRawPointer { unsafe hashes + index * Self.hashByteCount }

    private func hash(_ index: Int) -> [UInt8]? {
        guard index >= 0, index < depth else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: slot(index), count: Self.hashByteCount))
    }
}
