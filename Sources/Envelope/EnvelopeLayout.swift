// Where the parts of an envelope lie, found out without a key.

internal import CanonicalEncoding

/// One member of a file.
package struct MemberLayout: Sendable {
    package let head: EnvelopeHead
    package let footer: EnvelopeFooter
    /// SHA-256 of the footer.
    package let footerHash: [UInt8]
    package let headRange: Range<UInt64>
    package let segmentsRange: Range<UInt64>
    package let metadataRange: Range<UInt64>
    /// Empty when there is no leaf list.
    package let leafListRange: Range<UInt64>
    package let footerRange: Range<UInt64>

    package var prefix: EnvelopePrefix { head.prefix }

    /// Where a segment lies.
    func range(ofSegment index: UInt64) -> Range<UInt64> {
        let start = segmentsRange.lowerBound + index * UInt64(EnvelopeFormat.sealedSegmentByteCount)
        return start..<min(start + UInt64(EnvelopeFormat.sealedSegmentByteCount), segmentsRange.upperBound)
    }

    /// Plaintext bytes with padding.
    var paddedByteCount: UInt64 { footer.bodyByteCount - footer.segmentCount * UInt64(EnvelopeFormat.tagByteCount) }
}

/// The members of a file, and that they belong together.
///
/// Reads heads, metadata and footers, not segments. Checked: all lengths and limits, the chain of footers, the binding of
/// prefix and metadata to the footer. Not checked, for want of a key or of time: MACs, signatures and segments.
package struct EnvelopeLayout: Sendable {
    package let members: [MemberLayout]
    package let byteCount: UInt64

    /// - Parameter allowingInterrupted: Whether the last member may be marked as interrupted, as partial uploads are.
    package init(scanning source: some ByteSource, allowingInterrupted: Bool = false) throws {
        byteCount = try source.byteCount
        var members: [MemberLayout] = []
        var end = byteCount
        var headsByteCount = 0
        let start = try source.bytes(at: 0, count: Int(min(byteCount, 8)), place: "prefix")
        try EnvelopePrefix.checkMagic(start)
        repeat {
            guard members.count < EnvelopeFormat.maximumMemberCount else {
                throw EnvelopeError(.limitExceeded, "more than \(EnvelopeFormat.maximumMemberCount) members", at: "file")
            }
            let member = try Self.member(endingAt: end, in: source)
            headsByteCount += member.head.bytes.count
            guard headsByteCount <= EnvelopeFormat.maximumHeadsByteCount else {
                throw EnvelopeError(.limitExceeded, "headers above 16 MiB", at: "file")
            }
            end = member.headRange.lowerBound
            members.append(member)
        } while end > 0
        self.members = members.reversed()
        try checkChain()
        guard allowingInterrupted || footer.flags.contains(.complete) else {
            throw EnvelopeError(.incomplete, "the upload of this record was cut off and never finished", at: "member \(members.count - 1), footer")
        }
    }

    private static func member(endingAt end: UInt64, in source: some ByteSource) throws -> MemberLayout {
        var cursor = BackwardCursor(offset: end)
        let footerRange = try cursor.back(UInt64(EnvelopeFormat.footerByteCount), place: "footer")
        let footer = try EnvelopeFooter(parsing: source.bytes(at: footerRange.lowerBound, count: EnvelopeFormat.footerByteCount, place: "footer"))
        let leafListRange = try cursor.back(footer.leafListByteCount, place: "leaf list")
        let metadataRange = try cursor.back(UInt64(footer.metadataByteCount), place: "metadata")
        let segmentsRange = try cursor.back(footer.bodyByteCount, place: "segments")
        guard segmentsRange.lowerBound >= 4 else { throw EnvelopeError(.truncated, "begins too late", at: "header") }
        let trailer = try source.bytes(at: segmentsRange.lowerBound - 4, count: 4, place: "header")
        let slotByteCount = trailer.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard slotByteCount <= UInt64(EnvelopeFormat.maximumSlotByteCount) else {
            throw EnvelopeError(.limitExceeded, "header above 1 MiB", at: "header")
        }
        let headRange = try cursor.back(UInt64(EnvelopeFormat.prefixByteCount) + slotByteCount, place: "header")
        let head = try EnvelopeHead(parsing: source.bytes(at: headRange.lowerBound, count: headRange.count, place: "header"))
        guard head.prefix.objectID == footer.objectID, head.prefix.flags.contains(.leafList) == footer.flags.contains(.leafList) else {
            throw EnvelopeError(.tampered, "prefix and footer are not of the same member", at: "footer")
        }
        let sealedMetadata = try source.bytes(at: metadataRange.lowerBound, count: metadataRange.count, place: "metadata")
        guard footer.frameDigest == EnvelopeFooter.frameDigest(boundPrefix: head.prefix.bound, sealedMetadata: sealedMetadata) else {
            throw EnvelopeError(.tampered, "prefix or metadata do not belong to the footer", at: "footer")
        }
        return MemberLayout(
            head: head, footer: footer, footerHash: footer.hash, headRange: headRange, segmentsRange: segmentsRange, metadataRange: metadataRange,
            leafListRange: leafListRange, footerRange: footerRange)
    }

    private func checkChain() throws(EnvelopeError) {
        var previous = EnvelopeFooter.noPreviousFooter
        for (number, member) in members.enumerated() {
            guard member.footer.memberNumber == number, member.footer.previousFooterHash == previous, member.footer.objectID == objectID,
                member.prefix.flags.contains(.continuation) == (number > 0)
            else { throw EnvelopeError(.tampered, "members are missing, moved or of another record", at: "member \(number), footer") }
            guard member.head.revision == headerRevision else {
                throw EnvelopeError(.tampered, "headers of different revisions", at: "member \(number), header")
            }
            previous = member.footerHash
        }
    }
}

extension EnvelopeLayout {
    package var objectID: [UInt8] { members[0].prefix.objectID }
    package var headerRevision: UInt64 { members[0].head.revision }
    /// Of the last member.
    package var footer: EnvelopeFooter { members[members.count - 1].footer }
    /// SHA-256 of the last footer: the envelope's root, which stands for the whole body.
    package var footerHash: [UInt8] { members[members.count - 1].footerHash }
    /// Prefix and slot of each member.
    package var heads: [[UInt8]] { members.map(\.head.bytes) }
    package var headersDigest: [UInt8] { EnvelopeHead.headersDigest(of: heads) }
    /// The recipients of the last member; `members` has those of each.
    package var stanzas: [Stanza] { members[members.count - 1].head.stanzas }
    package var notAfter: UInt64? { members.compactMap(\.head.notAfter).min() }
    /// The plaintext has at most so many bytes; padding is included.
    package var totalPlaintextUpperBound: UInt64 { members.reduce(0) { $0 + $1.paddedByteCount } }
    /// Where a further member goes.
    package var nextInChain: MemberChain {
        MemberChain(objectID: objectID, memberNumber: UInt32(members.count), previousFooterHash: footerHash)
    }
}

/// Measures parts off from the end of a file.
private struct BackwardCursor {
    var offset: UInt64

    mutating func back(_ count: UInt64, place: String) throws(EnvelopeError) -> Range<UInt64> {
        guard count <= offset else { throw EnvelopeError(.truncated, "\(count) bytes expected, only \(offset) are there", at: place) }
        let range = (offset - count)..<offset
        offset -= count
        return range
    }
}
