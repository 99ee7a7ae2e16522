// What can be wrong with a policy, and where.

/// Why text or bytes are no policy. Two errors are equal when their codes are.
package struct PolicyError: Error, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// Something else was expected at the column.
        case syntax
        /// A character that no policy may have.
        case character
        /// A number, date or month out of range, or a comparison nothing meets.
        case value
        /// Too long, too deep, too many clauses, rows or authorities.
        case limit
        /// Understood, but not written in the one normal form.
        case notCanonical
    }

    package let code: Code
    package let reason: String
    /// From 1, in Unicode scalars; nil when it concerns the whole.
    package let column: Int?

    package init(_ code: Code, _ reason: String, column: Int? = nil) {
        self.code = code
        self.reason = reason
        self.column = column
    }
}

extension PolicyError: Equatable {
    package static func == (first: Self, second: Self) -> Bool { first.code == second.code }
}

extension PolicyError: CustomStringConvertible {
    package var description: String { column.map { "column \($0): \(reason)" } ?? reason }
}
