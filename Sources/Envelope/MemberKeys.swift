// The key schedule of a member.

internal import CanonicalEncoding
internal import Crypto

/// Everything derived from a member's file key.
///
/// One HKDF-SHA-256 (RFC 5869) with the prefix's salt and, as info, "phr/v1/member", bytes 0 to 11 of the prefix and the
/// object identifier. The commitment is part of the output: two file keys with the same one would be a collision of SHA-256.
struct MemberKeys: Sendable {
    let payload: SymmetricKey
    let metadata: SymmetricKey
    let header: SymmetricKey
    let footer: SymmetricKey
    let commitment: [UInt8]
    let baseNonce: [UInt8]

    private static let byteCount = 5 * 32 + EnvelopeFormat.nonceByteCount

    init(fileKey: SymmetricKey, flags: EnvelopePrefix.Flags, objectID: [UInt8], salt: [UInt8]) {
        let fixed = [EnvelopeFormat.version, EnvelopeFormat.suite, EnvelopeFormat.segmentByteCountLog2, flags.rawValue]
        let info = Array("phr/v1/member".utf8) + EnvelopeFormat.magic + fixed + objectID
        let output = HKDF<SHA256>.deriveKey(inputKeyMaterial: fileKey, salt: salt, info: info, outputByteCount: Self.byteCount)
        (payload, metadata, header, footer, commitment, baseNonce) = unsafe output.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: bytes[range]) }
            return unsafe (
                SymmetricKey(data: part(0..<32)), SymmetricKey(data: part(32..<64)), SymmetricKey(data: part(64..<96)),
                SymmetricKey(data: part(96..<128)), Array(part(128..<160)), Array(part(160..<172))
            )
        }
    }

    /// Opens a head: unwraps the file key, then checks the commitment, then the header's MAC.
    ///
    /// The commitment comes first so that a key which opens something else as well is found out before it is used.
    init(opening head: EnvelopeHead, with identities: [Identity], cache: WrapKeyCache?) throws(EnvelopeError) {
        let stanzas = head.header.stanzas
        let wrapKey: WrapKey
        if let cache {
            wrapKey = try cache.wrapKey(opening: stanzas, with: identities)
        } else {
            wrapKey = try WrapKey(opening: stanzas, with: identities)
        }
        let fileKey = try wrapKey.unwrap(head.header.wrappedFileKey, binding: head.prefix.bound)
        try self.init(fileKey: fileKey, checking: head)
    }

    init(fileKey: SymmetricKey, checking head: EnvelopeHead) throws(EnvelopeError) {
        let prefix = head.prefix
        self.init(fileKey: fileKey, flags: prefix.flags, objectID: prefix.objectID, salt: prefix.salt)
        guard constantTimeEqual(commitment, prefix.commitment) else {
            throw EnvelopeError(.commitmentMismatch, "the unwrapped key is not the one this envelope is committed to", at: "prefix")
        }
        guard HMAC<SHA256>.isValidAuthenticationCode(head.mac, authenticating: head.authenticatedBytes, using: header) else {
            throw EnvelopeError(.tampered, "the header was changed", at: "header")
        }
    }
}
