// Secrets as bytes: lent for one call and overwritten afterwards. The only file of the target with unsafe memory.

internal import Crypto
internal import Glibc

extension SymmetricKey {
    /// Lends the bytes for the time of one call; the copy is overwritten afterwards. They must not be kept.
    func withBytes<R, E: Error>(_ body: ([UInt8]) throws(E) -> R) throws(E) -> R {
        var copy = unsafe withUnsafeBytes { unsafe Array($0) }
        defer { copy.wipe() }
        return try body(copy)
    }

    /// Takes over the bytes and overwrites the array they came in. The key's own memory is wiped when it is freed.
    init(consuming bytes: inout [UInt8]) {
        self.init(data: bytes)
        bytes.wipe()
    }
}

extension [UInt8] {
    /// Overwrites the bytes, also when nothing reads them again, and empties the array.
    mutating func wipe() {
        unsafe withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { unsafe explicit_bzero(base, buffer.count) }
        }
        removeAll()
    }
}

/// Bytes from the system's generator, for what is not secret: weights of batched checks and salts.
func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}
