// The one binary encoding of the product: a deterministic subset of CBOR in which every value has exactly one form.

/// A value of the narrow CBOR profile: unsigned integers, byte strings, text, arrays, and maps with the keys 0 to 23.
///
/// Lengths are definite and integers shortest; there are no negative numbers, floats, tags, simple values or
/// duplicate keys. Map keys fit in one byte, so the orders of RFC 7049 and RFC 8949 agree and any library can check us.
/// Source: RFC 8949 §4.2.1 (core deterministic encoding).
package enum CBOR: Equatable, Sendable {
    case unsigned(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    case map([UInt64: CBOR])
}

extension CBOR {
    /// The largest key a map may have.
    package static let largestMapKey: UInt64 = 23

    /// The number, or nil when this is no unsigned integer.
    package var unsignedValue: UInt64? {
        if case .unsigned(let value) = self { value } else { nil }
    }

    /// The byte string, or nil when this is none.
    package var bytesValue: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// The text, or nil when this is none.
    package var textValue: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The elements, or nil when this is no array.
    package var arrayValue: [CBOR]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The entries, or nil when this is no map.
    package var mapValue: [UInt64: CBOR]? {
        if case .map(let value) = self { value } else { nil }
    }

    /// The value at `key`, or nil when this is no map or has no such key.
    package subscript(key: UInt64) -> CBOR? {
        if case .map(let entries) = self { entries[key] } else { nil }
    }
}
