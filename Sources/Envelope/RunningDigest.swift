// SHA-256 on the data path: one OpenSSL context that starts again without an allocation.

private import COpenSSL

/// A SHA-256 that is fed piece by piece and may be used again after `finish`.
///
/// One thread at a time, which need not be the one that seals. `@safe`: the context is created, used and freed here.
@safe
final class RunningDigest {
    static let byteCount = 32
    private let context: OpaquePointer
    /// Fetched once and never freed; OpenSSL shares fetched algorithms between threads.
    nonisolated(unsafe) private static let algorithm = {
        phr_OPENSSL_init()
        return unsafe EVP_MD_fetch(nil, "SHA256", nil)
    }()

    init() {
        guard let algorithm = unsafe Self.algorithm, let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1
        else {
            fatalError("OpenSSL has no SHA-256")
        }
        unsafe self.context = unsafe context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { fatalError("SHA-256 failed") }
    }

    /// Writes the 32 bytes to `output` and starts again.
    func finish(into output: UnsafeMutableRawPointer) {
        var length: UInt32 = 0
        guard unsafe EVP_DigestFinal_ex(context, output.assumingMemoryBound(to: UInt8.self), &length) == 1,
            unsafe EVP_DigestInit_ex2(context, nil, nil) == 1
        else { fatalError("SHA-256 failed") }
    }

    /// The digest; starts again.
    func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            if let base = buffer.baseAddress { unsafe finish(into: base) }
            count = Self.byteCount
        }
    }
}
