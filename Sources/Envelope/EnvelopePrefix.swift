// The first 96 bytes of a member.

internal import CanonicalEncoding

/// Version, flags, identity and key commitment of a member.
///
/// Everything but the header length stays the same for the life of the member: `bound` is what keys, signatures and
/// digests refer to, so that a rewritten header leaves the body valid.
package struct EnvelopePrefix: Equatable, Sendable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Sealed by a server that saw the plaintext arrive.
        package static let sealedOnIngest = Flags(rawValue: 1)
        /// Zeros follow the content, up to a Padmé length.
        package static let padded = Flags(rawValue: 2)
        /// Continues the member before it.
        package static let continuation = Flags(rawValue: 4)
        /// The leaf hashes of all segments stand before the footer.
        package static let leafList = Flags(rawValue: 8)

        static let known: Flags = [.sealedOnIngest, .padded, .continuation, .leafList]
    }

    package var flags: Flags
    /// Bytes of the header slot that follows.
    package var slotByteCount: Int
    package var objectID: [UInt8]
    package var salt: [UInt8]
    package var commitment: [UInt8]

    init(flags: Flags, objectID: [UInt8], salt: [UInt8], commitment: [UInt8]) {
        self.flags = flags
        self.slotByteCount = 0
        self.objectID = objectID
        self.salt = salt
        self.commitment = commitment
    }

    /// Reads the 96 bytes, and refuses what version 1 does not know.
    package init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        guard bytes.count >= EnvelopeFormat.prefixByteCount else {
            throw EnvelopeError(.truncated, "\(bytes.count) of 96 bytes", at: "prefix")
        }
        try Self.checkMagic(bytes)
        guard bytes[8] == EnvelopeFormat.version else { throw EnvelopeError(.unsupported, "format version \(bytes[8]) is not known", at: "prefix") }
        guard bytes[9] == EnvelopeFormat.suite else { throw EnvelopeError(.unsupported, "cipher suite \(bytes[9]) is not known", at: "prefix") }
        guard bytes[10] == EnvelopeFormat.segmentByteCountLog2 else {
            throw EnvelopeError(.unsupported, "segments of 2^\(bytes[10]) bytes are not known", at: "prefix")
        }
        flags = Flags(rawValue: bytes[11])
        guard Flags.known.isSuperset(of: flags) else { throw EnvelopeError(.unsupported, "flags \(bytes[11]) are not known", at: "prefix") }
        let length = bytes[12..<16].reduce(0) { $0 << 8 | Int($1) }
        guard length > EnvelopeFormat.slotOverhead else { throw EnvelopeError(.malformed, "header length \(length) is too small", at: "prefix") }
        guard length <= EnvelopeFormat.maximumSlotByteCount else {
            throw EnvelopeError(.limitExceeded, "header length \(length) is above 1 MiB", at: "prefix")
        }
        slotByteCount = length
        objectID = Array(bytes[16..<32])
        salt = Array(bytes[32..<64])
        commitment = Array(bytes[64..<96])
    }

    /// Tells a foreign file from an envelope that a text-mode transfer has damaged.
    static func checkMagic(_ bytes: [UInt8]) throws(EnvelopeError) {
        if bytes.starts(with: EnvelopeFormat.magic) { return }
        let name = EnvelopeFormat.magic[1..<4]
        guard bytes.count >= 4, bytes[1..<4] == name else { throw EnvelopeError(.malformed, "this is not an envelope", at: "prefix") }
        throw EnvelopeError(.malformed, "the first bytes were changed, probably by a transfer in text (ASCII) mode", at: "prefix")
    }

    var encoded: [UInt8] { encoded(slotByteCount: slotByteCount) }

    /// The prefix with a zero header length.
    var bound: [UInt8] { encoded(slotByteCount: 0) }

    private func encoded(slotByteCount: Int) -> [UInt8] {
        var bytes = EnvelopeFormat.magic
        bytes.reserveCapacity(EnvelopeFormat.prefixByteCount)
        bytes += [EnvelopeFormat.version, EnvelopeFormat.suite, EnvelopeFormat.segmentByteCountLog2, flags.rawValue]
        bytes.appendBigEndian(UInt32(slotByteCount))
        bytes += objectID
        bytes += salt
        bytes += commitment
        return bytes
    }
}
