// Finding and listing: from a space and a path to nodes and the records behind them.
package import GRDB

extension Catalogue {
    /// The root folder of a space such as "records/alice"; nil when nobody made it.
    package func root(_ db: Database, space: String) throws -> CatalogueNode? {
        try node(db, parent: .forest, key: cipher.lookupKey(parent: NodeID.forest.number, normalized: EntryName.normalize(space)))
    }

    /// The node at a path below a space's root; nil when there is none. No components: the root.
    package func resolve(_ db: Database, space: String, components: [String]) throws -> CatalogueNode? {
        guard components.count <= EntryName.maximumDepth else { throw CatalogueError.invalidName(.tooDeep) }
        let names = try components.map { component throws(CatalogueError) in try EntryName(component) }
        guard var current = try root(db, space: space) else { return nil }
        for name in names {
            guard current.isDirectory, let next = try child(db, of: current.id, name: name) else { return nil }
            current = next
        }
        return current
    }

    /// The entry of this name in a folder.
    package func child(_ db: Database, of parent: NodeID, name: EntryName) throws -> CatalogueNode? {
        try node(db, parent: parent, key: cipher.lookupKey(parent: parent.number, normalized: name.normalized))
    }

    /// The node in this row.
    package func node(_ db: Database, _ id: NodeID) throws -> CatalogueNode? {
        try db.first("SELECT \(Self.nodeColumns) FROM node WHERE id = ?", [.integer(id.number)], readNode)
    }

    /// Every node that leads to a record, in the order in which they were made.
    package func nodes(_ db: Database, of recordID: [UInt8]) throws -> [CatalogueNode] {
        try db.all("SELECT \(Self.nodeColumns) FROM node WHERE record_id = ? ORDER BY id", [.bytes(recordID)], readNode)
    }

    /// The space and the path of a node.
    package func path(_ db: Database, of node: CatalogueNode) throws -> (space: String, components: [String]) {
        var components: [String] = []
        var current = node
        while current.parent != .forest {
            guard components.count <= 4096 else { throw CatalogueError.damaged(what: "a folder lies in itself") }
            components.append(current.name)
            guard let parent = try self.node(db, current.parent) else { throw CatalogueError.damaged(what: "an entry's folder is not there") }
            current = parent
        }
        return (current.name, components.reversed())
    }

    /// One page of the spaces' roots.
    package func spaces(_ db: Database, after cursor: NodeID? = nil, limit: Int) throws -> [CatalogueNode] {
        try children(db, of: .forest, after: cursor, limit: limit).map(\.node)
    }

    /// One page of a folder, in the order in which its entries were made. The next page starts after the last entry's node.
    package func children(_ db: Database, of parent: NodeID, after cursor: NodeID? = nil, limit: Int) throws -> [CatalogueEntry] {
        try db.all(
            "\(Self.entryQuery) INDEXED BY node_parent \(Self.entryJoins) WHERE node.parent = ? AND node.id > ? ORDER BY node.id LIMIT ?",
            [.integer(parent.number), .integer(cursor?.number ?? 0), .integer(Int64(limit))], readEntry)
    }

    /// A node with the record behind it.
    package func entry(_ db: Database, _ id: NodeID) throws -> CatalogueEntry? {
        try db.first("\(Self.entryQuery) \(Self.entryJoins) WHERE node.id = ?", [.integer(id.number)], readEntry)
    }

    private func node(_ db: Database, parent: NodeID, key: [UInt8]) throws -> CatalogueNode? {
        try db.first(
            "SELECT \(Self.nodeColumns) FROM node WHERE parent = ? AND name_key = ?", [.integer(parent.number), .bytes(key)], readNode)
    }

    static var nodeColumns: String {
        "node.id, node.parent, node.name_key, node.sealed_name, node.record_id, node.created, node.modified"
    }

    static var entryQuery: String {
        """
        SELECT \(nodeColumns), record.record_id, record.owner, record.uploader, record.created, record.modified, record.latest_version, \
        record.deleted, version.number, version.plain_size, version.envelope_size, version.created, version.header_revision, \
        version.sealed_on_ingest, version.ledger_index FROM node
        """
    }

    static var entryJoins: String {
        """
        LEFT JOIN record ON record.record_id = node.record_id \
        LEFT JOIN version ON version.record_id = record.record_id AND version.number = record.latest_version
        """
    }

    func readNode(_ row: Row) throws(CatalogueError) -> CatalogueNode {
        let key = try row.checkedBytes(2, "an entry's key", count: CatalogueCipher.keyByteCount)
        return CatalogueNode(
            id: NodeID(try row.checkedInteger(0, "an entry's number")),
            parent: NodeID(try row.checkedInteger(1, "an entry's folder")),
            name: try cipher.open(row.checkedBytes(3, "an entry's name"), rowKey: key),
            recordID: try row.checkedOptionalBytes(4, "an entry's record", count: 16),
            createdMilliseconds: try row.checkedInteger(5, "an entry's time"),
            modifiedMilliseconds: try row.checkedInteger(6, "an entry's time"))
    }

    func readEntry(_ row: Row) throws(CatalogueError) -> CatalogueEntry {
        let node = try readNode(row)
        guard !node.isDirectory else { return CatalogueEntry(node: node, record: nil, latest: nil) }
        let record = try Self.readRecord(row, from: 7)
        guard record.latestVersion > 0 else { return CatalogueEntry(node: node, record: record, latest: nil) }
        let summary = VersionSummary(
            number: try row.checkedCount(14, "the latest version"),
            plainByteCount: try row.checkedCount(15, "a version's size"),
            envelopeByteCount: try row.checkedCount(16, "a version's size"),
            createdMilliseconds: try row.checkedInteger(17, "a version's time"),
            headerRevision: try row.checkedCount(18, "a header's revision"),
            isSealedOnIngest: try row.checkedFlag(19, "a version's kind"),
            ledgerIndex: try row.checkedCount(20, "a version's ledger index"))
        return CatalogueEntry(node: node, record: record, latest: summary)
    }

    static func readRecord(_ row: Row, from column: Int) throws(CatalogueError) -> StoredRecord {
        StoredRecord(
            recordID: try row.checkedBytes(column, "a record's number", count: 16),
            owner: try row.checkedBytes(column + 1, "a record's owner", count: 16),
            uploader: try row.checkedBytes(column + 2, "a record's uploader", count: 16),
            createdMilliseconds: try row.checkedInteger(column + 3, "a record's time"),
            modifiedMilliseconds: try row.checkedInteger(column + 4, "a record's time"),
            latestVersion: try row.checkedCount(column + 5, "a record's latest version"),
            isDeleted: try row.checkedFlag(column + 6, "a record's deletion mark"))
    }
}
