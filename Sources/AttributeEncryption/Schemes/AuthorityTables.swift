// Tables for the keys of authorities that come up again and again.

internal import BLS12381
internal import Synchronization

/// The two fixed points of an authority, with tables from the time they have been used often enough to pay for them.
final class AuthorityTables: Sendable {
    static let shared = AuthorityTables()

    /// Rows after which a table is built: it costs about as much as that many products.
    private static let rowsBeforeTable = 24
    private static let limit = 64

    private struct Entry {
        var rowCount = 0
        var key: DecentralizedABE<BLSGroup>.PublicKey
        var hasTables = false
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// The key of the authority with these encoded points, about to be used in `rowCount` rows.
    func key(_ encoded: [UInt8], a: G1, b: G1, rowCount: Int) -> DecentralizedABE<BLSGroup>.PublicKey {
        var entry = entries.withLock { $0[encoded] } ?? Entry(key: .init(a: .init(a), b: .init(b)))
        entry.rowCount += rowCount
        if !entry.hasTables, entry.rowCount >= Self.rowsBeforeTable {
            entry.key = .init(a: .init(a, table: G1.Table(a)), b: .init(b, table: G1.Table(b)))
            entry.hasTables = true
        }
        entries.withLock { entries in
            if entries.count >= Self.limit, entries[encoded] == nil { entries.removeAll() }
            entries[encoded] = entry
        }
        return entry.key
    }

    func removeAll() { entries.withLock { $0.removeAll() } }
}
