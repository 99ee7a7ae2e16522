// The numbers of envelope format version 1. Source: docs/formats/envelope.md.

/// Fixed sizes and limits of the format.
package enum EnvelopeFormat {
    /// `\x89PHR\r\n\x1a\n`: the first byte shows 7-bit damage, the line ends show a text-mode transfer.
    package static let magic: [UInt8] = [0x89, 0x50, 0x48, 0x52, 0x0d, 0x0a, 0x1a, 0x0a]
    /// `\x89PHF\r\n\x1a\n`, at the start of every footer.
    static let footerMagic: [UInt8] = [0x89, 0x50, 0x48, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

    static let version: UInt8 = 1
    /// AES-256-GCM segments, HKDF-SHA-256, HMAC-SHA-256.
    static let suite: UInt8 = 1
    static let segmentByteCountLog2: UInt8 = 16

    package static let prefixByteCount = 96
    package static let footerByteCount = 256
    package static let segmentByteCount = 1 << 16
    package static let tagByteCount = 16
    package static let sealedSegmentByteCount = segmentByteCount + tagByteCount
    static let nonceByteCount = 12
    static let keyByteCount = 32
    static let objectIDByteCount = 16

    /// The slot of `.full` headers is a multiple of this.
    static let slotUnit = 4096
    /// Body length in front of the header, MAC and slot length behind it.
    static let slotOverhead = 4 + 32 + 4
    package static let maximumSlotByteCount = 1 << 20
    /// Bound on the heads of all members together, so that a reader can hold them.
    static let maximumHeadsByteCount = 1 << 24
    package static let maximumStanzaCount = 64
    /// Of the encapsulation in a stanza of type 4.
    package static let maximumAttributeHeaderByteCount = 1 << 18
    package static let maximumMemberCount = 1024
    static let maximumSegmentCount: UInt64 = 1 << 32

    /// The sealed metadata is padded to a multiple of this.
    static let metadataUnit = 256
    static let maximumMetadataByteCount = 1 << 16
}
