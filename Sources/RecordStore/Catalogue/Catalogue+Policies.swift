// Policies of folders, sealed at rest.
package import GRDB

extension Catalogue {
    /// Stores the next policy of a folder.
    ///
    /// Throws `conflict` unless the sequence follows the current one (0 for the first) and the folder's number is the one it has.
    package func storePolicy(_ db: Database, _ policy: StoredPolicy, folder: String) throws {
        try require(policy.owner, count: 16, "an owner")
        try require(policy.folderID, count: 16, "a folder's number")
        try require(policy.salt, count: 32, "a salt")
        let current = try currentPolicy(db, owner: policy.owner, folder: folder)
        let expected = current.map { $0.sequence + 1 } ?? 0
        guard policy.sequence == expected, current?.folderID ?? policy.folderID == policy.folderID else {
            throw CatalogueError.conflict(expected: expected, found: policy.sequence)
        }
        try db.run(
            "INSERT INTO folder_policy (folder_id, sequence, owner, folder_key, sealed_document, salt, ledger_index) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .bytes(policy.folderID), .count(policy.sequence), .bytes(policy.owner),
                .bytes(cipher.folderKey(owner: policy.owner, folder: folder)),
                .bytes(try cipher.seal(document: policy.document, place: Self.place(policy.folderID, policy.sequence))), .bytes(policy.salt),
                .count(policy.ledgerIndex),
            ])
    }

    /// The newest policy of a folder, in force even if it says that there is none any more.
    package func currentPolicy(_ db: Database, owner: [UInt8], folder: String) throws -> StoredPolicy? {
        try db.first(
            "\(Self.policyQuery) WHERE folder_key = ? ORDER BY sequence DESC LIMIT 1",
            [.bytes(cipher.folderKey(owner: owner, folder: folder))], readPolicy)
    }

    package func policy(_ db: Database, folderID: [UInt8], sequence: UInt64) throws -> StoredPolicy? {
        try db.first("\(Self.policyQuery) WHERE folder_id = ? AND sequence = ?", [.bytes(folderID), .count(sequence)], readPolicy)
    }

    private static var policyQuery: String { "SELECT folder_id, sequence, owner, sealed_document, salt, ledger_index FROM folder_policy" }

    private static func place(_ folderID: [UInt8], _ sequence: UInt64) -> [UInt8] { Array("policy".utf8) + folderID + sequence.bigEndianBytes }

    private func readPolicy(_ row: Row) throws(CatalogueError) -> StoredPolicy {
        let folderID = try row.checkedBytes(0, "a policy's folder", count: 16)
        let sequence = try row.checkedCount(1, "a policy's sequence")
        return StoredPolicy(
            owner: try row.checkedBytes(2, "a policy's owner", count: 16), folderID: folderID, sequence: sequence,
            document: try cipher.open(document: row.checkedBytes(3, "a policy"), place: Self.place(folderID, sequence)),
            salt: try row.checkedBytes(4, "a policy's salt", count: 32), ledgerIndex: try row.checkedCount(5, "a policy's ledger index"))
    }
}
