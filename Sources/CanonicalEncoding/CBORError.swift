// What can be wrong with an encoding.

/// Why bytes are not a value of the deterministic CBOR profile.
package enum CBORError: Error, Equatable, Sendable {
    /// The input ends before the value does.
    case truncated(need: Int, have: Int)
    /// The value ends before the input does.
    case trailingBytes(count: Int)
    /// A negative integer, tag, float, simple value or indefinite length.
    case unsupportedType(UInt8, offset: Int)
    /// An integer or length in a longer form than necessary.
    case notShortest(offset: Int)
    /// A map key that is not an integer of 0 to 23.
    case invalidMapKey(offset: Int)
    /// A map key that does not ascend: out of order or twice.
    case unorderedMapKey(offset: Int)
    /// Text that is not UTF-8.
    case invalidText(offset: Int)
    case tooDeep(limit: Int)
    case tooLarge(byteCount: Int, limit: Int)
    case tooManyItems(limit: Int)
}

extension CBORError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let need, let have): "CBOR ends too early: \(need) more needed, \(have) there"
        case .trailingBytes(let count): "CBOR value is followed by \(count) bytes that do not belong to it"
        case .unsupportedType(let byte, let offset): "CBOR type \(byte) at offset \(offset) is not allowed here"
        case .notShortest(let offset): "CBOR number at offset \(offset) is not in its shortest form"
        case .invalidMapKey(let offset): "CBOR map key at offset \(offset) is not an integer of 0 to 23"
        case .unorderedMapKey(let offset): "CBOR map key at offset \(offset) is out of order or twice"
        case .invalidText(let offset): "CBOR text at offset \(offset) is not UTF-8"
        case .tooDeep(let limit): "CBOR is nested deeper than \(limit)"
        case .tooLarge(let byteCount, let limit): "CBOR of \(byteCount) bytes is larger than the limit of \(limit)"
        case .tooManyItems(let limit): "CBOR has more than \(limit) values"
        }
    }
}
