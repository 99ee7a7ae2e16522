// Block mode: files as blocks with a header of three bytes, many over one connection (RFC 959 §3.4.2).

/// The header of a block: a descriptor and the count of the bytes that follow it.
package struct BlockHeader: Sendable, Equatable {
    /// What a block is, beside data. Bits may be set together.
    package struct Descriptor: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The block ends a record. Files have no records here, so it says nothing.
        package static let endOfRecord = Descriptor(rawValue: 128)
        /// The block ends the file.
        package static let endOfFile = Descriptor(rawValue: 64)
        /// The sender does not vouch for the data.
        package static let suspectData = Descriptor(rawValue: 32)
        /// The content is no data but a mark that the sender can go on from.
        package static let restartMarker = Descriptor(rawValue: 16)

        static let known: Descriptor = [.endOfRecord, .endOfFile, .suspectData, .restartMarker]
    }

    package static let byteCount = 3
    /// The most bytes that a block holds.
    package static let maximumContentByteCount = 65_535

    package let descriptor: Descriptor
    package let contentByteCount: Int

    /// - Precondition: `contentByteCount` is at most `maximumContentByteCount`.
    package init(_ descriptor: Descriptor = [], contentByteCount: Int) {
        precondition((0...Self.maximumContentByteCount).contains(contentByteCount), "a block holds at most 65,535 bytes")
        self.descriptor = descriptor
        self.contentByteCount = contentByteCount
    }

    /// Descriptor, then the count, high byte first.
    package var bytes: [UInt8] {
        [descriptor.rawValue, UInt8(truncatingIfNeeded: contentByteCount >> 8), UInt8(truncatingIfNeeded: contentByteCount)]
    }
}

/// Why blocks cannot be read.
package enum BlockError: Error, Sendable, Equatable {
    case unknownDescriptor(UInt8)
    case malformedMarker
    case tooManyMarkers
}

extension BlockError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownDescriptor(let value): "block descriptor \(value) is not known"
        case .malformedMarker: "a restart marker is 1 to \(BlockDecoder.maximumMarkerByteCount) printable characters"
        case .tooManyMarkers: "more than \(BlockDecoder.maximumMarkerCount) restart markers in a file"
        }
    }
}
