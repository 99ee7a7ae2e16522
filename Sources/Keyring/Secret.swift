// Bytes that are wiped when their last owner goes, and that no log or message can show.

package import Crypto
internal import Glibc

/// A secret: a passphrase, a password, the seed of a key. The memory behind it is wiped when it is freed.
package struct Secret: Sendable {
    private let storage: SymmetricKey

    package init(_ bytes: [UInt8]) {
        storage = SymmetricKey(data: bytes)
    }

    /// Takes the bytes over and wipes the array they came in.
    package init(consuming bytes: inout [UInt8]) {
        storage = SymmetricKey(data: bytes)
        wipe(&bytes)
    }

    package init(_ key: SymmetricKey) {
        storage = key
    }

    package static func random(byteCount: Int) -> Secret {
        Secret(SymmetricKey(size: SymmetricKeySize(bitCount: byteCount * 8)))
    }

    package var byteCount: Int { storage.bitCount / 8 }
    package var isEmpty: Bool { byteCount == 0 }

    /// Lends the bytes for the time of one call; the copy is wiped afterwards.
    package func withBytes<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        var copy = unsafe storage.withUnsafeBytes { unsafe Array($0) }
        defer { wipe(&copy) }
        return try body(copy)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Secret(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Overwrites the bytes and empties the array.
package func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
        if let base = buffer.baseAddress { unsafe explicit_bzero(base, buffer.count) }
    }
    bytes.removeAll()
}
