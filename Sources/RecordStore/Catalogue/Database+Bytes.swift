// Statements prepared once, with byte arrays as arguments.
import Foundation
import GRDB

/// An argument of a statement.
enum Argument {
    case integer(Int64)
    case bytes([UInt8])
    case optionalBytes([UInt8]?)

    static func count(_ value: UInt64) throws(CatalogueError) -> Argument {
        guard let value = Int64(exactly: value) else { throw .invalidValue(what: "a number above 2^63") }
        return .integer(value)
    }

    static func blob(_ blob: BlobID) -> Argument { .bytes(blob.bytes) }
    static func flag(_ value: Bool) -> Argument { .integer(value ? 1 : 0) }

    fileprivate var value: DatabaseValue {
        switch self {
        case .integer(let value): value.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        case .optionalBytes(let bytes): bytes.map { Data($0).databaseValue } ?? .null
        }
    }
}

extension Database {
    /// Runs a statement that returns no rows.
    func run(_ sql: String, _ arguments: [Argument]) throws {
        let statement = try cachedStatement(sql: sql)
        try statement.execute(arguments: StatementArguments(arguments.map(\.value)))
    }

    /// The first row.
    func first<Value>(_ sql: String, _ arguments: [Argument], _ read: (Row) throws -> Value) throws -> Value? {
        let statement = try cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.value)))
        return try rows.next().map(read)
    }

    /// All rows.
    func all<Value>(_ sql: String, _ arguments: [Argument], _ read: (Row) throws -> Value) throws -> [Value] {
        let statement = try cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.value)))
        var values: [Value] = []
        while let row = try rows.next() { values.append(try read(row)) }
        return values
    }
}
