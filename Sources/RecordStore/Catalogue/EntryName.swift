// Names of entries: checked once, compared by their normal form.
import Foundation

/// A name that an entry may have, as its client wrote it.
package struct EntryName: Hashable, Sendable {
    /// As given; shown in listings.
    package let text: String
    /// UTF-8 of normalization form C, by which names are compared. Source: Unicode Standard Annex #15.
    let normalized: [UInt8]

    /// Most names come from file systems that allow no longer ones.
    package static var maximumByteCount: Int { 255 }
    package static var maximumDepth: Int { 64 }

    package init(_ text: String) throws(CatalogueError) {
        if let problem = Self.problem(with: text) { throw .invalidName(problem) }
        let normalized = Self.normalize(text)
        guard normalized.count <= Self.maximumByteCount else { throw .invalidName(.tooLong) }
        self.text = text
        self.normalized = normalized
    }

    /// Normalization form C; ASCII, the usual case, is its own.
    static func normalize(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes.allSatisfy { $0 < 0x80 } ? bytes : Array(text.precomposedStringWithCanonicalMapping.utf8)
    }

    private static func problem(with text: String) -> NameProblem? {
        if text.isEmpty { return .empty }
        if text == "." || text == ".." { return .reserved }
        if text.utf8.count > maximumByteCount { return .tooLong }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x2F: return .separator
            case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: return .control
            // These can make "fdp.exe" look like "exe.pdf".
            case 0x202A...0x202E, 0x2066...0x2069: return .direction
            default: continue
            }
        }
        return nil
    }

    package static func == (one: Self, other: Self) -> Bool { one.normalized == other.normalized }

    package func hash(into hasher: inout Hasher) { hasher.combine(normalized) }
}
