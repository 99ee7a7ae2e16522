// Writing of the deterministic CBOR profile.

/// The major types of the profile (RFC 8949 §3.1).
enum MajorType: UInt8 {
    case unsigned = 0
    case bytes = 2
    case text = 3
    case array = 4
    case map = 5
}

extension CBOR {
    /// The one encoding of this value.
    ///
    /// A map key above 23 or a nesting deeper than a decoder accepts is a mistake of the caller; the first traps.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// Appends the encoding of this value.
    package func append(to output: inout [UInt8]) {
        switch self {
        case .unsigned(let value):
            Self.appendHead(.unsigned, value, to: &output)
        case .bytes(let bytes):
            Self.appendHead(.bytes, UInt64(bytes.count), to: &output)
            output.append(contentsOf: bytes)
        case .text(let text):
            Self.appendHead(.text, UInt64(text.utf8.count), to: &output)
            output.append(contentsOf: text.utf8)
        case .array(let elements):
            Self.appendHead(.array, UInt64(elements.count), to: &output)
            for element in elements { element.append(to: &output) }
        case .map(let entries):
            Self.appendHead(.map, UInt64(entries.count), to: &output)
            for key in entries.keys.sorted() {
                precondition(key <= Self.largestMapKey, "map keys are 0 to 23")
                output.append(UInt8(key))
                entries[key]?.append(to: &output)
            }
        }
    }

    /// Writes a major type with its argument in the shortest form.
    private static func appendHead(_ type: MajorType, _ argument: UInt64, to output: inout [UInt8]) {
        let high = type.rawValue << 5
        switch argument {
        case 0...23:
            output.append(high | UInt8(argument))
        case 24...0xff:
            output.append(high | 24)
            output.append(UInt8(argument))
        case 0x100...0xffff:
            output.append(high | 25)
            output.appendBigEndian(UInt16(argument))
        case 0x1_0000...0xffff_ffff:
            output.append(high | 26)
            output.appendBigEndian(UInt32(argument))
        default:
            output.append(high | 27)
            output.appendBigEndian(argument)
        }
    }
}
