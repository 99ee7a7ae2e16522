// Finds headers, data, marks and the ends of files in a stream of blocks (RFC 959 §3.4.2).

/// A parser that is fed the bytes of a data connection in pieces of any size. It holds no data, only where it is.
package struct BlockDecoder: Sendable {
    /// What comes next in the input.
    package enum Step: Sendable, Equatable {
        /// All input is used up.
        case needsInput
        /// The next bytes of the input are this much data; the caller takes them, or some of them, and calls `consumeData`.
        case data(byteCount: Int)
        /// The sender's name for this place of the file.
        case restartMarker([UInt8])
        /// The file is over; what follows belongs to the next.
        case endOfFile(isSuspect: Bool)
    }

    package static let maximumMarkerByteCount = 255
    package static let maximumMarkerCount = 10_000

    private var header: [UInt8] = []
    private var current: BlockHeader?
    /// Bytes of the current block that are still to come.
    private var left = 0
    private var marker: [UInt8] = []
    private var markerCount = 0
    private var isSuspect = false

    package init() {}

    /// Data of the current block that is still to come, for reading it where it belongs without a detour.
    package var remainingDataByteCount: Int { current?.descriptor.contains(.restartMarker) == false ? left : 0 }

    /// Whether a file has begun and not ended.
    package private(set) var isInsideFile = false

    /// Reads on. The first `consumed` bytes of `input` are done with.
    package mutating func next(_ input: some Collection<UInt8>) throws(BlockError) -> (consumed: Int, step: Step) {
        var rest = input[...]
        func consumed(_ rest: some Collection<UInt8>) -> Int { input.count - rest.count }
        while true {
            guard let block = current else {
                guard let byte = rest.popFirst() else { return (consumed(rest), .needsInput) }
                try take(headerByte: byte)
                continue
            }
            if left == 0 {
                if let step = try endBlock(block) { return (consumed(rest), step) }
            } else if block.descriptor.contains(.restartMarker) {
                guard let byte = rest.popFirst() else { return (consumed(rest), .needsInput) }
                guard (0x21...0x7E).contains(byte) else { throw .malformedMarker }
                marker.append(byte)
                left -= 1
            } else {
                return (consumed(rest), rest.isEmpty ? .needsInput : .data(byteCount: min(left, rest.count)))
            }
        }
    }

    /// Tells that data was taken.
    package mutating func consumeData(_ byteCount: Int) {
        precondition(byteCount <= remainingDataByteCount, "no more data than the block holds")
        left -= byteCount
    }

    private mutating func take(headerByte byte: UInt8) throws(BlockError) {
        isInsideFile = true
        header.append(byte)
        guard header.count == BlockHeader.byteCount else { return }
        let descriptor = BlockHeader.Descriptor(rawValue: header[0])
        guard descriptor.isSubset(of: .known) else { throw .unknownDescriptor(header[0]) }
        let block = BlockHeader(descriptor, contentByteCount: Int(header[1]) << 8 | Int(header[2]))
        header.removeAll(keepingCapacity: true)
        if descriptor.contains(.restartMarker) {
            guard (1...Self.maximumMarkerByteCount).contains(block.contentByteCount) else { throw .malformedMarker }
            markerCount += 1
            guard markerCount <= Self.maximumMarkerCount else { throw .tooManyMarkers }
        }
        if descriptor.contains(.suspectData) { isSuspect = true }
        current = block
        left = block.contentByteCount
    }

    /// The current block has come whole. A marker block that also ends the file gives both, one after the other.
    private mutating func endBlock(_ block: BlockHeader) throws(BlockError) -> Step? {
        if !marker.isEmpty {
            defer { marker.removeAll(keepingCapacity: true) }
            return .restartMarker(marker)
        }
        current = nil
        guard block.descriptor.contains(.endOfFile) else { return nil }
        defer {
            isSuspect = false
            isInsideFile = false
            markerCount = 0
        }
        return .endOfFile(isSuspect: isSuspect)
    }
}
