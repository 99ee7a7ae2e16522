// What an authority says of a holder: `doctor`, `role=doctor`, `clearance=3`, `since=2024-05-01`.

/// A label with or without a value. Integers of 0 to 65535 and dates can be compared in policies, other values only be equal.
package struct GrantedAttribute: Hashable, Sendable {
    package let label: String
    package let value: String?

    /// Reads `label` or `label=value`.
    ///
    /// - Throws: `PolicyError` with the column of the first character that does not belong.
    package init(parsing text: String) throws(PolicyError) {
        var scanner = PolicyScanner(text)
        label = try scanner.label()
        value = scanner.take("=") ? try scanner.value() : nil
        guard scanner.isAtEnd else { throw scanner.error("expected the end of the attribute, found \(scanner.found)") }
    }

    package var text: String { AttributeName.plain(label, value) }

    /// All names a holder of this attribute has.
    var names: [String] {
        guard let value, let number = NumericValue(value) else { return [text] }
        return DyadicPrefix.prefixes(of: number.number, bitCount: NumericValue.bitCount).map { AttributeName.prefix(label, $0, like: number) }
    }
}

extension GrantedAttribute: CustomStringConvertible, Comparable {
    package var description: String { text }

    package static func < (first: Self, second: Self) -> Bool { first.text.utf8.lexicographicallyPrecedes(second.text.utf8) }
}
