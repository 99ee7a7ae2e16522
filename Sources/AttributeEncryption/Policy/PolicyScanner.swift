// Reads the words and signs of the policy language, and says at which column something else was expected.

/// A cursor over the scalars of a text.
struct PolicyScanner {
    private let scalars: [Unicode.Scalar]
    private(set) var position = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// From 1.
    var column: Int { position + 1 }

    var isAtEnd: Bool { position == scalars.count }

    var next: Unicode.Scalar? { isAtEnd ? nil : scalars[position] }

    /// What stands at the cursor, for messages.
    var found: String {
        guard let next else { return "the end" }
        if PolicyScanner.isCombining(next) { return "a combining mark: write the letter in its composed form" }
        guard AttributeSyntax.isValueScalar(next) else { return "`\(next.properties.generalCategory == .control ? "?" : String(next))`" }
        return "`\(String(String.UnicodeScalarView(scalars[position...].prefix { AttributeSyntax.isValueScalar($0) }.prefix(24))))`"
    }

    func error(_ reason: String, at column: Int? = nil) -> PolicyError {
        let isForeign = next.map { !Self.isKnown($0) } ?? false
        return PolicyError(isForeign && column == nil ? .character : .syntax, reason, column: column ?? self.column)
    }

    mutating func skipSpace() {
        while let next, next == " " || next == "\t" || next == "\n" || next == "\r" { position += 1 }
    }

    /// Passes over `sign` if it stands here.
    mutating func take(_ sign: String) -> Bool {
        let sign = Array(sign.unicodeScalars)
        guard scalars[position...].starts(with: sign) else { return false }
        position += sign.count
        return true
    }

    /// Passes over `keyword`, in either case, if it stands here as a whole word.
    mutating func takeKeyword(_ keyword: String) -> Bool {
        let start = position
        if word().lowercased() == keyword { return true }
        position = start
        return false
    }

    /// The longest run of letters, digits and signs that names and keywords have; may be empty.
    mutating func word() -> String { run(of: AttributeSyntax.isValueScalar) }

    mutating func run(of isMember: (Unicode.Scalar) -> Bool) -> String {
        let start = position
        while let next, isMember(next) { position += 1 }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    mutating func authority(_ word: String, at column: Int) throws(PolicyError) -> String {
        guard AttributeSyntax.isAuthority(word) else {
            throw PolicyError(
                .syntax, "`\(word.prefix(24))` is no authority: its name has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit", column: column)
        }
        return word
    }

    mutating func label() throws(PolicyError) -> String {
        let column = column
        let word = run(of: AttributeSyntax.isWordScalar)
        guard !word.isEmpty else { throw error("expected an attribute's name in a-z 0-9 . _ -, found \(found)") }
        guard word != AttributeSyntax.validityLabel else {
            throw PolicyError(.syntax, "`valid` is no attribute: expected `valid in 2026-11` or `valid now`", column: column)
        }
        guard AttributeSyntax.isLabel(word) else {
            throw PolicyError(.syntax, "an attribute's name has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit", column: column)
        }
        return word
    }

    mutating func value() throws(PolicyError) -> String {
        let column = column
        let word = run(of: AttributeSyntax.isValueScalar)
        guard !word.isEmpty else { throw error("expected a value after `=`, found \(found)") }
        guard word.utf8.count <= AttributeSyntax.largestValueByteCount else {
            throw PolicyError(.limit, "a value has at most \(AttributeSyntax.largestValueByteCount) bytes", column: column)
        }
        return word
    }

    /// An integer of 0 to 65535 or a date.
    mutating func number() throws(PolicyError) -> NumericValue {
        let column = column
        let word = run { $0 == "-" || ("0"..."9").contains($0) }
        guard !word.isEmpty else { throw error("expected a number or a date such as 2026-11-24, found \(found)") }
        guard let value = NumericValue(word) else {
            throw PolicyError(.value, "`\(word.prefix(24))` is neither an integer of 0 to 65535 nor a date of 2000-01-01 to 2179-06-06", column: column)
        }
        return value
    }

    mutating func month() throws(PolicyError) -> Month {
        let column = column
        let word = run { $0 == "-" || ("0"..."9").contains($0) }
        guard !word.isEmpty else { throw error("expected a month such as 2026-11, found \(found)") }
        guard let month = Month(word) else {
            throw PolicyError(.value, "`\(word.prefix(24))` is no month of 2000-01 to 2341-04", column: column)
        }
        return month
    }

    private static func isKnown(_ scalar: Unicode.Scalar) -> Bool {
        AttributeSyntax.isValueScalar(scalar) || "()=<>:,~ \t\n\r".unicodeScalars.contains(scalar)
    }

    private static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .spacingMark
    }
}
