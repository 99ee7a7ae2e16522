// The places where a block becomes durable, and where tests make that fail.

package import GRDB

/// What a block goes through on its way to the disk, in this order.
///
/// After a failed write nobody knows what is on the disk, so an error from here stops the ledger; only a disk that is found
/// full before the commit does not.
package protocol LedgerStorage: Sendable {
    /// Inserts the entries of a block into the open transaction.
    func insert(_ rows: [EntryRow], into database: Database) throws
    /// Commits the open transaction; on return it is on disk.
    func commit(_ database: Database) throws
    /// Writes the checkpoint outside the database; on return it is on disk.
    func writeAnchor(_ checkpoint: String) throws
    /// Gives the anchor up, so that another process may open the ledger.
    func close()
}

/// SQLite and an anchor file.
struct DurableStorage: LedgerStorage {
    let anchor: AnchorFile

    func insert(_ rows: [EntryRow], into database: Database) throws { try LedgerTables.insert(rows, into: database) }
    func commit(_ database: Database) throws { try database.commit() }
    func writeAnchor(_ checkpoint: String) throws { try anchor.write(checkpoint) }
    func close() { anchor.close() }
}
