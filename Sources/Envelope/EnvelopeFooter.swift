// The last 256 bytes of a member.

internal import CanonicalEncoding
internal import Crypto

/// Lengths, Merkle root, chain and signature of a member; its SHA-256 stands for the whole body.
package struct EnvelopeFooter: Equatable, Sendable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The upload of this member ended as it should.
        package static let complete = Flags(rawValue: 1)
        /// The upload was cut off; what had arrived was sealed.
        package static let interrupted = Flags(rawValue: 2)
        /// As in the prefix.
        package static let leafList = Flags(rawValue: 4)
    }

    package var bodyByteCount: UInt64
    package var segmentCount: UInt64
    /// Bytes of the sealed metadata.
    package var metadataByteCount: Int
    package var memberNumber: UInt32
    package var flags: Flags
    package var merkleRoot: [UInt8]
    package var previousFooterHash: [UInt8]
    /// Binds prefix and sealed metadata.
    package var frameDigest: [UInt8]
    package var objectID: [UInt8]
    package var signerHint: [UInt8]
    package var signature: [UInt8]
    package var mac: [UInt8]

    static let noPreviousFooter = [UInt8](repeating: 0, count: 32)

    /// Reads the 256 bytes and checks what they say against each other.
    package init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        guard bytes.count == EnvelopeFormat.footerByteCount else { throw EnvelopeError(.truncated, "\(bytes.count) of 256 bytes", at: "footer") }
        guard bytes.starts(with: EnvelopeFormat.footerMagic) else {
            throw EnvelopeError(.truncated, "the end mark is missing: cut off, or something follows the envelope", at: "footer")
        }
        do {
            var reader = ByteReader(bytes)
            try reader.skip(count: 8)
            bodyByteCount = try reader.readUInt64()
            segmentCount = try reader.readUInt64()
            metadataByteCount = Int(try reader.readUInt32())
            memberNumber = try reader.readUInt32()
            flags = Flags(rawValue: try reader.readUInt8())
            let reserved = try reader.read(count: 7)
            merkleRoot = try reader.read(count: 32)
            previousFooterHash = try reader.read(count: 32)
            frameDigest = try reader.read(count: 32)
            objectID = try reader.read(count: 16)
            signerHint = try reader.read(count: 8)
            signature = try reader.read(count: 64)
            mac = try reader.read(count: 32)
            guard reserved.allSatisfy({ $0 == 0 }) else { throw EnvelopeError(.malformed, "reserved bytes are not zero", at: "footer") }
        } catch {
            throw error as? EnvelopeError ?? EnvelopeError(.truncated, "too short", at: "footer")
        }
        try check()
    }

    init(
        bodyByteCount: UInt64, segmentCount: UInt64, metadataByteCount: Int, memberNumber: UInt32, flags: Flags, merkleRoot: [UInt8],
        previousFooterHash: [UInt8]?, frameDigest: [UInt8], objectID: [UInt8]
    ) {
        self.bodyByteCount = bodyByteCount
        self.segmentCount = segmentCount
        self.metadataByteCount = metadataByteCount
        self.memberNumber = memberNumber
        self.flags = flags
        self.merkleRoot = merkleRoot
        self.previousFooterHash = previousFooterHash ?? Self.noPreviousFooter
        self.frameDigest = frameDigest
        self.objectID = objectID
        (signerHint, signature, mac) = ([], [], [])
    }

    private func check() throws(EnvelopeError) {
        guard flags == .complete || flags == .interrupted || flags == [.complete, .leafList] || flags == [.interrupted, .leafList] else {
            throw EnvelopeError(.malformed, "flags \(flags.rawValue) are not possible", at: "footer")
        }
        let sealed = UInt64(EnvelopeFormat.sealedSegmentByteCount)
        guard segmentCount <= EnvelopeFormat.maximumSegmentCount else {
            throw EnvelopeError(.limitExceeded, "\(segmentCount) segments", at: "footer")
        }
        guard segmentCount == bodyByteCount / sealed + 1, bodyByteCount % sealed >= UInt64(EnvelopeFormat.tagByteCount) else {
            throw EnvelopeError(.malformed, "\(segmentCount) segments cannot have \(bodyByteCount) bytes", at: "footer")
        }
        let unit = EnvelopeFormat.metadataUnit
        let padded = metadataByteCount - EnvelopeFormat.tagByteCount
        guard padded >= unit, padded % unit == 0, padded <= EnvelopeFormat.maximumMetadataByteCount else {
            throw EnvelopeError(.malformed, "metadata cannot have \(metadataByteCount) bytes", at: "footer")
        }
    }

    /// Signs, authenticates and encodes.
    mutating func seal(signer: Signer, macKey: SymmetricKey) throws(EnvelopeError) -> [UInt8] {
        signerHint = signer.hint
        signature = try signer.sign(signedMessage)
        var bytes = signedPart + signature
        mac = Array(HMAC<SHA256>.authenticationCode(for: bytes, using: macKey))
        bytes += mac
        return bytes
    }

    func isAuthentic(macKey: SymmetricKey) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(mac, authenticating: signedPart + signature, using: macKey)
    }

    /// Whether the owner of this Ed25519 key signed the footer.
    package func isSigned(by publicKey: [UInt8]) -> Bool {
        KeyIdentifier.of(.ed25519, publicKey: publicKey).starts(with: signerHint) && Signer.isValid(signature, of: signedMessage, by: publicKey)
    }

    package var encoded: [UInt8] { signedPart + signature + mac }

    /// SHA-256 over the 256 bytes.
    package var hash: [UInt8] { Array(SHA256.hash(data: encoded)) }

    package var leafListByteCount: UInt64 { flags.contains(.leafList) ? segmentCount * 32 : 0 }

    /// SHA-256 over the domain, the bound prefix and the sealed metadata.
    static func frameDigest(boundPrefix: [UInt8], sealedMetadata: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("phr/v1/frame\n".utf8))
        hash.update(data: boundPrefix)
        hash.update(data: sealedMetadata)
        return Array(hash.finalize())
    }

    private var signedMessage: [UInt8] { Array("phr/v1/footer\n".utf8) + signedPart }

    private var signedPart: [UInt8] {
        var bytes = EnvelopeFormat.footerMagic
        bytes.reserveCapacity(EnvelopeFormat.footerByteCount)
        bytes.appendBigEndian(bodyByteCount)
        bytes.appendBigEndian(segmentCount)
        bytes.appendBigEndian(UInt32(metadataByteCount))
        bytes.appendBigEndian(memberNumber)
        bytes.append(flags.rawValue)
        bytes += [UInt8](repeating: 0, count: 7)
        bytes += merkleRoot
        bytes += previousFooterHash
        bytes += frameDigest
        bytes += objectID
        bytes += signerHint
        return bytes
    }
}
