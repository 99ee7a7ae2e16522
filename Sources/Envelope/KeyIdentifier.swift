// Short names of public keys.

internal import Crypto

/// The kinds of keys that have an identifier, and the numbers of their stanzas.
package enum KeyKind: UInt8, Sendable, CaseIterable {
    case xWing = 1
    case x25519 = 2
    case rsa = 3
    /// Attribute keys: no public key of theirs stands in a stanza, but a policy.
    case attributes = 4
    case passphrase = 5
    case ed25519 = 0x10
}

package enum KeyIdentifier {
    package static let byteCount = 16

    /// The first 16 bytes of SHA-256("phr/v1/key-id" ‖ kind ‖ public key).
    package static func of(_ kind: KeyKind, publicKey: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("phr/v1/key-id".utf8))
        hash.update(data: [kind.rawValue])
        hash.update(data: publicKey)
        return Array(hash.finalize().prefix(byteCount))
    }

    /// Where there is no public key to name: passphrases, and policies before they are sealed for.
    static let none = [UInt8](repeating: 0, count: byteCount)
}
