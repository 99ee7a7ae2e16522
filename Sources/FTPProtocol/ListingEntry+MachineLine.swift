// MLSD lines, written straight into bytes and read back strictly.

/// Why a line of a listing was refused.
package enum ListingError: Error, Equatable {
    /// No space divides the facts from the name.
    case noName
    case malformedFact(String)
    case unsupportedType(String)
    case missingType
}

extension ListingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noName: "a line of the listing has no name"
        case .malformedFact(let fact): "a line of the listing has a malformed fact: \(fact)"
        case .unsupportedType(let type): "an entry of the listing is neither a file nor a folder: \(type)"
        case .missingType: "a line of the listing does not say whether it is a file or a folder"
        }
    }
}

extension ListingEntry {
    /// The line without its line end: `type=file;size=3;modify=20260102030405; name`.
    package func machineLine(facts: Facts = .standard) -> String {
        var bytes: [UInt8] = []
        appendMachineLine(facts: facts, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the line without its line end.
    package func appendMachineLine(facts: Facts = .standard, to bytes: inout [UInt8]) {
        func appendFact(_ name: StaticString, _ value: String) {
            bytes += Array(name.description.utf8)
            bytes += value.utf8
            bytes.append(0x3B)
        }
        if facts.contains(.type) { appendFact("type=", kind.rawValue) }
        if facts.contains(.size), let size, kind == .file {
            bytes += "size=".utf8
            StrictDecimal.append(size, to: &bytes)
            bytes.append(0x3B)
        }
        if facts.contains(.modify), let modified {
            bytes += "modify=".utf8
            FTPTimestamp(seconds: modified).append(to: &bytes)
            bytes.append(0x3B)
        }
        if facts.contains(.perm), !permissions.isEmpty { appendFact("perm=", permissions) }
        if facts.contains(.unique), let unique { appendFact("unique=", unique) }
        if facts.contains(.mediaType), kind == .file, let mediaType = MediaType.of(name) { appendFact("media-type=", mediaType) }
        bytes.append(0x20)
        bytes += name.utf8
    }

    /// Reads a line without its line end. Unknown facts are passed over; the name is given as sent, unchecked.
    package static func parse(machineLine line: String) throws(ListingError) -> ListingEntry {
        guard let space = line.utf8.firstIndex(of: 0x20) else { throw .noName }
        let name = String(line[line.utf8.index(after: space)...])
        guard !name.isEmpty else { throw .noName }
        var kind: Kind?
        var entry = ListingEntry(name: name, kind: .file)
        for bytes in line.utf8[..<space].split(separator: 0x3B) {
            let fact = Substring(bytes)
            guard let equals = fact.utf8.firstIndex(of: 0x3D) else { throw .malformedFact(String(fact)) }
            let value = String(fact[fact.utf8.index(after: equals)...])
            switch fact[..<equals].lowercased() {
            case "type":
                guard let known = Kind(rawValue: value.lowercased()) else { throw .unsupportedType(value) }
                kind = known
            case "size":
                guard let size = StrictDecimal.parse(value) else { throw .malformedFact(String(fact)) }
                entry.size = size
            case "modify":
                guard let time = FTPTimestamp(value) else { throw .malformedFact(String(fact)) }
                entry.modified = time.seconds
            case "perm": entry.permissions = value
            case "unique": entry.unique = value
            default: continue
            }
        }
        guard let kind else { throw .missingType }
        entry.kind = kind
        return entry
    }
}
