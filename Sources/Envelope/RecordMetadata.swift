// What a member says about its content, sealed with it.

package import CanonicalEncoding
internal import Crypto

/// True size, digest, name and origin of a member's plaintext.
package struct RecordMetadata: Equatable, Sendable {
    /// What the sealing server saw of the upload.
    package struct Source: Equatable, Sendable {
        package var uploader: String?
        package var tlsSuite: String?
        /// Seconds since 1970.
        package var receivedAt: UInt64?

        package init(uploader: String? = nil, tlsSuite: String? = nil, receivedAt: UInt64? = nil) {
            self.uploader = uploader
            self.tlsSuite = tlsSuite
            self.receivedAt = receivedAt
        }
    }

    private enum Key {
        static let byteCount: UInt64 = 0
        static let digest: UInt64 = 1
        static let originalName: UInt64 = 2
        static let mediaType: UInt64 = 3
        static let modificationTime: UInt64 = 4
        static let source: UInt64 = 5
    }

    package var originalName: String?
    package var mediaType: String?
    /// Seconds since 1970, as the sender's system had it.
    package var clientModificationTime: UInt64?
    package var source: Source?
    /// Fields that this version passes over, kept as they are.
    package var others: [UInt64: CBOR] = [:]
    /// Bytes of the plaintext without padding. Filled in by the sealer.
    package internal(set) var plaintextByteCount: UInt64 = 0
    /// SHA-256 of the plaintext without padding. Filled in by the sealer.
    package internal(set) var plaintextSHA256: [UInt8] = []

    package init(originalName: String? = nil, mediaType: String? = nil, clientModificationTime: UInt64? = nil, source: Source? = nil) {
        self.originalName = originalName
        self.mediaType = mediaType
        self.clientModificationTime = clientModificationTime
        self.source = source
    }

    init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        guard var entries = (try? CBOR(decoding: bytes))?.mapValue,
            let byteCount = entries.removeValue(forKey: Key.byteCount)?.unsignedValue,
            let digest = entries.removeValue(forKey: Key.digest)?.bytesValue, digest.count == 32
        else { throw EnvelopeError(.malformed, "not a map with size and digest", at: "metadata") }
        plaintextByteCount = byteCount
        plaintextSHA256 = digest
        originalName = entries.removeValue(forKey: Key.originalName)?.textValue
        mediaType = entries.removeValue(forKey: Key.mediaType)?.textValue
        clientModificationTime = entries.removeValue(forKey: Key.modificationTime)?.unsignedValue
        source = entries.removeValue(forKey: Key.source).map {
            Source(uploader: $0[0]?.textValue, tlsSuite: $0[1]?.textValue, receivedAt: $0[2]?.unsignedValue)
        }
        others = entries
    }

    func encoded() -> [UInt8] {
        var entries = others
        entries[Key.byteCount] = .unsigned(plaintextByteCount)
        entries[Key.digest] = .bytes(plaintextSHA256)
        if let originalName { entries[Key.originalName] = .text(originalName) }
        if let mediaType { entries[Key.mediaType] = .text(mediaType) }
        if let clientModificationTime { entries[Key.modificationTime] = .unsigned(clientModificationTime) }
        if let source { entries[Key.source] = .map(source.entries) }
        return CBOR.map(entries).encoded()
    }
}

extension RecordMetadata.Source {
    fileprivate var entries: [UInt64: CBOR] {
        var entries: [UInt64: CBOR] = [:]
        if let uploader { entries[0] = .text(uploader) }
        if let tlsSuite { entries[1] = .text(tlsSuite) }
        if let receivedAt { entries[2] = .unsigned(receivedAt) }
        return entries
    }
}

extension RecordMetadata {
    /// Length (u32), encoding, zeros to a multiple of 256 bytes; sealed once under a key of its own, hence the zero nonce.
    func sealed(keys: MemberKeys, objectID: [UInt8], memberNumber: UInt32) throws(EnvelopeError) -> [UInt8] {
        let encoding = encoded()
        var block: [UInt8] = []
        block.appendBigEndian(UInt32(encoding.count))
        block += encoding
        let unit = EnvelopeFormat.metadataUnit
        block += [UInt8](repeating: 0, count: (unit - block.count % unit) % unit)
        guard block.count <= EnvelopeFormat.maximumMetadataByteCount else {
            throw EnvelopeError(.limitExceeded, "metadata of \(encoding.count) bytes is above 64 KiB", at: "metadata")
        }
        do {
            let box = try AES.GCM.seal(
                block, using: keys.metadata, nonce: Self.nonce(), authenticating: Self.additionalData(objectID, memberNumber))
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw EnvelopeError(.source, "sealing failed", at: "metadata")
        }
    }

    init(opening sealed: [UInt8], keys: MemberKeys, objectID: [UInt8], memberNumber: UInt32) throws(EnvelopeError) {
        let block: [UInt8]
        do {
            let tag = EnvelopeFormat.tagByteCount
            let box = try AES.GCM.SealedBox(nonce: Self.nonce(), ciphertext: sealed.dropLast(tag), tag: sealed.suffix(tag))
            block = Array(try AES.GCM.open(box, using: keys.metadata, authenticating: Self.additionalData(objectID, memberNumber)))
        } catch {
            throw EnvelopeError(.tampered, "the metadata was changed", at: "metadata")
        }
        let length = block.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= block.count - 4, block[(4 + length)...].allSatisfy({ $0 == 0 }) else {
            throw EnvelopeError(.malformed, "the padding is not zero", at: "metadata")
        }
        try self.init(parsing: Array(block[4..<(4 + length)]))
    }

    private static func nonce() throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: EnvelopeFormat.nonceByteCount))
    }

    private static func additionalData(_ objectID: [UInt8], _ memberNumber: UInt32) -> [UInt8] {
        var bytes = objectID
        bytes.appendBigEndian(memberNumber)
        return bytes
    }
}
