// Names of tiles and entry bundles.

/// `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. Source: C2SP tlog-tiles, Merkle tree tiles and entry bundles.
package struct TilePath: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case hashes(level: Int)
        case entries
    }

    package let kind: Kind
    package let number: UInt64
    /// Hashes or entries in it: 256, or fewer for a partial one.
    package let width: Int

    package static let fullWidth = 256
    /// Levels above this one cannot be reached with 64-bit sizes.
    private static let largestLevel = 7

    package init(kind: Kind, number: UInt64, width: Int = TilePath.fullWidth) {
        self.kind = kind
        self.number = number
        self.width = width
    }

    /// Reads a path; only the one spelling of each tile is accepted.
    package init(parsing path: String) throws(LedgerError) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { throw Self.malformed(path) }
        let level = parts.removeFirst()
        if level == "entries" {
            kind = .entries
        } else if let value = parseDecimal(level), value <= Self.largestLevel {
            kind = .hashes(level: Int(value))
        } else {
            throw Self.malformed(path)
        }
        var width = Self.fullWidth
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = parseDecimal(parts.removeLast()), (1..<Self.fullWidth).contains(Int(clamping: partial)) else {
                throw Self.malformed(path)
            }
            width = Int(partial)
            parts[parts.count - 1].removeLast(2)
        }
        guard let number = Self.number(parts) else { throw Self.malformed(path) }
        self.number = number
        self.width = width
    }

    /// The path's text.
    package var text: String {
        let folder =
            switch kind {
            case .hashes(let level): "tile/\(level)/"
            case .entries: "tile/entries/"
            }
        return folder + Self.text(number) + (width == Self.fullWidth ? "" : ".p/\(width)")
    }

    /// Enough for 2⁵⁶ entries.
    private static let largestGroupCount = 5

    /// Groups of three digits, all but the last behind an `x`.
    private static func number(_ groups: [String]) -> UInt64? {
        guard let last = groups.last, groups.count <= largestGroupCount else { return nil }
        var number: UInt64 = 0
        for group in groups.dropLast() {
            guard group.utf8.first == UInt8(ascii: "x"), let value = groupValue(group.dropFirst()) else { return nil }
            number = number * 1000 + value
        }
        guard let value = groupValue(last[...]) else { return nil }
        number = number * 1000 + value
        // A leading group of zeros would be a second spelling.
        return text(number) == groups.joined(separator: "/") ? number : nil
    }

    private static func groupValue(_ digits: Substring) -> UInt64? {
        guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(digits)
    }

    private static func text(_ number: UInt64) -> String {
        let group = String(number % 1000)
        var result = String(repeating: "0", count: 3 - group.count) + group
        var rest = number / 1000
        while rest > 0 {
            let group = String(rest % 1000)
            result = "x" + String(repeating: "0", count: 3 - group.count) + group + "/" + result
            rest /= 1000
        }
        return result
    }

    private static func malformed(_ path: String) -> LedgerError {
        LedgerError(.malformedPath, "must be tile/LEVEL/NUMBER or tile/entries/NUMBER, perhaps with .p/WIDTH", place: path)
    }
}
