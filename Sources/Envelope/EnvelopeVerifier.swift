// Checks that need no key: anyone who holds an envelope can make them.

internal import Crypto

package enum EnvelopeVerifier {
    /// Recomputes the Merkle roots from the sealed segments, compares the leaf lists, and checks the signatures if keys are given.
    ///
    /// Says that the body is the one its footers speak of. That the footers are the right ones is shown by their
    /// signatures, and by the ledger, which holds the hash of the last.
    /// - Parameters:
    ///   - signerKeys: Ed25519 keys of which one must have signed each footer; nil to leave signatures unchecked.
    ///   - progress: Gets the number of sealed bytes checked so far; may throw to stop.
    package static func verifyBody(
        _ layout: EnvelopeLayout, source: some ByteSource, signerKeys: [[UInt8]]?, progress: (UInt64) throws -> Void = { _ in }
    ) throws {
        if let signerKeys { try verifySignatures(layout, signerKeys: signerKeys) }
        var checked: UInt64 = 0
        var buffer = [UInt8](repeating: 0, count: EnvelopeFormat.sealedSegmentByteCount)
        for (number, member) in layout.members.enumerated() {
            let tree = SegmentTree(keepingLeaves: !member.leafListRange.isEmpty)
            for index in 0..<member.footer.segmentCount {
                let range = member.range(ofSegment: index)
                try unsafe buffer.withUnsafeMutableBytes { all in
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<range.count])
                    try unsafe source.fill(part, at: range.lowerBound, place: "member \(number), segment \(index)")
                    unsafe tree.append(UnsafeRawBufferPointer(part))
                }
                checked += UInt64(range.count)
                try progress(checked)
            }
            guard tree.root == member.footer.merkleRoot else {
                throw EnvelopeError(.tampered, "the segments do not match the Merkle root", at: "member \(number)")
            }
            if let leaves = tree.leaves {
                try compare(leaves, member.leafListRange, source, place: "member \(number), leaf list")
            }
        }
    }

    /// Checks that each footer is signed by one of the keys.
    package static func verifySignatures(_ layout: EnvelopeLayout, signerKeys: [[UInt8]]) throws(EnvelopeError) {
        for (number, member) in layout.members.enumerated() {
            guard signerKeys.contains(where: { member.footer.isSigned(by: $0) }) else {
                throw EnvelopeError(.wrongSigner, "not signed by any of the \(signerKeys.count) expected keys", at: "member \(number), footer")
            }
        }
    }

    private static func compare(_ leaves: [UInt8], _ range: Range<UInt64>, _ source: some ByteSource, place: String) throws {
        guard try source.bytes(at: range.lowerBound, count: range.count, place: place) == leaves else {
            throw EnvelopeError(.tampered, "the leaf list does not match the segments", at: place)
        }
    }
}
