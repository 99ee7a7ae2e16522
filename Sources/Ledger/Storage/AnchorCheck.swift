// Comparing the database with the anchor before anything is signed.

internal import GRDB

/// Decides whether a database may be continued, given what was last signed.
enum AnchorCheck {
    /// Checks `file` against the database's head and tells the file which slot to keep.
    ///
    /// - Returns: whether the anchor is behind, because the last COMMIT was cut off from it.
    static func verify(_ file: AnchorFile, state: LedgerState, logKey: VerifierKey, in database: Database) throws -> Bool {
        let slots = try file.read()
        let checkpoints = slots.map { text in text.flatMap { try? CheckpointNote(parsing: $0, verifiedBy: logKey) } }
        let newest = checkpoints.indices
            .compactMap { slot in checkpoints[slot].map { (slot, $0) } }
            .max { $0.1.size < $1.1.size }
        guard let (slot, anchor) = newest else {
            // A log whose creation was cut off between its first COMMIT and the anchor.
            if slots.allSatisfy({ $0 == nil }), state.tip.height == 0 { return true }
            throw LedgerError(
                .anchorDamaged, "has no checkpoint signed by \(logKey.name); bring back the file that belongs to this database", place: file.path)
        }
        guard anchor.size <= state.size else {
            throw LedgerError(
                .databaseBehindAnchor,
                "the database has \(state.size) entries, but \(anchor.size) were signed: it was put back to an older state. "
                    + "Going on would sign a second history; bring back the newest database", place: file.path)
        }
        let isCutOff = zip(slots, checkpoints).contains { $0 != nil && $1 == nil }
        guard !isCutOff || anchor.size < state.size else {
            throw LedgerError(.anchorDamaged, "one of its checkpoints cannot be read and no write was under way", place: file.path)
        }
        let root = try TreeReader(edge: state.edge, size: state.size, database: database).root(of: 0..<anchor.size)
        guard root == anchor.root else {
            throw LedgerError(
                .anchorContradicts, "the database has another history than the one signed up to entry \(anchor.size)", place: file.path)
        }
        file.newest(is: slot)
        return anchor.size < state.size
    }
}
