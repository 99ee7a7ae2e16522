// Finding the entries that anchor the audit log, also beside a running server.

internal import CanonicalEncoding
internal import Crypto
internal import Foundation
package import GRDB

extension Ledger {
    /// The AUDIT transactions of the ledger in `database`, in their order, each with its index.
    ///
    /// Throws `LedgerError` with `.badSignature` for one that the site's authority did not sign. That none is missing shows
    /// `check(full:progress:)`.
    package static func auditAnchors(in database: any DatabaseReader, keys: SiteKeys) throws -> [(index: UInt64, anchor: AuditTransaction)] {
        // Entries have one encoding, so the type stands at the same place in all of them.
        let head = CBOR.map([EntryKey.version: .unsigned(1), EntryKey.type: .unsigned(25)]).encoded().dropFirst()
        let rows = try database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT idx, body FROM ledger_entry WHERE substr(body, 2, ?) = ? ORDER BY idx", arguments: [head.count, Data(head)])
        }
        return try rows.map { row in
            let index = UInt64(bitPattern: row[0] as Int64)
            guard case .transaction(let transaction) = try LogEntry(decoding: Array(row[1] as Data)), case .audit(let anchor) = transaction.body,
                transaction.isSigned(by: keys.authority.publicKey)
            else { throw LedgerError(.badSignature, "is not signed by this site; run phrd ledger check --full", place: "entry \(index)") }
            return (index, anchor)
        }
    }
}
