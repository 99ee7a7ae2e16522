// The fields of a decoded map, each taken out once: secrets leave no copies behind in freed memory.

internal import CanonicalEncoding

/// Contents that do not read as a keyring's.
struct UnreadableContents: Error {}

/// A map of the keyring's contents on its way in. What has been taken is gone from it.
struct KeyringFields {
    private var entries: [UInt64: CBOR]

    /// Takes the map over; nobody else may hold it.
    init(_ value: inout CBOR) throws(UnreadableContents) {
        guard case .map(let entries) = value else { throw UnreadableContents() }
        value = .unsigned(0)
        self.entries = entries
    }

    func has(_ key: UInt64) -> Bool { entries[key] != nil }

    mutating func unsigned(_ key: UInt64) throws(UnreadableContents) -> UInt64 {
        guard let value = entries.removeValue(forKey: key)?.unsignedValue else { throw UnreadableContents() }
        return value
    }

    mutating func optionalUnsigned(_ key: UInt64) throws(UnreadableContents) -> UInt64? {
        has(key) ? try unsigned(key) : nil
    }

    mutating func text(_ key: UInt64) throws(UnreadableContents) -> String {
        guard let value = entries.removeValue(forKey: key)?.textValue else { throw UnreadableContents() }
        return value
    }

    mutating func optionalText(_ key: UInt64) throws(UnreadableContents) -> String? {
        has(key) ? try text(key) : nil
    }

    /// - Parameter count: how many bytes there must be, if that is fixed.
    mutating func bytes(_ key: UInt64, count: Int? = nil) throws(UnreadableContents) -> [UInt8] {
        guard let value = entries.removeValue(forKey: key)?.bytesValue, count == nil || value.count == count else { throw UnreadableContents() }
        return value
    }

    mutating func optionalBytes(_ key: UInt64, count: Int? = nil) throws(UnreadableContents) -> [UInt8]? {
        has(key) ? try bytes(key, count: count) : nil
    }

    /// Takes bytes as a secret and wipes them where they stood.
    mutating func secret(_ key: UInt64, count: Int? = nil) throws(UnreadableContents) -> Secret {
        var value = try bytes(key, count: count)
        return Secret(consuming: &value)
    }

    mutating func optionalSecret(_ key: UInt64, count: Int? = nil) throws(UnreadableContents) -> Secret? {
        has(key) ? try secret(key, count: count) : nil
    }

    mutating func texts(_ key: UInt64) throws(UnreadableContents) -> [String] {
        var texts: [String] = []
        for element in try array(key) {
            guard let text = element.textValue else { throw UnreadableContents() }
            texts.append(text)
        }
        return texts
    }

    /// The maps in a list, each read by `body`; a list that is missing is empty.
    mutating func list<Element>(
        _ key: UInt64, _ body: (inout KeyringFields) throws(UnreadableContents) -> Element
    ) throws(UnreadableContents) -> [Element] {
        guard has(key) else { return [] }
        var elements = try array(key)
        var read: [Element] = []
        read.reserveCapacity(elements.count)
        for index in elements.indices {
            var fields = try KeyringFields(&elements[index])
            read.append(try body(&fields))
        }
        return read
    }

    /// Pairs of a name and a secret.
    mutating func secrets(_ key: UInt64) throws(UnreadableContents) -> [String: Secret] {
        var elements = try array(key)
        var secrets: [String: Secret] = [:]
        for index in elements.indices {
            guard case .array(var pair) = elements[index], pair.count == 2, let name = pair[0].textValue, case .bytes(var bytes) = pair[1] else {
                throw UnreadableContents()
            }
            elements[index] = .unsigned(0)
            pair = []
            secrets[name] = Secret(consuming: &bytes)
        }
        return secrets
    }

    private mutating func array(_ key: UInt64) throws(UnreadableContents) -> [CBOR] {
        guard let value = entries.removeValue(forKey: key)?.arrayValue else { throw UnreadableContents() }
        return value
    }
}

extension CBOR {
    /// Encodes into memory that is reserved beforehand, so that no outgrown copy of a secret stays behind.
    func encodedOnce() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCountUpperBound)
        append(to: &bytes)
        return bytes
    }

    /// Overwrites every byte string in it and forgets the value, which nobody else may hold.
    mutating func wipeBytes() {
        switch self {
        case .bytes(var bytes):
            self = .unsigned(0)
            wipe(&bytes)
        case .array(var elements):
            self = .unsigned(0)
            for index in elements.indices { elements[index].wipeBytes() }
        case .map(var entries):
            self = .unsigned(0)
            for key in Array(entries.keys) { entries[key]?.wipeBytes() }
        case .unsigned, .text: self = .unsigned(0)
        }
    }

    /// A head takes at most nine bytes, a map key one.
    private var byteCountUpperBound: Int {
        switch self {
        case .unsigned: 9
        case .bytes(let bytes): 9 + bytes.count
        case .text(let text): 9 + text.utf8.count
        case .array(let elements): elements.reduce(9) { $0 + $1.byteCountUpperBound }
        case .map(let entries): entries.values.reduce(9) { $0 + 1 + $1.byteCountUpperBound }
        }
    }
}

extension Secret {
    /// For a map that is encoded and wiped at once.
    var cbor: CBOR { withBytes { .bytes($0) } }
}
