// Who opens an envelope.

package import AttributeEncryption
internal import Crypto
internal import CryptoExtras

/// The private side of a key that can open an envelope.
///
/// Secrets live in memory that swift-crypto wipes when the last copy goes.
package struct Identity: Sendable {
    enum Secret: Sendable {
        case xWing(XWingMLKEM768X25519.PrivateKey)
        case x25519(Curve25519.KeyAgreement.PrivateKey)
        /// DER, parsed at each use: the parsed form is not `Sendable`.
        case rsa(SymmetricKey)
        case attributes([AttributeKey], Month)
        case passphrase(Passphrase)
    }

    let secret: Secret
    package let kind: KeyKind
    /// As in the stanzas that this identity opens; 16 zeros for attribute keys, which may open any stanza of type 4.
    package let keyID: [UInt8]
    /// The public key bytes, as `Recipient` takes them; empty for a passphrase.
    package let publicKey: [UInt8]

    private init(_ secret: Secret, kind: KeyKind, publicKey: [UInt8]) {
        self.secret = secret
        self.kind = kind
        self.publicKey = publicKey
        self.keyID = KeyIdentifier.of(kind, publicKey: publicKey)
    }

    /// An X-Wing key from its 32-byte seed.
    package static func xWing(seed: [UInt8]) throws(EnvelopeError) -> Identity {
        guard seed.count == 32, let key = try? XWingMLKEM768X25519.PrivateKey(seedRepresentation: seed, publicKey: nil) else {
            throw EnvelopeError(.malformed, "an X-Wing seed has 32 bytes", at: "identity")
        }
        return Identity(.xWing(key), kind: .xWing, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// An X25519 key from its 32 bytes.
    package static func x25519(privateKey: [UInt8]) throws(EnvelopeError) -> Identity {
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: privateKey) else {
            throw EnvelopeError(.malformed, "an X25519 private key has 32 bytes", at: "identity")
        }
        return Identity(.x25519(key), kind: .x25519, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// An RSA key as DER, PKCS #8 or PKCS #1.
    package static func rsa(privateKeyDER: [UInt8]) throws(EnvelopeError) -> Identity {
        guard let key = try? _RSA.Encryption.PrivateKey(derRepresentation: privateKeyDER), key.keySizeInBits >= 3072 else {
            throw EnvelopeError(.malformed, "not an RSA private key of at least 3072 bits", at: "identity")
        }
        return Identity(.rsa(SymmetricKey(data: privateKeyDER)), kind: .rsa, publicKey: Array(key.publicKey.derRepresentation))
    }

    package static func passphrase(_ passphrase: Passphrase) -> Identity {
        Identity(nameless: .passphrase(passphrase), kind: .passphrase)
    }

    /// All attribute keys that one person holds, from any authorities, the newest first.
    ///
    /// - Parameter month: the present one; keys outside their validity are not used.
    package static func attributes(_ keys: [AttributeKey], at month: Month) -> Identity {
        Identity(nameless: .attributes(keys, month), kind: .attributes)
    }

    private init(nameless secret: Secret, kind: KeyKind) {
        self.secret = secret
        self.kind = kind
        keyID = KeyIdentifier.none
        publicKey = []
    }

    /// A new X-Wing key.
    package static func generateXWing() throws(EnvelopeError) -> Identity {
        guard let key = try? XWingMLKEM768X25519.PrivateKey.generate() else {
            throw EnvelopeError(.source, "no key could be generated", at: "identity")
        }
        return Identity(.xWing(key), kind: .xWing, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// A new X25519 key.
    package static func generateX25519() -> Identity {
        let key = Curve25519.KeyAgreement.PrivateKey()
        return Identity(.x25519(key), kind: .x25519, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// A new RSA key.
    package static func generateRSA(bitCount: Int = 3072) throws(EnvelopeError) -> Identity {
        guard bitCount >= 3072, let key = try? _RSA.Encryption.PrivateKey(keySize: .init(bitCount: bitCount)) else {
            throw EnvelopeError(.unsupported, "RSA keys need at least 3072 bits", at: "identity")
        }
        return try .rsa(privateKeyDER: Array(key.derRepresentation))
    }

    /// Whether it is worth trying on a stanza: a stanza for this very key, or any policy for attribute keys.
    package func mayOpen(_ stanza: Stanza) -> Bool {
        kind == stanza.kind && (kind == .attributes || keyID == stanza.keyID)
    }

    /// The same key, the same passphrase, or the same attribute keys.
    func isSame(as other: Identity) -> Bool {
        if case .attributes(let first, let month) = secret, case .attributes(let second, let otherMonth) = other.secret {
            return first.map(\.keyID) == second.map(\.keyID) && month == otherMonth
        }
        if case .passphrase(let first) = secret, case .passphrase(let second) = other.secret { return first == second }
        return kind == other.kind && keyID == other.keyID
    }

    /// The public side; nil for a passphrase and for attribute keys, which have none.
    package var recipient: Recipient? {
        switch kind {
        case .xWing: .xWing(publicKey: publicKey)
        case .x25519: .x25519(publicKey: publicKey)
        case .rsa: .rsa(publicKeyDER: publicKey)
        case .passphrase, .attributes, .ed25519: nil
        }
    }

    /// The private key, in the form that the function of the same kind takes; nil for a passphrase and for attribute keys.
    ///
    /// For a key store only, which encrypts it at once.
    package func exportPrivateKey() -> [UInt8]? {
        switch secret {
        case .xWing(let key): Array(key.seedRepresentation)
        case .x25519(let key): Array(key.rawRepresentation)
        case .rsa(let der): unsafe der.withUnsafeBytes { unsafe Array($0) }
        case .passphrase, .attributes: nil
        }
    }
}

extension Identity: CustomStringConvertible, CustomReflectable {
    package var description: String { "Identity(\(kind), redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
