// Seals one member while its bytes arrive, in one pass, not knowing how many will come.
//
// Invariants:
// 1. A segment number is sealed once: `segment` only grows, and after an error nothing more is sealed.
// 2. Exactly one segment, the last, is shorter than 65,536 bytes; it may be empty.
// 3. The plaintext is never stored: bytes are encrypted from the caller's buffer into ours.

internal import Crypto

/// The sealing side of a member.
///
/// Write `head` first, then what `update` and `finish` emit, in order. Used by one thread at a time, any thread: it may
/// be handed over between calls. Memory: one segment, and 32 bytes a segment when a leaf list is wanted.
/// `@safe`: the one buffer is allocated, used within its bounds and freed here.
@safe
package final class MemberSealer {
    /// Prefix and header slot.
    package let head: [UInt8]
    package let chain: MemberChain
    /// Bytes taken so far, without padding.
    package private(set) var plaintextByteCount: UInt64 = 0

    private let prefix: EnvelopePrefix
    private let keys: MemberKeys
    private let options: SealingOptions
    private let signer: Signer
    private let cipher: SegmentCipher
    private let tree: SegmentTree
    private let digest: RunningDigest?
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var segment: UInt64 = 0
    private var isUsable = true

    /// Makes a file key, a salt and the head.
    package init(chain: MemberChain, wrapKey: WrapKey, options: SealingOptions, signer: Signer, headerRevision: UInt64 = 0) throws(EnvelopeError) {
        guard chain.objectID.count == EnvelopeFormat.objectIDByteCount, chain.memberNumber < EnvelopeFormat.maximumMemberCount,
            (chain.memberNumber == 0) == (chain.previousFooterHash == nil)
        else { throw EnvelopeError(.limitExceeded, "member \(chain.memberNumber) cannot be added", at: "chain") }
        let fileKey = SymmetricKey(size: .bits256)
        let salt = SecureRandom.bytes(32)
        let flags = chain.memberNumber == 0 ? options.prefixFlags : options.prefixFlags.union(.continuation)
        let keys = MemberKeys(fileKey: fileKey, flags: flags, objectID: chain.objectID, salt: salt)
        let prefix = EnvelopePrefix(flags: flags, objectID: chain.objectID, salt: salt, commitment: keys.commitment)
        let header = EnvelopeHeader(
            revision: headerRevision, notAfter: options.notAfter, stanzas: wrapKey.stanzas,
            wrappedFileKey: try wrapKey.wrap(fileKey, binding: prefix.bound))
        head = try EnvelopeHead(prefix: prefix, header: header, macKey: keys.header, slot: options.slot).bytes
        cipher = try SegmentCipher(keys: keys, objectID: chain.objectID, memberNumber: chain.memberNumber, direction: .sealing)
        tree = SegmentTree(keepingLeaves: options.leafList)
        digest = options.plaintextDigest == .computed ? RunningDigest() : nil
        unsafe buffer = .allocate(byteCount: EnvelopeFormat.sealedSegmentByteCount, alignment: 64)
        self.chain = chain
        self.prefix = prefix
        self.keys = keys
        self.options = options
        self.signer = signer
    }

    deinit { unsafe buffer.deallocate() }

    /// Seals the next bytes. `emit` gets each full sealed segment, valid during the call only.
    package func update(_ plaintext: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try begin()
        unsafe digest?.update(plaintext)
        plaintextByteCount += UInt64(plaintext.count)
        try unsafe seal(plaintext, emit)
        isUsable = true
    }

    /// The same for bytes in an array.
    package func update(_ plaintext: [UInt8], emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try unsafe plaintext.withUnsafeBytes { unsafe try update($0, emit: emit) }
    }

    /// Seals what is left, the metadata and the footer. Nothing can be added afterwards.
    ///
    /// - Parameters:
    ///   - metadata: Size and digest are filled in here.
    ///   - interrupted: Whether the upload was cut off.
    ///   - plaintextSHA256: Only with `SealingOptions.PlaintextDigest.supplied`.
    package func finish(
        metadata: RecordMetadata, interrupted: Bool, plaintextSHA256: [UInt8]? = nil, emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> MemberSummary {
        try begin()
        guard let plaintextSHA256 = digest?.finish() ?? plaintextSHA256, plaintextSHA256.count == RunningDigest.byteCount else {
            throw EnvelopeError(.source, "the digest of the plaintext was to be supplied", at: "metadata")
        }
        try unsafe pad(emit)
        if filled == 0 { try cipher.begin(segment: segment) }
        try unsafe endSegment(emit)

        var metadata = metadata
        metadata.plaintextByteCount = plaintextByteCount
        metadata.plaintextSHA256 = plaintextSHA256
        let sealedMetadata = try metadata.sealed(keys: keys, objectID: chain.objectID, memberNumber: chain.memberNumber)
        var footer = footer(sealedMetadata: sealedMetadata, interrupted: interrupted)
        let tail = sealedMetadata + (tree.leaves ?? []) + (try footer.seal(signer: signer, macKey: keys.footer))
        try unsafe tail.withUnsafeBytes(emit)
        return MemberSummary(
            objectID: chain.objectID, memberNumber: chain.memberNumber, headLength: head.count, bodyLength: footer.bodyByteCount,
            totalLength: UInt64(head.count) + footer.bodyByteCount + UInt64(tail.count), merkleRoot: footer.merkleRoot, footerHash: footer.hash,
            headDigest: Array(SHA256.hash(data: head)), plaintextByteCount: plaintextByteCount, plaintextSHA256: plaintextSHA256, flags: footer.flags)
    }

    /// Marks the sealer as unusable until the call has gone through: an error in between leaves it so.
    private func begin() throws(EnvelopeError) {
        guard isUsable else { throw EnvelopeError(.source, "this member is finished or has failed before", at: "sealer") }
        isUsable = false
    }

    private func seal(_ plaintext: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        var offset = 0
        while offset < plaintext.count, let base = unsafe buffer.baseAddress {
            let count = min(plaintext.count - offset, EnvelopeFormat.segmentByteCount - filled)
            if filled == 0 { try cipher.begin(segment: segment) }
            try unsafe cipher.update(UnsafeRawBufferPointer(rebasing: plaintext[offset..<offset + count]), into: base + filled)
            filled += count
            offset += count
            if filled == EnvelopeFormat.segmentByteCount { try unsafe endSegment(emit) }
        }
    }

    private func endSegment(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let base = unsafe buffer.baseAddress, segment < EnvelopeFormat.maximumSegmentCount else {
            throw EnvelopeError(.limitExceeded, "a member has at most 2^32 segments", at: "segment")
        }
        try unsafe cipher.finish(tag: base + filled)
        let sealed = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<(filled + EnvelopeFormat.tagByteCount)])
        unsafe tree.append(sealed)
        filled = 0
        segment += 1
        try unsafe emit(sealed)
    }

    private func pad(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        var missing = options.padding.paddedByteCount(plaintextByteCount) - plaintextByteCount
        guard missing > 0 else { return }
        let zeros = [UInt8](repeating: 0, count: Int(min(missing, UInt64(EnvelopeFormat.segmentByteCount))))
        while missing > 0 {
            let count = Int(min(missing, UInt64(zeros.count)))
            try unsafe zeros[..<count].withUnsafeBytes { unsafe try seal($0, emit) }
            missing -= UInt64(count)
        }
    }

    private func footer(sealedMetadata: [UInt8], interrupted: Bool) -> EnvelopeFooter {
        let total = options.padding.paddedByteCount(plaintextByteCount) + segment * UInt64(EnvelopeFormat.tagByteCount)
        var flags: EnvelopeFooter.Flags = interrupted ? .interrupted : .complete
        if options.leafList { flags.insert(.leafList) }
        return EnvelopeFooter(
            bodyByteCount: total, segmentCount: segment, metadataByteCount: sealedMetadata.count, memberNumber: chain.memberNumber, flags: flags,
            merkleRoot: tree.root, previousFooterHash: chain.previousFooterHash,
            frameDigest: EnvelopeFooter.frameDigest(boundPrefix: prefix.bound, sealedMetadata: sealedMetadata), objectID: chain.objectID)
    }
}
