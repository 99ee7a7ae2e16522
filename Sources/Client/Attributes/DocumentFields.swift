// Strict reading of the documents that users send each other: every field there once, of its type, and no other.

internal import CanonicalEncoding
internal import Keyring

/// The fields of one document. Secrets are taken out and wiped where they stood.
struct DocumentFields {
    private var entries: [UInt64: CBOR]
    private let name: String

    /// - Parameter name: what it is, for errors.
    init(decoding bytes: [UInt8], of name: String) throws(ClientError) {
        self.name = name
        guard let value = try? CBOR(decoding: bytes, limit: .init(byteCount: SealedMessage.maximumByteCount)), case .map(let entries) = value else {
            throw ClientError(.tampered, "\(name) does not read as one")
        }
        self.entries = entries
    }

    func has(_ key: UInt64) -> Bool { entries[key] != nil }

    mutating func unsigned(_ key: UInt64) throws(ClientError) -> UInt64 {
        guard let value = entries.removeValue(forKey: key)?.unsignedValue else { throw malformed(key) }
        return value
    }

    mutating func text(_ key: UInt64) throws(ClientError) -> String {
        guard let value = entries.removeValue(forKey: key)?.textValue else { throw malformed(key) }
        return value
    }

    mutating func bytes(_ key: UInt64, count: Int? = nil) throws(ClientError) -> [UInt8] {
        guard let value = entries.removeValue(forKey: key)?.bytesValue, count == nil || value.count == count else { throw malformed(key) }
        return value
    }

    mutating func optionalBytes(_ key: UInt64, count: Int? = nil) throws(ClientError) -> [UInt8]? {
        has(key) ? try bytes(key, count: count) : nil
    }

    mutating func secret(_ key: UInt64, count: Int? = nil) throws(ClientError) -> Secret {
        var value = try bytes(key, count: count)
        return Secret(consuming: &value)
    }

    mutating func optionalSecret(_ key: UInt64, count: Int? = nil) throws(ClientError) -> Secret? {
        has(key) ? try secret(key, count: count) : nil
    }

    mutating func texts(_ key: UInt64) throws(ClientError) -> [String] {
        guard let elements = entries.removeValue(forKey: key)?.arrayValue else { throw malformed(key) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.textValue else { throw malformed(key) }
            texts.append(text)
        }
        return texts
    }

    /// A number that must have one value, such as a version.
    mutating func expect(_ key: UInt64, _ value: UInt64) throws(ClientError) {
        guard try unsigned(key) == value else { throw malformed(key) }
    }

    func finish() throws(ClientError) {
        if let key = entries.keys.min() { throw malformed(key) }
    }

    func malformed(_ key: UInt64) -> ClientError { ClientError(.tampered, "\(name) does not read as one: field \(key)") }
}
