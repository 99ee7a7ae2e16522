/// The language between `phrd` and its helper `phrd-pam`: frames of a length and fields, parsed without touching anything else.
///
/// A frame is a length (four bytes, big-endian), then so many bytes: version, kind, fields. A field is a length (two bytes) and
/// its bytes. Nothing may follow the last field. Each kind has as many fields as its type says.

package enum PAMFrame {
    package static let version: UInt8 = 1
    package static let headByteCount = 4
    /// The longest frame without its head; nothing longer is even read.
    package static let maximumByteCount = 4096
    static let maximumFields = 48

    /// The length that a frame's head announces.
    package static func byteCount(head: [UInt8]) throws(PAMProtocolError) -> Int {
        guard head.count == headByteCount else { throw .truncated }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard (2...maximumByteCount).contains(count) else { throw .badLength(count) }
        return count
    }

    /// A whole frame with its head. The only buffer that is made is the one that is returned: its owner wipes it.
    static func encoded(kind: UInt8, _ fields: [any Collection<UInt8>]) -> [UInt8] {
        let count = fields.reduce(2) { $0 + 2 + $1.count }
        precondition(count <= maximumByteCount, "the callers bound their fields")
        var frame: [UInt8] = []
        frame.reserveCapacity(headByteCount + count)
        for shift in [24, 16, 8, 0] { frame.append(UInt8(truncatingIfNeeded: count >> shift)) }
        frame += [version, kind]
        for field in fields {
            frame += [UInt8(truncatingIfNeeded: field.count >> 8), UInt8(truncatingIfNeeded: field.count)]
            for byte in field { frame.append(byte) }
        }
        return frame
    }

    /// Kind and places of the fields in a frame without its head.
    static func parse(_ frame: [UInt8]) throws(PAMProtocolError) -> (kind: UInt8, fields: [Range<Int>]) {
        guard frame.count >= 2 else { throw .truncated }
        guard frame.count <= maximumByteCount else { throw .badLength(frame.count) }
        guard frame[0] == version else { throw .unknownVersion(frame[0]) }
        var fields: [Range<Int>] = []
        var place = 2
        while place < frame.count {
            guard place + 2 <= frame.count else { throw .truncated }
            let count = Int(frame[place]) << 8 | Int(frame[place + 1])
            place += 2
            guard place + count <= frame.count else { throw .truncated }
            guard fields.count < maximumFields else { throw .badFields }
            fields.append(place..<place + count)
            place += count
        }
        return (frame[1], fields)
    }
}

package enum PAMProtocolError: Error, Equatable, Sendable {
    case truncated
    case badLength(Int)
    case unknownVersion(UInt8)
    case unknownKind(UInt8)
    /// Too many or too few fields.
    case badFields
    /// A field is too long, or holds what it must not hold.
    case badValue(field: Int)
}
