// Reading and signing of the integer-keyed maps that entries are made of.

internal import CanonicalEncoding
internal import Crypto

/// The map keys that all entries share.
enum EntryKey {
    static let version: UInt64 = 0
    static let type: UInt64 = 1
    static let signature: UInt64 = 15
}

/// The entry types of the log.
enum EntryType {
    static let genesis: UInt64 = 0
    static let blockHeader: UInt64 = 2
    /// Transactions have types from here on.
    static let firstTransaction: UInt64 = 16
}

/// Takes the fields of a map one by one and refuses whatever is missing, of another shape, or left over.
struct EntryFields {
    private var fields: [UInt64: CBOR]
    private let what: String

    init(_ value: CBOR, of what: String) throws(LedgerError) {
        guard let fields = value.mapValue else { throw LedgerError(.malformedEntry, "is not a map", place: what) }
        self.fields = fields
        self.what = what
    }

    mutating func unsigned(_ key: UInt64, in range: ClosedRange<UInt64> = 0...UInt64.max) throws(LedgerError) -> UInt64 {
        guard let value = fields.removeValue(forKey: key)?.unsignedValue else { throw malformed("needs a number at key \(key)") }
        guard range.contains(value) else { throw malformed("key \(key) must be in \(range), not \(value)") }
        return value
    }

    mutating func bytes(_ key: UInt64, count: Int? = nil) throws(LedgerError) -> [UInt8] {
        guard let value = fields.removeValue(forKey: key)?.bytesValue else { throw malformed("needs bytes at key \(key)") }
        if let count, value.count != count { throw malformed("key \(key) must have \(count) bytes, not \(value.count)") }
        return value
    }

    mutating func optionalBytes(_ key: UInt64, count: Int) throws(LedgerError) -> [UInt8]? {
        fields[key] == nil ? nil : try bytes(key, count: count)
    }

    mutating func text(_ key: UInt64) throws(LedgerError) -> String {
        guard let value = fields.removeValue(forKey: key)?.textValue else { throw malformed("needs text at key \(key)") }
        return value
    }

    mutating func expect(_ key: UInt64, _ value: UInt64) throws(LedgerError) {
        let found = try unsigned(key)
        guard found == value else { throw malformed("key \(key) must be \(value), not \(found)") }
    }

    /// Refuses keys nobody took.
    func finish() throws(LedgerError) {
        guard let key = fields.keys.min() else { return }
        throw malformed("has the unknown key \(key)")
    }

    private func malformed(_ reason: String) -> LedgerError { LedgerError(.malformedEntry, reason, place: what) }
}

/// Ed25519 over a domain string and the map without its signature.
enum EntrySignature {
    static let byteCount = 64

    static func input(domain: String, fields: [UInt64: CBOR]) -> [UInt8] {
        var input = Array((domain + "\n").utf8)
        CBOR.map(fields).append(to: &input)
        return input
    }

    static func sign(domain: String, fields: [UInt64: CBOR], key: Curve25519.Signing.PrivateKey) throws -> [UInt8] {
        Array(try key.signature(for: input(domain: domain, fields: fields)))
    }

    static func isValid(
        _ signature: [UInt8], domain: String, fields: [UInt64: CBOR], key: Curve25519.Signing.PublicKey
    ) -> Bool {
        key.isValidSignature(signature, for: input(domain: domain, fields: fields))
    }
}

/// Decodes one whole entry, so that its bytes are the only ones with this content.
func decodeEntryMap(_ bytes: [UInt8], of what: String) throws(LedgerError) -> CBOR {
    guard bytes.count <= LogEntry.largestByteCount else {
        throw LedgerError(.malformedEntry, "has \(bytes.count) bytes, more than \(LogEntry.largestByteCount)", place: what)
    }
    do {
        return try CBOR(decoding: bytes)
    } catch {
        throw LedgerError(.malformedEntry, "\(error)", place: what)
    }
}
