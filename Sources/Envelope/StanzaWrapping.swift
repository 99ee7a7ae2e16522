// How each kind of key wraps and unwraps the 32 bytes of a wrap key.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials

/// Every wrap is bound to "phr/v1/wrap-key", the kind and the key identifier, so that no stanza can pass for another.
///
/// X-Wing and X25519 are HPKE (RFC 9180, base mode). RSA-OAEP, policies and scrypt yield a secret from which HKDF makes the
/// AES-256-GCM key of a single message, hence the zero nonce.
enum StanzaWrapping {
    private static let x25519Suite = HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
    private static let xWingSuite = HPKE.Ciphersuite.XWingMLKEM768X25519_SHA256_AES_GCM_256
    private static let smallestRSABitCount = 3072
    private static let largestRSABitCount = 8192

    static func wrap(_ key: SymmetricKey, for recipient: Recipient) throws(EnvelopeError) -> Stanza {
        let keyID = recipient.keyID
        let info = Self.info(recipient.kind, keyID)
        do {
            switch recipient {
            case .xWing(let publicKey):
                let sender = try HPKE.Sender(
                    recipientKey: XWingMLKEM768X25519.PublicKey(rawRepresentation: publicKey), ciphersuite: xWingSuite, info: Data(info))
                return try stanza(.xWing, keyID, sender, key)
            case .x25519(let publicKey):
                let publicKey = try x25519Key(publicKey)
                return try stanza(.x25519, keyID, HPKE.Sender(recipientKey: publicKey, ciphersuite: x25519Suite, info: Data(info)), key)
            case .rsa(let der):
                return try wrapRSA(key, der, keyID, info)
            case .attributes(let recipient):
                return try wrapPolicy(key, recipient)
            case .passphrase(let passphrase, let workFactor):
                return try wrapPassphrase(key, passphrase, workFactor, info)
            }
        } catch let error as EnvelopeError {
            throw error
        } catch {
            throw EnvelopeError(.malformed, "not a usable \(recipient.kind) public key", at: "recipient \(keyID.prefix(4).hexadecimal)")
        }
    }

    /// - Throws: `tampered` for a stanza that does not open with the key it names, `wrongKey` for a wrong passphrase,
    ///   `notSatisfied` for a policy that the keys' attributes do not satisfy.
    static func unwrap(_ stanza: Stanza, with identity: Identity) throws(EnvelopeError) -> SymmetricKey {
        let info = Self.info(identity.kind, stanza.keyID)
        do {
            switch identity.secret {
            case .xWing(let key):
                var recipient = try HPKE.Recipient(
                    privateKey: key, ciphersuite: xWingSuite, info: Data(info), encapsulatedKey: Data(stanza.encapsulation))
                return SymmetricKey(data: try recipient.open(stanza.wrapped))
            case .x25519(let key):
                _ = try x25519Key(stanza.encapsulation)
                var recipient = try HPKE.Recipient(
                    privateKey: key, ciphersuite: x25519Suite, info: Data(info), encapsulatedKey: Data(stanza.encapsulation))
                return SymmetricKey(data: try recipient.open(stanza.wrapped))
            case .rsa(let der):
                let key = try unsafe der.withUnsafeBytes { unsafe try _RSA.Encryption.PrivateKey(derRepresentation: Array($0)) }
                let secret = SymmetricKey(data: try key.decrypt(stanza.encapsulation, padding: .PKCS1_OAEP_SHA256))
                return try open(stanza.wrapped, secret, info)
            case .attributes(let keys, let month):
                let secret = try KeyEncapsulation.decapsulate(stanza.encapsulation, keys: keys, associatedData: policyData, at: month)
                return try open(stanza.wrapped, secret, info)
            case .passphrase(let passphrase):
                let secret = try stretch(passphrase, salt: stanza.encapsulation, workFactor: stanza.workFactor)
                return try open(stanza.wrapped, secret, info + [UInt8(stanza.workFactor)])
            }
        } catch let error as AttributeError {
            throw EnvelopeError(error, at: "policy \(stanza.keyID.prefix(4).hexadecimal)")
        } catch {
            if identity.kind == .passphrase { throw EnvelopeError(.wrongKey, "the passphrase does not open it", at: "header") }
            throw EnvelopeError(.tampered, "the recipient entry for this key was changed", at: "header")
        }
    }

    private static func info(_ kind: KeyKind, _ keyID: [UInt8]) -> [UInt8] {
        Array("phr/v1/wrap-key".utf8) + [kind.rawValue] + keyID
    }

    /// What a policy's encapsulation is bound to: *info* without an identifier, which follows from the encapsulation.
    private static var policyData: [UInt8] { info(.attributes, []) }

    private static func stanza(_ kind: KeyKind, _ keyID: [UInt8], _ sender: consuming HPKE.Sender, _ key: SymmetricKey) throws -> Stanza {
        var sender = sender
        let wrapped = try unsafe key.withUnsafeBytes { unsafe try sender.seal(Array($0)) }
        return Stanza(kind: kind, keyID: keyID, encapsulation: Array(sender.encapsulatedKey), wrapped: Array(wrapped))
    }

    /// A public key that is not one of the few points whose shared secret is always zero (RFC 9180 §7.1.4).
    ///
    /// swift-crypto leaves this check to its callers; any private key shows such a point.
    private static func x25519Key(_ bytes: [UInt8]) throws -> Curve25519.KeyAgreement.PublicKey {
        let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
        let secret = try Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
        let isZero = unsafe secret.withUnsafeBytes { unsafe $0.allSatisfy { $0 == 0 } }
        guard !isZero else { throw EnvelopeError(.malformed, "a point of low order is no X25519 public key", at: "recipients") }
        return key
    }

    private static func wrapRSA(_ key: SymmetricKey, _ der: [UInt8], _ keyID: [UInt8], _ info: [UInt8]) throws -> Stanza {
        let publicKey = try _RSA.Encryption.PublicKey(derRepresentation: der)
        guard publicKey.keySizeInBits >= smallestRSABitCount, publicKey.keySizeInBits <= largestRSABitCount else {
            throw EnvelopeError(.unsupported, "RSA keys have \(smallestRSABitCount) to \(largestRSABitCount) bits", at: "recipients")
        }
        let secret = SymmetricKey(size: .bits256)
        let encapsulation = try unsafe secret.withUnsafeBytes { unsafe try publicKey.encrypt(Array($0), padding: .PKCS1_OAEP_SHA256) }
        return Stanza(kind: .rsa, keyID: keyID, encapsulation: Array(encapsulation), wrapped: try seal(key, secret, info))
    }

    /// One encapsulation, the costly part: callers share a wrap key among files.
    private static func wrapPolicy(_ key: SymmetricKey, _ recipient: PolicyRecipient) throws -> Stanza {
        let header: [UInt8]
        let secret: SymmetricKey
        do {
            (header, secret) = try KeyEncapsulation.encapsulate(
                recipient.policy, authorities: recipient.authorities, associatedData: policyData)
        } catch {
            throw EnvelopeError(.unusablePolicy, error.description, at: "policy")
        }
        guard header.count <= EnvelopeFormat.maximumAttributeHeaderByteCount else {
            throw EnvelopeError(.unusablePolicy, "its header of \(header.count) bytes is above 256 KiB", at: "policy")
        }
        let keyID = KeyIdentifier.of(.attributes, publicKey: header)
        return Stanza(kind: .attributes, keyID: keyID, encapsulation: header, wrapped: try seal(key, secret, info(.attributes, keyID)))
    }

    private static func wrapPassphrase(_ key: SymmetricKey, _ passphrase: Passphrase, _ workFactor: Int, _ info: [UInt8]) throws -> Stanza {
        guard !passphrase.isEmpty else { throw EnvelopeError(.malformed, "the passphrase is empty", at: "recipients") }
        guard (1...Stanza.largestWorkFactor).contains(workFactor) else {
            throw EnvelopeError(.limitExceeded, "scrypt work factors are 1 to \(Stanza.largestWorkFactor)", at: "recipients")
        }
        let salt = SecureRandom.bytes(16)
        let secret = try stretch(passphrase, salt: salt, workFactor: workFactor)
        let wrapped = try seal(key, secret, info + [UInt8(workFactor)])
        return Stanza(kind: .passphrase, keyID: KeyIdentifier.none, encapsulation: salt, wrapped: wrapped, workFactor: workFactor)
    }

    /// scrypt with r = 8, p = 1 (RFC 7914).
    private static func stretch(_ passphrase: Passphrase, salt: [UInt8], workFactor: Int) throws -> SymmetricKey {
        try passphrase.withBytes { bytes in
            try KDF.Scrypt.deriveKey(
                from: bytes, salt: Array("phr/v1/scrypt".utf8) + salt, outputByteCount: EnvelopeFormat.keyByteCount,
                rounds: 1 << workFactor, blockSize: 8, parallelism: 1)
        }
    }

    private static func seal(_ key: SymmetricKey, _ secret: SymmetricKey, _ info: [UInt8]) throws -> [UInt8] {
        let box = try unsafe key.withUnsafeBytes {
            unsafe try AES.GCM.seal(Array($0), using: derive(secret, info), nonce: zeroNonce(), authenticating: info)
        }
        return Array(box.ciphertext) + Array(box.tag)
    }

    private static func open(_ wrapped: [UInt8], _ secret: SymmetricKey, _ info: [UInt8]) throws -> SymmetricKey {
        let box = try AES.GCM.SealedBox(
            nonce: zeroNonce(), ciphertext: wrapped.dropLast(EnvelopeFormat.tagByteCount), tag: wrapped.suffix(EnvelopeFormat.tagByteCount))
        return SymmetricKey(data: try AES.GCM.open(box, using: derive(secret, info), authenticating: info))
    }

    private static func derive(_ secret: SymmetricKey, _ info: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: info, outputByteCount: EnvelopeFormat.keyByteCount)
    }

    private static func zeroNonce() throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: EnvelopeFormat.nonceByteCount))
    }
}
