// AES-256-GCM over segments with OpenSSL: bytes go from the caller's buffer to ours without a copy or an allocation.

private import COpenSSL
internal import CanonicalEncoding
internal import Crypto

/// The cipher of one member, for sealing or for opening.
///
/// Nonce: base nonce XOR segment number in its last 8 bytes. Additional data: object identifier, member number (u32),
/// segment number (u64). A segment number must be sealed once only; the sealer counts and never goes back.
///
/// One thread at a time. `@safe`: the context and the two buffers are created here, used here and freed here.
@safe
final class SegmentCipher {
    enum Direction { case sealing, opening }

    private let context: OpaquePointer
    private let nonce: UnsafeMutablePointer<UInt8>
    private let additionalData: UnsafeMutablePointer<UInt8>
    private let baseNonce: [UInt8]

    private static let additionalByteCount = EnvelopeFormat.objectIDByteCount + 4 + 8
    /// Fetched once and never freed: a fetch by name costs more than sealing a small record. OpenSSL shares it between threads.
    nonisolated(unsafe) private static let algorithm = {
        phr_OPENSSL_init()
        return unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    }()

    init(keys: MemberKeys, objectID: [UInt8], memberNumber: UInt32, direction: Direction) throws(EnvelopeError) {
        guard let algorithm = unsafe Self.algorithm, let context = unsafe EVP_CIPHER_CTX_new() else { throw Self.failure }
        unsafe self.context = unsafe context
        baseNonce = keys.baseNonce
        unsafe nonce = .allocate(capacity: EnvelopeFormat.nonceByteCount)
        unsafe additionalData = .allocate(capacity: Self.additionalByteCount)
        var fixed = objectID
        fixed.appendBigEndian(memberNumber)
        for (index, byte) in fixed.enumerated() { unsafe additionalData[index] = byte }
        let encrypting: Int32 = direction == .sealing ? 1 : 0
        let result = unsafe keys.payload.withUnsafeBytes { key in
            unsafe EVP_CipherInit_ex2(context, algorithm, key.bindMemory(to: UInt8.self).baseAddress, nil, encrypting, nil)
        }
        guard result == 1 else { throw Self.failure }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
        unsafe nonce.deallocate()
        unsafe additionalData.deallocate()
    }

    /// Starts a segment.
    func begin(segment: UInt64) throws(EnvelopeError) {
        for index in 0..<4 { unsafe nonce[index] = baseNonce[index] }
        for index in 0..<8 {
            let byte = UInt8(truncatingIfNeeded: segment >> UInt64(56 - 8 * index))
            unsafe nonce[4 + index] = baseNonce[4 + index] ^ byte
            unsafe additionalData[20 + index] = byte
        }
        var length: Int32 = 0
        guard unsafe EVP_CipherInit_ex2(context, nil, nil, nonce, -1, nil) == 1,
            unsafe EVP_CipherUpdate(context, nil, &length, additionalData, Int32(Self.additionalByteCount)) == 1
        else { throw Self.failure }
    }

    /// Encrypts or decrypts the next bytes of the segment; `output` has room for `input.count` and may be the same memory.
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer) throws(EnvelopeError) {
        guard let base = input.baseAddress, input.count > 0 else { return }
        var length: Int32 = 0
        let result = unsafe EVP_CipherUpdate(
            context, output.assumingMemoryBound(to: UInt8.self), &length, base.assumingMemoryBound(to: UInt8.self), Int32(input.count))
        guard result == 1 else { throw Self.failure }
    }

    /// Ends a segment that was sealed, and writes its tag of 16 bytes.
    func finish(tag: UnsafeMutableRawPointer) throws(EnvelopeError) {
        var length: Int32 = 0
        guard unsafe EVP_CipherFinal_ex(context, tag.assumingMemoryBound(to: UInt8.self), &length) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(EnvelopeFormat.tagByteCount), tag) == 1
        else { throw Self.failure }
    }

    /// Decrypts a whole sealed segment where it lies. False when it is not authentic; the bytes are then of no use.
    func open(segment: UInt64, in buffer: UnsafeMutableRawBufferPointer) throws(EnvelopeError) -> Bool {
        let count = buffer.count - EnvelopeFormat.tagByteCount
        guard count >= 0, let base = buffer.baseAddress else { return false }
        try begin(segment: segment)
        try unsafe update(UnsafeRawBufferPointer(start: base, count: count), into: base)
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(EnvelopeFormat.tagByteCount), base + count) == 1 else {
            throw Self.failure
        }
        var length: Int32 = 0
        defer { ERR_clear_error() }
        return unsafe EVP_CipherFinal_ex(context, (base + count).assumingMemoryBound(to: UInt8.self), &length) == 1
    }

    private static var failure: EnvelopeError { EnvelopeError(.source, "OpenSSL refused AES-256-GCM", at: "segment") }
}
