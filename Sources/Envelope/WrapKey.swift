// One encapsulation for many files: a random key, wrapped once for each recipient, that wraps file keys symmetrically.

internal import CanonicalEncoding
internal import Crypto

/// A wrap key with the stanzas that carry it.
///
/// Public-key work costs up to milliseconds and is done once for a list of recipients; each file then costs one short
/// AES-GCM call. The key itself is wiped with the last reference.
package final class WrapKey: Sendable {
    package let stanzas: [Stanza]
    /// Names the list of stanzas, for a reader's cache.
    package let stanzaHash: [UInt8]
    /// Who opened it; nil for the sealing side.
    private let opener: Identity?
    private let fileKeyWrappingKey: SymmetricKey

    static let wrappedFileKeyByteCount = EnvelopeFormat.nonceByteCount + EnvelopeFormat.keyByteCount + EnvelopeFormat.tagByteCount

    private init(_ key: SymmetricKey, stanzas: [Stanza], opener: Identity?) {
        self.stanzas = stanzas
        self.stanzaHash = Self.stanzaHash(of: stanzas)
        self.opener = opener
        fileKeyWrappingKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("phr/v1/file-key-wrap".utf8), outputByteCount: EnvelopeFormat.keyByteCount)
    }

    /// A new key for these recipients: 1 to 64, each once, a passphrase alone.
    package convenience init(recipients: [Recipient]) throws(EnvelopeError) {
        let key = SymmetricKey(size: .bits256)
        var stanzas: [Stanza] = []
        for recipient in recipients { stanzas.append(try StanzaWrapping.wrap(key, for: recipient)) }
        try Stanza.check(stanzas, place: "recipients")
        self.init(key, stanzas: stanzas, opener: nil)
    }

    /// Unwraps with the first of the identities that a stanza is for; attribute keys are tried on each policy.
    ///
    /// - Throws: `wrongKey` when there is none or the passphrase is wrong, `tampered` when a stanza for one of the keys does
    ///   not open, and what the first policy says when there are attribute keys and none of the policies opens.
    package convenience init(opening stanzas: [Stanza], with identities: [Identity]) throws(EnvelopeError) {
        var refusal: EnvelopeError?
        for identity in identities {
            for stanza in stanzas where identity.mayOpen(stanza) {
                do {
                    let key = try StanzaWrapping.unwrap(stanza, with: identity)
                    self.init(key, stanzas: stanzas, opener: identity)
                    return
                } catch  where identity.kind == .attributes {
                    // Another policy beside this one may be satisfied.
                    refusal = refusal ?? error
                }
            }
        }
        throw refusal
            ?? EnvelopeError(
                .wrongKey, "sealed for \(stanzas.count) other recipients; none of the \(identities.count) given keys opens it", at: "header")
    }

    /// Whether one of the identities is the one that opened it.
    func wasOpened(byOneOf identities: [Identity]) -> Bool {
        guard let opener else { return false }
        return identities.contains { $0.isSame(as: opener) }
    }

    /// SHA-256 over the encoded list of stanzas.
    package static func stanzaHash(of stanzas: [Stanza]) -> [UInt8] {
        Array(SHA256.hash(data: CBOR.array(stanzas.map(\.cbor)).encoded()))
    }

    /// Nonce, wrapped file key and tag, valid for the one prefix.
    func wrap(_ fileKey: SymmetricKey, binding boundPrefix: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        do {
            let nonce = try AES.GCM.Nonce(data: SecureRandom.bytes(EnvelopeFormat.nonceByteCount))
            let box = try unsafe fileKey.withUnsafeBytes { bytes in
                try unsafe AES.GCM.seal(Array(bytes), using: fileKeyWrappingKey, nonce: nonce, authenticating: boundPrefix)
            }
            return Array(nonce) + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw EnvelopeError(.source, "wrapping the file key failed", at: "header")
        }
    }

    /// The file key of the member with that prefix.
    func unwrap(_ wrapped: [UInt8], binding boundPrefix: [UInt8]) throws(EnvelopeError) -> SymmetricKey {
        do {
            let box = try AES.GCM.SealedBox(combined: wrapped)
            return SymmetricKey(data: try AES.GCM.open(box, using: fileKeyWrappingKey, authenticating: boundPrefix))
        } catch {
            throw EnvelopeError(.tampered, "the wrapped file key does not belong to this prefix and these recipients", at: "header")
        }
    }
}
