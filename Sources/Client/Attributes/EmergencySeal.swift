// What seals a patient's emergency key: two halves, either of which says nothing.

package import AttributeEncryption
internal import Crypto
package import Keyring

/// AES-256-GCM under k1 xor k2. With one half uniformly random and unknown, the key is uniformly random and unknown.
package struct EmergencySeal: Sendable {
    private let key: SymmetricKey
    private static let domain = Array("phr/v1/emergency-key".utf8)

    /// Two halves of 32 bytes, in any order.
    package init(_ first: Secret, _ second: Secret) {
        precondition(first.byteCount == 32 && second.byteCount == 32, "halves have 32 bytes")
        key = first.withBytes { first in
            second.withBytes { second in
                var bytes = zip(first, second).map { $0 ^ $1 }
                defer { wipe(&bytes) }
                return SymmetricKey(data: bytes)
            }
        }
    }

    /// Nonce, ciphertext and tag, bound to the issuance.
    package func seal(_ attributeKey: AttributeKey, commitment: [UInt8]) throws -> [UInt8] {
        let box = try attributeKey.withEncoded { try AES.GCM.seal($0, using: key, authenticating: Self.domain + commitment) }
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    package func open(_ sealed: [UInt8], commitment: [UInt8], owner: String) throws -> AttributeKey {
        var bytes: [UInt8]
        do {
            bytes = Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Self.domain + commitment))
        } catch {
            throw ClientError(
                .tampered, "the two halves do not open the emergency key of \(owner)", hint: "let \(owner) prepare it again: phr breakglass setup")
        }
        defer { wipe(&bytes) }
        return try AttributeKey(decoding: bytes)
    }
}
