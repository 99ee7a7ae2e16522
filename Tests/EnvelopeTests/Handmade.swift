// A writer of members that follows the specification with swift-crypto alone, and can be told to break its rules.

import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import MerkleTree

/// One member, put together by hand. Everything that a rule speaks of can be set.
struct HandmadeMember {
    var plaintext: [UInt8] = Array("handmade".utf8)
    var flags: UInt8 = 0
    var objectID = [UInt8](repeating: 0x0b, count: 16)
    var salt = [UInt8](repeating: 0x5a, count: 32)
    var fileKey = [UInt8](repeating: 0xf1, count: 32)
    var wrapKey = [UInt8](repeating: 0x77, count: 32)
    var commitment: [UInt8]?
    var stanzas: [CBOR]?
    var header: [UInt64: CBOR] = [:]
    /// The encoding in place of the one made from the fields.
    var encodedHeader: [UInt8]?
    var slack: [UInt8] = []
    var memberNumber: UInt32 = 0
    var previous = [UInt8](repeating: 0, count: 32)
    /// Zeros, or whatever else, behind the plaintext.
    var padding: [UInt8] = []
    var metadata: [UInt64: CBOR] = [:]
    var metadataPadding: UInt8 = 0
    var footerFlags: UInt8 = 1
    var wrappedFileKey: [UInt8]?

    private static let zeroNonce = try! AES.GCM.Nonce(data: [UInt8](repeating: 0, count: 12))

    static func keyID(_ kind: UInt8, _ publicKey: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array("phr/v1/key-id".utf8) + [kind] + publicKey).prefix(16))
    }

    /// An X25519 stanza for `key`.
    static func stanza(wrapping wrapKey: [UInt8], for key: [UInt8]) throws -> CBOR {
        let keyID = keyID(2, key)
        let suite = HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
        var sender = try HPKE.Sender(
            recipientKey: Curve25519.KeyAgreement.PublicKey(rawRepresentation: key), ciphersuite: suite,
            info: Data(Array("phr/v1/wrap-key".utf8) + [2] + keyID))
        let wrapped = try sender.seal(wrapKey)
        return .map([0: .unsigned(2), 1: .bytes(keyID), 2: .bytes(Array(sender.encapsulatedKey)), 3: .bytes(Array(wrapped))])
    }

    static func fileKeyWrappingKey(_ wrapKey: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: wrapKey), info: Array("phr/v1/file-key-wrap".utf8), outputByteCount: 32)
    }

    private var fixed: [UInt8] { EnvelopeFormat.magic + [1, 1, 16, flags] }

    /// payload 32, metadata 32, header 32, footer 32, commitment 32, base nonce 12.
    private var keys: [UInt8] {
        let info = Array("phr/v1/member".utf8) + fixed + objectID
        let output = HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: fileKey), salt: salt, info: info, outputByteCount: 172)
        return unsafe output.withUnsafeBytes { unsafe Array($0) }
    }

    private func prefix(_ slotByteCount: Int) -> [UInt8] {
        var bytes = fixed
        bytes.appendBigEndian(UInt32(slotByteCount))
        return bytes + objectID + salt + (commitment ?? Array(keys[128..<160]))
    }

    var boundPrefix: [UInt8] { prefix(0) }

    func head() throws -> [UInt8] {
        let nonce = [UInt8](repeating: 9, count: 12)
        let box = try AES.GCM.seal(
            fileKey, using: Self.fileKeyWrappingKey(wrapKey), nonce: AES.GCM.Nonce(data: nonce), authenticating: boundPrefix)
        var entries: [UInt64: CBOR] = [
            0: .unsigned(0), 2: .array(try stanzas ?? [Self.stanza(wrapping: wrapKey, for: World.bob.publicKey)]),
            3: .bytes(wrappedFileKey ?? nonce + Array(box.ciphertext) + Array(box.tag)),
        ]
        entries.merge(header) { $1 }
        let encoded = encodedHeader ?? CBOR.map(entries).encoded()
        let slotByteCount = 4 + encoded.count + slack.count + 32 + 4
        var bytes = prefix(slotByteCount)
        bytes.appendBigEndian(UInt32(encoded.count))
        bytes += encoded + slack
        bytes += HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: keys[64..<96]))
        bytes.appendBigEndian(UInt32(slotByteCount))
        return bytes
    }

    /// The whole member.
    func sealed() throws -> [UInt8] {
        let keys = keys
        var file = try head()
        var body: [UInt8] = []
        var frontier = MerkleFrontier()
        var segmentCount: UInt64 = 0
        let content = plaintext + padding
        for start in stride(from: 0, through: content.count, by: 65_536) {
            var number: [UInt8] = []
            number.appendBigEndian(segmentCount)
            var nonce = Array(keys[160..<172])
            for index in 0..<8 { nonce[4 + index] ^= number[index] }
            var additional = objectID
            additional.appendBigEndian(memberNumber)
            let box = try AES.GCM.seal(
                content[start..<min(start + 65_536, content.count)], using: SymmetricKey(data: keys[0..<32]), nonce: AES.GCM.Nonce(data: nonce),
                authenticating: additional + number)
            let segment = Array(box.ciphertext) + Array(box.tag)
            frontier.append(leafHash: MerkleHash.leaf(number + segment))
            body += segment
            segmentCount += 1
        }
        let sealedMetadata = try sealedMetadata(keys)
        file += body + sealedMetadata
        var footer: [UInt8] = [0x89, 0x50, 0x48, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
        footer.appendBigEndian(UInt64(body.count))
        footer.appendBigEndian(segmentCount)
        footer.appendBigEndian(UInt32(sealedMetadata.count))
        footer.appendBigEndian(memberNumber)
        footer += [footerFlags, 0, 0, 0, 0, 0, 0, 0]
        footer += frontier.root + previous
        footer += SHA256.hash(data: Array("phr/v1/frame\n".utf8) + boundPrefix + sealedMetadata)
        footer += objectID + World.signer.hint
        footer += try World.signer.sign(Array("phr/v1/footer\n".utf8) + footer)
        footer += HMAC<SHA256>.authenticationCode(for: footer, using: SymmetricKey(data: keys[96..<128]))
        return file + footer
    }

    private func sealedMetadata(_ keys: [UInt8]) throws -> [UInt8] {
        var entries: [UInt64: CBOR] = [0: .unsigned(UInt64(plaintext.count)), 1: .bytes(Array(SHA256.hash(data: plaintext)))]
        entries.merge(metadata) { $1 }
        let encoding = CBOR.map(entries).encoded()
        var block: [UInt8] = []
        block.appendBigEndian(UInt32(encoding.count))
        block += encoding
        block += [UInt8](repeating: metadataPadding, count: (256 - block.count % 256) % 256)
        var additional = objectID
        additional.appendBigEndian(memberNumber)
        let box = try AES.GCM.seal(block, using: SymmetricKey(data: keys[32..<64]), nonce: Self.zeroNonce, authenticating: additional)
        return Array(box.ciphertext) + Array(box.tag)
    }
}
