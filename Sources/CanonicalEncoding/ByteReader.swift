// A cursor over bytes for fixed, big-endian layouts.

/// Why a fixed layout could not be read.
package enum ByteReaderError: Error, Equatable, Sendable, CustomStringConvertible {
    case truncated(need: Int, have: Int)

    package var description: String {
        switch self {
        case .truncated(let need, let have): "data ends too early: \(need) bytes needed, \(have) there"
        }
    }
}

/// Reads big-endian integers and runs of bytes from front to back.
package struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Bytes read so far.
    package private(set) var offset = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Bytes not read yet.
    package var remaining: Int { bytes.count - offset }

    package var isAtEnd: Bool { remaining == 0 }

    package mutating func readUInt8() throws(ByteReaderError) -> UInt8 { try read(UInt8.self) }
    package mutating func readUInt16() throws(ByteReaderError) -> UInt16 { try read(UInt16.self) }
    package mutating func readUInt32() throws(ByteReaderError) -> UInt32 { try read(UInt32.self) }
    package mutating func readUInt64() throws(ByteReaderError) -> UInt64 { try read(UInt64.self) }

    /// The next `count` bytes.
    package mutating func read(count: Int) throws(ByteReaderError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated(need: count, have: remaining) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Passes over `count` bytes.
    package mutating func skip(count: Int) throws(ByteReaderError) {
        guard count >= 0, count <= remaining else { throw .truncated(need: count, have: remaining) }
        offset += count
    }

    private mutating func read<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type) throws(ByteReaderError) -> Value {
        let width = Value.bitWidth / 8
        guard width <= remaining else { throw .truncated(need: width, have: remaining) }
        defer { offset += width }
        return bytes[offset..<offset + width].reduce(Value.zero) { $0 << 8 | Value($1) }
    }
}

extension Array where Element == UInt8 {
    /// Appends the bytes of an integer, most significant first.
    package mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
