// A passphrase that cannot be logged by accident.

internal import Crypto

/// The bytes of a passphrase, wiped with the last copy.
package struct Passphrase: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private let bytes: SymmetricKey

    /// A passphrase as typed; its UTF-8 bytes count, without normalisation.
    package init(_ text: String) {
        bytes = SymmetricKey(data: Array(text.utf8))
    }

    package init(utf8 bytes: [UInt8]) {
        self.bytes = SymmetricKey(data: bytes)
    }

    package var isEmpty: Bool { bytes.bitCount == 0 }
    package var description: String { "Passphrase(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Constant time.
    package static func == (first: Self, second: Self) -> Bool { first.bytes == second.bytes }

    /// Adds nothing: a hash table keeps no trace of the secret.
    package func hash(into hasher: inout Hasher) {}

    func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        try body(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
    }
}
