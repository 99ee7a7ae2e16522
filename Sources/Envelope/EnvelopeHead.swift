// Prefix and header slot of a member, as bytes and as values.

internal import CanonicalEncoding
internal import Crypto

/// How much room a header gets.
package enum HeaderSlot: Sendable, Equatable {
    /// As much as it needs: least overhead; the body moves when recipients change.
    case lean
    /// A multiple of 4,096 bytes: the body keeps its place in the file when recipients change.
    case full
}

/// The head of a member.
///
/// The slot is: length of the header (u32), header, zeros, MAC (32 bytes), slot length (u32). The length stands at both
/// ends, in the prefix and here, so that a file can be walked from its end.
package struct EnvelopeHead: Equatable, Sendable {
    package let bytes: [UInt8]
    package let prefix: EnvelopePrefix
    package let header: EnvelopeHeader
    /// The header as encoded, without the owner's signature but with fields that this reader passed over.
    private let unsignedHeader: [UInt8]

    /// The length of the whole head, from its first 96 bytes.
    package static func headLength(prefix bytes: [UInt8]) throws(EnvelopeError) -> Int {
        EnvelopeFormat.prefixByteCount + (try EnvelopePrefix(parsing: bytes)).slotByteCount
    }

    /// Reads exactly one head.
    package init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        let prefix = try EnvelopePrefix(parsing: bytes)
        let total = EnvelopeFormat.prefixByteCount + prefix.slotByteCount
        guard bytes.count >= total else { throw EnvelopeError(.truncated, "\(bytes.count) of \(total) bytes", at: "header") }
        guard bytes.count == total else { throw EnvelopeError(.malformed, "\(bytes.count - total) bytes after the header", at: "header") }
        let length = Self.integer(bytes[96..<100])
        guard length > 0, length <= prefix.slotByteCount - EnvelopeFormat.slotOverhead else {
            throw EnvelopeError(.malformed, "header of \(length) bytes does not fit its slot", at: "header")
        }
        guard Self.integer(bytes.suffix(4)) == prefix.slotByteCount else {
            throw EnvelopeError(.malformed, "the two slot lengths differ", at: "header")
        }
        let end = 100 + length
        guard bytes[end..<(total - 36)].allSatisfy({ $0 == 0 }) else { throw EnvelopeError(.malformed, "slack is not zero", at: "header") }
        let encoded = Array(bytes[100..<end])
        self.bytes = bytes
        self.prefix = prefix
        header = try EnvelopeHeader(parsing: encoded)
        unsignedHeader = Self.withoutSignature(encoded)
    }

    /// Builds and authenticates a head. The slot keeps at least `minimumSlotByteCount` when it is a full one.
    init(prefix: EnvelopePrefix, header: EnvelopeHeader, macKey: SymmetricKey, slot: HeaderSlot, minimumSlotByteCount: Int = 0) throws(EnvelopeError) {
        let encoded = header.encoded()
        var slotByteCount = encoded.count + EnvelopeFormat.slotOverhead
        if slot == .full {
            let unit = EnvelopeFormat.slotUnit
            slotByteCount = max((slotByteCount + unit - 1) / unit * unit, minimumSlotByteCount)
        }
        guard slotByteCount <= EnvelopeFormat.maximumSlotByteCount else {
            throw EnvelopeError(.limitExceeded, "a header of \(encoded.count) bytes is above 1 MiB", at: "header")
        }
        var prefix = prefix
        prefix.slotByteCount = slotByteCount
        var bytes = prefix.encoded
        bytes.reserveCapacity(bytes.count + slotByteCount)
        bytes.appendBigEndian(UInt32(encoded.count))
        bytes += encoded
        bytes += [UInt8](repeating: 0, count: slotByteCount - EnvelopeFormat.slotOverhead - encoded.count)
        bytes += HMAC<SHA256>.authenticationCode(for: bytes, using: macKey)
        bytes.appendBigEndian(UInt32(slotByteCount))
        self.bytes = bytes
        self.prefix = prefix
        self.header = header
        unsignedHeader = header.encoded(withSignature: false)
    }

    package var stanzas: [Stanza] { header.stanzas }
    package var revision: UInt64 { header.revision }
    package var notAfter: UInt64? { header.notAfter }
    package var ownerKeyID: [UInt8]? { header.ownerKeyID }

    /// SHA-256 over prefix and slot.
    package var digest: [UInt8] { Array(SHA256.hash(data: bytes)) }

    var mac: [UInt8] { Array(bytes[(bytes.count - 36)..<(bytes.count - 4)]) }
    var authenticatedBytes: ArraySlice<UInt8> { bytes[..<(bytes.count - 36)] }

    /// Whether the owner with this Ed25519 key signed the head.
    package func isSigned(by ownerPublicKey: [UInt8]) -> Bool {
        guard let signature = header.ownerSignature, header.ownerKeyID == KeyIdentifier.of(.ed25519, publicKey: ownerPublicKey) else { return false }
        let message = EnvelopeHeader.ownerMessage(boundPrefix: prefix.bound, unsignedHeader: unsignedHeader)
        return Signer.isValid(signature, of: message, by: ownerPublicKey)
    }

    /// The digest of all heads of a file: SHA-256 over the concatenation of the digests of the heads.
    package static func headersDigest(of heads: [[UInt8]]) -> [UInt8] {
        var hash = SHA256()
        for head in heads { hash.update(data: Array(SHA256.hash(data: head))) }
        return Array(hash.finalize())
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private static func withoutSignature(_ encoded: [UInt8]) -> [UInt8] {
        guard var entries = (try? CBOR(decoding: encoded))?.mapValue else { return encoded }
        entries[EnvelopeHeader.ownerSignatureKey] = nil
        return CBOR.map(entries).encoded()
    }
}
