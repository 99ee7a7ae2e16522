// Whom an envelope is sealed for.

/// The public side of a key that can open an envelope.
package enum Recipient: Hashable, Sendable {
    /// X-Wing (ML-KEM-768 with X25519), 1,216 bytes: the default for people and sites, safe against quantum computers.
    case xWing(publicKey: [UInt8])
    /// X25519, 32 bytes.
    case x25519(publicKey: [UInt8])
    /// RSA of at least 3,072 bits as DER SubjectPublicKeyInfo.
    case rsa(publicKeyDER: [UInt8])
    /// A policy over attributes; made with `policy(_:_:)`.
    case attributes(PolicyRecipient)
    /// A passphrase, alone in its header; `workFactor` is the base-2 logarithm of scrypt's N.
    case passphrase(Passphrase, workFactor: Int = 15)

    package var kind: KeyKind {
        switch self {
        case .xWing: .xWing
        case .x25519: .x25519
        case .rsa: .rsa
        case .attributes: .attributes
        case .passphrase: .passphrase
        }
    }

    /// Names the key in stanzas and on screens; 16 zeros for a passphrase, and for a policy, whose stanzas are named by
    /// what was encapsulated.
    package var keyID: [UInt8] {
        switch self {
        case .xWing(let key), .x25519(let key), .rsa(let key): KeyIdentifier.of(kind, publicKey: key)
        case .passphrase, .attributes: KeyIdentifier.none
        }
    }

    /// Whether a quantum computer would not help to open it. Passphrases count, as far as they are good.
    package var isPostQuantum: Bool {
        switch self {
        case .xWing, .passphrase: true
        case .x25519, .rsa, .attributes: false
        }
    }
}
