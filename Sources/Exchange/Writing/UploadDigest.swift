/// The digests that an upload needs: of its own bytes, for its member's metadata, and of the whole file, for receipts and HASH.
import Crypto

struct UploadDigest {
    private var own = SHA256()
    /// Over what is continued and then the upload's own bytes.
    private var continued: SHA256?
    private let isContinuation: Bool

    /// - Parameter earlier: nil for a new file; for one that is continued the digest so far, nil if the session does not know it.
    init(_ earlier: SHA256??) {
        isContinuation = earlier != nil
        continued = earlier ?? nil
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe own.update(bufferPointer: bytes)
        unsafe continued?.update(bufferPointer: bytes)
    }

    var ownSHA256: [UInt8] { Array(own.finalize()) }

    /// Over the whole file; nil if the session does not know how it begins.
    var whole: SHA256? { isContinuation ? continued : own }
}
