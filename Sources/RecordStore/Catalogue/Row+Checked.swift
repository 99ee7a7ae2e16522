// Columns read without trust: a value of the wrong kind or length is a damaged row, not a trap.
import GRDB

extension Row {
    func checkedInteger(_ column: Int, _ what: String) throws(CatalogueError) -> Int64 {
        guard case .int64(let value) = storage(column) else { throw .damaged(what: "\(what) is not a number") }
        return value
    }

    /// A number that cannot be negative.
    func checkedCount(_ column: Int, _ what: String) throws(CatalogueError) -> UInt64 {
        guard let value = UInt64(exactly: try checkedInteger(column, what)) else { throw .damaged(what: "\(what) is negative") }
        return value
    }

    func checkedFlag(_ column: Int, _ what: String) throws(CatalogueError) -> Bool {
        switch try checkedInteger(column, what) {
        case 0: return false
        case 1: return true
        default: throw .damaged(what: "\(what) is neither yes nor no")
        }
    }

    func checkedBytes(_ column: Int, _ what: String, count: Int? = nil) throws(CatalogueError) -> [UInt8] {
        guard case .blob(let data) = storage(column) else { throw .damaged(what: "\(what) is not a byte string") }
        if let count, data.count != count { throw .damaged(what: "\(what) has \(data.count) bytes instead of \(count)") }
        return [UInt8](data)
    }

    func checkedOptionalBytes(_ column: Int, _ what: String, count: Int? = nil) throws(CatalogueError) -> [UInt8]? {
        if case .null = storage(column) { return nil }
        return try checkedBytes(column, what, count: count)
    }

    func checkedBlob(_ column: Int, _ what: String) throws(CatalogueError) -> BlobID {
        guard let blob = BlobID(bytes: try checkedBytes(column, what)) else { throw .damaged(what: "\(what) is not an object name") }
        return blob
    }

    private func storage(_ column: Int) -> DatabaseValue.Storage {
        let value: DatabaseValue = self[column]
        return value.storage
    }
}
