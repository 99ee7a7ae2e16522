// The key that signs footers, headers and key bundles.

internal import Crypto

/// An Ed25519 private key.
package struct Signer: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    /// 32 bytes.
    package let publicKey: [UInt8]
    /// The identifier of the public key.
    package let keyID: [UInt8]

    /// A key from its 32-byte seed.
    package init(seed: [UInt8]) throws(EnvelopeError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw EnvelopeError(.malformed, "an Ed25519 seed has 32 bytes", at: "signer")
        }
        self.init(key)
    }

    private init(_ key: Curve25519.Signing.PrivateKey) {
        self.key = key
        publicKey = Array(key.publicKey.rawRepresentation)
        keyID = KeyIdentifier.of(.ed25519, publicKey: publicKey)
    }

    /// A new key.
    package static func generate() -> Signer { Signer(Curve25519.Signing.PrivateKey()) }

    /// The first 8 bytes of the key identifier, as it stands in footers.
    package var hint: [UInt8] { Array(keyID.prefix(8)) }

    /// For a key store only, which encrypts it at once.
    package func exportSeed() -> [UInt8] { Array(key.rawRepresentation) }

    /// A 64-byte signature of `message`.
    package func sign(_ message: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        do { return Array(try key.signature(for: message)) } catch {
            throw EnvelopeError(.source, "signing failed", at: "signer")
        }
    }

    /// Whether `signature` of `message` is by the owner of `publicKey`.
    package static func isValid(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}

extension Signer: CustomStringConvertible, CustomReflectable {
    package var description: String { "Signer(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
