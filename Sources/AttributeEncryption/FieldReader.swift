// Reads the fields of a CBOR map one by one, and refuses what is left over.

internal import CanonicalEncoding

/// Fields taken by number; `finish` fails when some were not asked for.
struct FieldReader {
    private var fields: [UInt64: CBOR]
    private let place: String

    init(_ bytes: [UInt8], of place: String, limit: Int = 1 << 18) throws(AttributeError) {
        let value: CBOR
        do {
            value = try CBOR(decoding: bytes, limit: CBOR.Limits(byteCount: limit))
        } catch {
            throw AttributeError(.malformed, "\(place): \(error)")
        }
        try self.init(value, of: place)
    }

    init(_ value: CBOR, of place: String) throws(AttributeError) {
        guard let fields = value.mapValue else { throw AttributeError(.malformed, "\(place): not a map") }
        self.fields = fields
        self.place = place
    }

    /// Field 0 is the version, 1 so far.
    mutating func expectVersion() throws(AttributeError) {
        let version = try unsigned(0)
        guard version == 1 else { throw AttributeError(.unsupportedSuite, "\(place): version \(version) is not known", hint: "a newer phr may read it") }
    }

    mutating func unsigned(_ key: UInt64) throws(AttributeError) -> UInt64 {
        guard let value = fields.removeValue(forKey: key)?.unsignedValue else { throw wrong(key, "a number") }
        return value
    }

    /// A number of at most `limit`.
    mutating func unsigned(_ key: UInt64, upTo limit: Int) throws(AttributeError) -> Int {
        let value = try unsigned(key)
        guard value <= UInt64(limit) else { throw wrong(key, "at most \(limit)") }
        return Int(value)
    }

    mutating func flag(_ key: UInt64) throws(AttributeError) -> Bool { try unsigned(key, upTo: 1) == 1 }

    mutating func bytes(_ key: UInt64) throws(AttributeError) -> [UInt8] {
        guard let value = fields.removeValue(forKey: key)?.bytesValue else { throw wrong(key, "a byte string") }
        return value
    }

    mutating func bytes(_ key: UInt64, count: Int) throws(AttributeError) -> [UInt8] {
        let value = try bytes(key)
        guard value.count == count else { throw wrong(key, "\(count) bytes, not \(value.count)") }
        return value
    }

    mutating func text(_ key: UInt64) throws(AttributeError) -> String {
        guard let value = fields.removeValue(forKey: key)?.textValue else { throw wrong(key, "text") }
        return value
    }

    mutating func array(_ key: UInt64) throws(AttributeError) -> [CBOR] {
        guard let value = fields.removeValue(forKey: key)?.arrayValue else { throw wrong(key, "an array") }
        return value
    }

    func has(_ key: UInt64) -> Bool { fields[key] != nil }

    func finish() throws(AttributeError) {
        guard let key = fields.keys.min() else { return }
        throw AttributeError(.malformed, "\(place): field \(key) does not belong here")
    }

    func wrong(_ key: UInt64, _ expected: String) -> AttributeError { AttributeError(.malformed, "\(place): field \(key) must be \(expected)") }
}
