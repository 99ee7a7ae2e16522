// The characters of authority names, labels and values: a closed set in which every text has one form.

/// Rules of the words of the policy language.
///
/// Letters beyond ASCII are those of the Latin, Greek and Cyrillic blocks that are already composed, so every accepted
/// value is in Unicode normalization form C; a combining mark is refused instead of being normalized.
enum AttributeSyntax {
    static let largestAuthorityByteCount = 64
    static let largestLabelByteCount = 64
    static let largestValueByteCount = 128
    /// Starts every attribute that the rules make and no one writes: hidden names, prefixes, months, members.
    static let reservedMark: Unicode.Scalar = "~"
    /// The label that asks for a key's validity; no attribute may have it.
    static let validityLabel = "valid"

    /// One to 64 of `a-z 0-9 . _ -`, the first a letter or digit: an account name.
    static func isAuthority(_ name: String) -> Bool { isSmallWord(name, largest: largestAuthorityByteCount) }

    /// The same characters as an authority's name.
    static func isLabel(_ label: String) -> Bool { isSmallWord(label, largest: largestLabelByteCount) && label != validityLabel }

    /// One to 128 bytes of letters, digits and `. _ - + @ /`.
    static func isValue(_ value: String) -> Bool {
        (1...largestValueByteCount).contains(value.utf8.count) && value.unicodeScalars.allSatisfy(isValueScalar)
    }

    /// `~h` and the 32 hexadecimal digits of a keyed hash.
    static func isHiddenName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count == 34, bytes.starts(with: "~h".utf8) else { return false }
        return bytes.dropFirst(2).allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (isSmallLetterOrDigit(scalar) || scalar == "." || scalar == "_" || scalar == "-")
    }

    static func isValueScalar(_ scalar: Unicode.Scalar) -> Bool {
        isWordScalar(scalar) || ("A"..."Z").contains(scalar) || scalar == "+" || scalar == "@" || scalar == "/" || isComposedLetter(scalar)
    }

    static func isSmallLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Letters that no normalization changes, one scalar each.
    private static func isComposedLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xD7, 0xF7: false  // the signs for times and divided by
        case 0xC0...0x24F: true  // Latin-1 letters, Latin Extended-A and -B
        case 0x386, 0x388...0x38A, 0x38C, 0x38E...0x3A1, 0x3A3...0x3FF: scalar.properties.isAlphabetic
        case 0x400...0x481, 0x48A...0x52F: true  // Cyrillic without its combining marks
        case 0x1E00...0x1E99, 0x1E9E, 0x1EA0...0x1EF9: true  // Latin Extended Additional
        default: false
        }
    }

    private static func isSmallWord(_ word: String, largest: Int) -> Bool {
        guard (1...largest).contains(word.utf8.count), let first = word.unicodeScalars.first, isSmallLetterOrDigit(first) else { return false }
        return word.unicodeScalars.allSatisfy(isWordScalar)
    }
}
