// What a check of the whole log found.

/// The result of recomputing a log from its bytes.
package struct CheckReport: Equatable, Sendable {
    package struct Problem: Equatable, Sendable, CustomStringConvertible {
        /// The entry, tile, table or file.
        package let place: String
        package let reason: String

        package var description: String { "\(place): \(reason)" }
    }

    package internal(set) var entryCount: UInt64 = 0
    package internal(set) var transactionCount: UInt64 = 0
    package internal(set) var blockCount: UInt64 = 0
    package internal(set) var tileCount: UInt64 = 0
    /// Whether transaction signatures and the database file were checked too.
    package internal(set) var isFull = false
    /// The first problems found.
    package internal(set) var problems: [Problem] = []
    /// Problems in all.
    package internal(set) var problemCount = 0

    package var isClean: Bool { problemCount == 0 }

    private static let largestListedCount = 100

    mutating func add(_ place: String, _ reason: String) {
        problemCount += 1
        if problems.count < Self.largestListedCount { problems.append(Problem(place: place, reason: reason)) }
    }
}
