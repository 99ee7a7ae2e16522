// Emergency access: what owners left, and each use that was made of it. All sealed at rest.
package import GRDB

extension Catalogue {
    // MARK: Grants

    /// Stores what an owner leaves for a holder, in the place of what he left before. Throws `conflict` unless the sequence follows.
    package func storeGrant(_ db: Database, _ grant: StoredGrant) throws {
        try require(grant.owner, count: 16, "an owner")
        try require(grant.holder, count: 16, "a holder")
        try require(grant.half, count: 32, "half of a key")
        let expected = try grantSequence(db, owner: grant.owner, holder: grant.holder).map { $0 + 1 } ?? 0
        guard grant.sequence == expected else { throw CatalogueError.conflict(expected: expected, found: grant.sequence) }
        try db.run(
            """
            INSERT INTO emergency_grant (owner, holder, sequence, sealed_content) VALUES (?, ?, ?, ?) \
            ON CONFLICT (owner, holder) DO UPDATE SET sequence = excluded.sequence, sealed_content = excluded.sealed_content
            """,
            [
                .bytes(grant.owner), .bytes(grant.holder), .count(grant.sequence),
                .bytes(try cipher.seal(document: grant.half + grant.document, place: Self.grantPlace(grant.owner, grant.holder, grant.sequence))),
            ])
    }

    /// Sequence of the last grant, withdrawn or not.
    package func grantSequence(_ db: Database, owner: [UInt8], holder: [UInt8]) throws -> UInt64? {
        try db.first("SELECT sequence FROM emergency_grant WHERE owner = ? AND holder = ?", [.bytes(owner), .bytes(holder)]) { row in
            try row.checkedCount(0, "a grant's sequence")
        }
    }

    /// The grant that holds; nil when there is none or it was withdrawn.
    package func grant(_ db: Database, owner: [UInt8], holder: [UInt8]) throws -> StoredGrant? {
        try db.first(
            "SELECT owner, holder, sequence, sealed_content FROM emergency_grant WHERE owner = ? AND holder = ? AND sealed_content IS NOT NULL",
            [.bytes(owner), .bytes(holder)], readGrant)
    }

    /// Takes a grant back and forgets the site's half. Throws `notFound` when none holds.
    package func withdrawGrant(_ db: Database, owner: [UInt8], holder: [UInt8]) throws {
        try db.run(
            "UPDATE emergency_grant SET sealed_content = NULL WHERE owner = ? AND holder = ? AND sealed_content IS NOT NULL",
            [.bytes(owner), .bytes(holder)])
        guard db.changesCount == 1 else { throw CatalogueError.notFound }
    }

    /// Holders of an owner's grants that hold.
    package func grantHolders(_ db: Database, owner: [UInt8]) throws -> [[UInt8]] {
        try db.all("SELECT holder FROM emergency_grant WHERE owner = ? AND sealed_content IS NOT NULL ORDER BY holder", [.bytes(owner)]) { row in
            try row.checkedBytes(0, "a grant's holder", count: 16)
        }
    }

    /// Owners who left a grant to a holder.
    package func grantOwners(_ db: Database, holder: [UInt8]) throws -> [[UInt8]] {
        try db.all("SELECT owner FROM emergency_grant WHERE holder = ? AND sealed_content IS NOT NULL ORDER BY owner", [.bytes(holder)]) { row in
            try row.checkedBytes(0, "a grant's owner", count: 16)
        }
    }

    // MARK: Uses

    /// Stores a use. Throws `conflict` unless its number follows and the grant it was made of still holds.
    package func storeEmergency(_ db: Database, _ use: StoredEmergency) throws {
        try require(use.salt, count: 32, "a salt")
        let expected = try latestEmergency(db, owner: use.owner, holder: use.holder).map { $0.number + 1 } ?? 0
        guard use.number == expected else { throw CatalogueError.conflict(expected: expected, found: use.number) }
        guard let grant = try grant(db, owner: use.owner, holder: use.holder) else { throw CatalogueError.notFound }
        guard grant.sequence == use.grantSequence else {
            throw CatalogueError.conflict(expected: grant.sequence, found: use.grantSequence)
        }
        try db.run(
            """
            INSERT INTO emergency_use (owner, holder, number, grant_sequence, sealed_document, salt, ledger_index, created) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .bytes(use.owner), .bytes(use.holder), .count(use.number), .count(use.grantSequence),
                .bytes(try cipher.seal(document: use.document, place: Self.usePlace(use.owner, use.holder, use.number))), .bytes(use.salt),
                .count(use.ledgerIndex), .integer(use.milliseconds),
            ])
    }

    package func latestEmergency(_ db: Database, owner: [UInt8], holder: [UInt8]) throws -> StoredEmergency? {
        try db.first(
            "\(Self.useQuery) WHERE owner = ? AND holder = ? ORDER BY number DESC LIMIT 1", [.bytes(owner), .bytes(holder)], readUse)
    }

    package func emergency(_ db: Database, owner: [UInt8], holder: [UInt8], number: UInt64) throws -> StoredEmergency? {
        try db.first("\(Self.useQuery) WHERE owner = ? AND holder = ? AND number = ?", [.bytes(owner), .bytes(holder), .count(number)], readUse)
    }

    /// The use that stands at an index of the ledger.
    package func emergency(_ db: Database, ledgerIndex: UInt64) throws -> StoredEmergency? {
        try db.first("\(Self.useQuery) WHERE ledger_index = ?", [.count(ledgerIndex)], readUse)
    }

    // MARK: Rows

    private static func grantPlace(_ owner: [UInt8], _ holder: [UInt8], _ sequence: UInt64) -> [UInt8] {
        Array("grant".utf8) + owner + holder + sequence.bigEndianBytes
    }

    private static func usePlace(_ owner: [UInt8], _ holder: [UInt8], _ number: UInt64) -> [UInt8] {
        Array("use".utf8) + owner + holder + number.bigEndianBytes
    }

    private func readGrant(_ row: Row) throws(CatalogueError) -> StoredGrant {
        let owner = try row.checkedBytes(0, "a grant's owner", count: 16)
        let holder = try row.checkedBytes(1, "a grant's holder", count: 16)
        let sequence = try row.checkedCount(2, "a grant's sequence")
        let content = try cipher.open(document: row.checkedBytes(3, "a grant"), place: Self.grantPlace(owner, holder, sequence))
        guard content.count > 32 else { throw .damaged(what: "a grant is too short") }
        return StoredGrant(owner: owner, holder: holder, sequence: sequence, half: Array(content.prefix(32)), document: Array(content.dropFirst(32)))
    }

    private static var useQuery: String {
        "SELECT owner, holder, number, grant_sequence, sealed_document, salt, ledger_index, created FROM emergency_use"
    }

    private func readUse(_ row: Row) throws(CatalogueError) -> StoredEmergency {
        let owner = try row.checkedBytes(0, "an emergency's owner", count: 16)
        let holder = try row.checkedBytes(1, "an emergency's holder", count: 16)
        let number = try row.checkedCount(2, "an emergency's number")
        return StoredEmergency(
            owner: owner, holder: holder, number: number, grantSequence: try row.checkedCount(3, "an emergency's grant"),
            document: try cipher.open(document: row.checkedBytes(4, "an emergency"), place: Self.usePlace(owner, holder, number)),
            salt: try row.checkedBytes(5, "an emergency's salt", count: 32),
            ledgerIndex: try row.checkedCount(6, "an emergency's ledger index"),
            milliseconds: try row.checkedInteger(7, "an emergency's time"))
    }
}
