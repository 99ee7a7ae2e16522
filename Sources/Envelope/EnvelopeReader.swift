// Opens envelopes: at any offset, or from front to back with all checks.

private import COpenSSL

/// The opening side of an envelope.
///
/// Opening checks, for each member: that a key fits, the commitment, the MACs of header and footer, and the metadata.
/// Used by one thread at a time. `@safe`: the one buffer is allocated, used within its bounds, wiped and freed here.
@safe
package final class EnvelopeReader {
    /// An opened member.
    private struct Member {
        let layout: MemberLayout
        let keys: MemberKeys
        let metadata: RecordMetadata
        /// Where its plaintext begins in the record.
        let start: UInt64
        var end: UInt64 { start + metadata.plaintextByteCount }
    }

    package let layout: EnvelopeLayout
    /// Bytes of the record, without padding.
    package let plaintextByteCount: UInt64
    private let source: any ByteSource
    private let members: [Member]
    private let buffer: UnsafeMutableRawBufferPointer
    /// The segment that the buffer holds in plain.
    private var loaded: (member: Int, segment: UInt64)?
    private var cipher: (member: Int, cipher: SegmentCipher)?

    package init(layout: EnvelopeLayout, source: any ByteSource, identities: [Identity], cache: WrapKeyCache? = nil) throws {
        let cache = cache ?? WrapKeyCache()
        var members: [Member] = []
        var start: UInt64 = 0
        for (number, part) in layout.members.enumerated() {
            let member: Member
            do {
                member = try Self.open(part, start: start, source: source, identities: identities, cache: cache)
            } catch let error as EnvelopeError {
                throw error.inMember(number)
            }
            start = member.end
            members.append(member)
        }
        self.layout = layout
        self.source = source
        self.members = members
        plaintextByteCount = start
        unsafe buffer = .allocate(byteCount: EnvelopeFormat.sealedSegmentByteCount, alignment: 64)
    }

    deinit {
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        unsafe buffer.deallocate()
    }

    private static func open(
        _ part: MemberLayout, start: UInt64, source: any ByteSource, identities: [Identity], cache: WrapKeyCache
    ) throws -> Member {
        let keys = try MemberKeys(opening: part.head, with: identities, cache: cache)
        guard part.footer.isAuthentic(macKey: keys.footer) else { throw EnvelopeError(.tampered, "the footer was changed", at: "footer") }
        let sealed = try source.bytes(at: part.metadataRange.lowerBound, count: part.metadataRange.count, place: "metadata")
        let metadata = try RecordMetadata(opening: sealed, keys: keys, objectID: part.footer.objectID, memberNumber: part.footer.memberNumber)
        let padded = part.paddedByteCount
        guard metadata.plaintextByteCount == padded || (part.prefix.flags.contains(.padded) && metadata.plaintextByteCount < padded) else {
            throw EnvelopeError(.malformed, "a size of \(metadata.plaintextByteCount) does not fit \(padded) bytes of body", at: "metadata")
        }
        return Member(layout: part, keys: keys, metadata: metadata, start: start)
    }

    /// What the last member says of the record. Size and digest are those of that member alone.
    package var metadata: RecordMetadata { members[members.count - 1].metadata }

    /// What each member says of its part.
    package var memberMetadata: [RecordMetadata] { members.map(\.metadata) }

    /// Reads plaintext from `offset` on and returns how much: less than asked for only at the end of the record.
    ///
    /// Each segment touched is authenticated; the others, the Merkle root and the digest are not looked at.
    package func read(offset: UInt64, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset < plaintextByteCount else { return 0 }
        var done = 0
        while done < output.count, offset + UInt64(done) < plaintextByteCount {
            let position = offset + UInt64(done)
            guard let number = members.firstIndex(where: { position < $0.end }) else { break }
            let member = members[number]
            let inMember = position - member.start
            let segment = inMember / UInt64(EnvelopeFormat.segmentByteCount)
            try load(segment: segment, of: number)
            let inSegment = Int(inMember % UInt64(EnvelopeFormat.segmentByteCount))
            let available = min(EnvelopeFormat.segmentByteCount - inSegment, Int(clamping: member.end - position))
            let count = min(available, output.count - done)
            unsafe UnsafeMutableRawBufferPointer(rebasing: output[done...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: buffer[inSegment..<inSegment + count]))
            done += count
        }
        return done
    }

    /// Streams the whole record, then checks Merkle roots, sizes and digests.
    ///
    /// What was emitted counts only when this returns: until then it belongs in a temporary place.
    /// - Parameter progress: Gets the number of plaintext bytes so far; may throw to stop.
    package func readAll(emit: (UnsafeRawBufferPointer) throws -> Void, progress: (UInt64) throws -> Void = { _ in }) throws {
        for number in members.indices {
            do {
                try unsafe readMember(number, emit, progress)
            } catch let error as EnvelopeError {
                throw error.inMember(number)
            }
        }
    }

    /// The whole record in memory, after all checks.
    package func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(clamping: plaintextByteCount))
        try unsafe readAll(emit: { unsafe bytes.append(contentsOf: $0) })
        return bytes
    }

    private func readMember(_ number: Int, _ emit: (UnsafeRawBufferPointer) throws -> Void, _ progress: (UInt64) throws -> Void) throws {
        let member = members[number]
        let tree = SegmentTree(keepingLeaves: false)
        let digest = RunningDigest()
        var left = member.metadata.plaintextByteCount
        for segment in 0..<member.layout.footer.segmentCount {
            let plain = try unsafe open(segment, of: number, into: tree)
            let count = Int(min(left, UInt64(plain.count)))
            guard unsafe plain[count...].allSatisfy({ $0 == 0 }) else {
                throw EnvelopeError(.malformed, "the padding is not zero", at: "segment \(segment)")
            }
            let content = unsafe UnsafeRawBufferPointer(rebasing: plain[..<count])
            unsafe digest.update(content)
            if count > 0 { try unsafe emit(content) }
            left -= UInt64(count)
            try progress(member.end - left)
        }
        guard tree.root == member.layout.footer.merkleRoot else {
            throw EnvelopeError(.tampered, "the segments do not match the Merkle root", at: "footer")
        }
        guard digest.finish() == member.metadata.plaintextSHA256 else {
            throw EnvelopeError(.tampered, "the content does not match its digest", at: "metadata")
        }
    }

    private func load(segment: UInt64, of number: Int) throws {
        if let loaded, loaded == (number, segment) { return }
        _ = try unsafe open(segment, of: number, into: nil)
    }

    /// Reads and opens a segment in the buffer, and returns the plaintext, valid until the next call.
    private func open(_ segment: UInt64, of number: Int, into tree: SegmentTree?) throws -> UnsafeRawBufferPointer {
        let range = members[number].layout.range(ofSegment: segment)
        let sealed = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
        loaded = nil
        try unsafe source.fill(sealed, at: range.lowerBound, place: "segment \(segment)")
        unsafe tree?.append(UnsafeRawBufferPointer(sealed))
        guard try unsafe cipher(of: number).open(segment: segment, in: sealed) else {
            throw EnvelopeError(.tampered, "the segment was changed, moved or belongs to another record", at: "segment \(segment)")
        }
        loaded = (number, segment)
        return unsafe UnsafeRawBufferPointer(rebasing: sealed[..<(range.count - EnvelopeFormat.tagByteCount)])
    }

    private func cipher(of number: Int) throws -> SegmentCipher {
        if let cipher, cipher.member == number { return cipher.cipher }
        let footer = members[number].layout.footer
        let new = try SegmentCipher(keys: members[number].keys, objectID: footer.objectID, memberNumber: footer.memberNumber, direction: .opening)
        cipher = (number, new)
        return new
    }
}
