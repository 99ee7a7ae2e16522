// Changing the tree: making, linking, moving and removing entries.
package import GRDB

extension Catalogue {
    /// The root of a space, made when it is not there.
    @discardableResult
    package func makeSpace(_ db: Database, _ space: String, atMilliseconds time: Int64) throws -> CatalogueNode {
        guard (1...1024).contains(space.utf8.count) else { throw CatalogueError.invalidValue(what: "a space name of \(space.utf8.count) bytes") }
        if let root = try root(db, space: space) { return root }
        return try insert(db, parent: .forest, text: space, normalized: EntryName.normalize(space), recordID: nil, time: time)
    }

    /// A new, empty folder.
    @discardableResult
    package func makeDirectory(_ db: Database, in parent: NodeID, name: String, atMilliseconds time: Int64) throws -> CatalogueNode {
        let name = try EntryName(name)
        try requireDirectory(db, parent)
        return try insert(db, parent: parent, text: name.text, normalized: name.normalized, recordID: nil, time: time)
    }

    /// A name for a record; the record may have several.
    @discardableResult
    package func link(_ db: Database, _ recordID: [UInt8], in parent: NodeID, name: String, atMilliseconds time: Int64) throws -> CatalogueNode {
        let name = try EntryName(name)
        try require(recordID, count: 16, "a record number")
        try requireDirectory(db, parent)
        return try insert(db, parent: parent, text: name.text, normalized: name.normalized, recordID: recordID, time: time)
    }

    /// Removes a name and says how many the record still has. The record stays.
    @discardableResult
    package func unlink(_ db: Database, _ id: NodeID) throws -> (recordID: [UInt8], remainingLinks: Int) {
        guard let node = try node(db, id) else { throw CatalogueError.notFound }
        guard let recordID = node.recordID else { throw CatalogueError.isDirectory }
        try db.run("DELETE FROM node WHERE id = ?", [.integer(id.number)])
        let count = try db.first("SELECT count(*) FROM node WHERE record_id = ?", [.bytes(recordID)]) { row in
            try row.checkedInteger(0, "a count")
        }
        return (recordID, Int(count ?? 0))
    }

    /// Removes a folder in which nothing is.
    package func removeDirectory(_ db: Database, _ id: NodeID) throws {
        guard let node = try node(db, id) else { throw CatalogueError.notFound }
        guard node.isDirectory else { throw CatalogueError.notDirectory }
        let inner = try db.first("SELECT id FROM node WHERE parent = ? LIMIT 1", [.integer(id.number)]) { _ in true }
        guard inner == nil else { throw CatalogueError.notEmpty }
        try db.run("DELETE FROM node WHERE id = ?", [.integer(id.number)])
    }

    /// Gives an entry another folder, another name, or both. An entry that has the name already is left alone: `exists`.
    @discardableResult
    package func move(_ db: Database, _ id: NodeID, to parent: NodeID, name: String) throws -> CatalogueNode {
        let name = try EntryName(name)
        guard let node = try node(db, id), node.parent != .forest else { throw CatalogueError.notFound }
        try requireDirectory(db, parent)
        if node.isDirectory { try requireOutside(db, parent, of: id) }
        let key = cipher.lookupKey(parent: parent.number, normalized: name.normalized)
        if let other = try child(db, of: parent, name: name), other.id != id { throw CatalogueError.exists }
        let sealed = try cipher.seal(name.text, rowKey: key)
        try db.run(
            "UPDATE node SET parent = ?, name_key = ?, sealed_name = ? WHERE id = ?",
            [.integer(parent.number), .bytes(key), .bytes(sealed), .integer(id.number)])
        return CatalogueNode(
            id: id, parent: parent, name: name.text, recordID: node.recordID,
            createdMilliseconds: node.createdMilliseconds, modifiedMilliseconds: node.modifiedMilliseconds)
    }

    private func insert(
        _ db: Database, parent: NodeID, text: String, normalized: [UInt8], recordID: [UInt8]?, time: Int64
    ) throws -> CatalogueNode {
        let key = cipher.lookupKey(parent: parent.number, normalized: normalized)
        let sealed = try cipher.seal(text, rowKey: key)
        try db.run(
            """
            INSERT INTO node (parent, name_key, sealed_name, record_id, created, modified) VALUES (?, ?, ?, ?, ?, ?) \
            ON CONFLICT (parent, name_key) DO NOTHING
            """,
            [.integer(parent.number), .bytes(key), .bytes(sealed), .optionalBytes(recordID), .integer(time), .integer(time)])
        guard db.changesCount == 1 else { throw CatalogueError.exists }
        return CatalogueNode(
            id: NodeID(db.lastInsertedRowID), parent: parent, name: text, recordID: recordID,
            createdMilliseconds: time, modifiedMilliseconds: time)
    }

    private func requireDirectory(_ db: Database, _ id: NodeID) throws {
        let isDirectory = try db.first("SELECT record_id FROM node WHERE id = ?", [.integer(id.number)]) { row in
            try row.checkedOptionalBytes(0, "an entry's record") == nil
        }
        guard let isDirectory else { throw CatalogueError.notFound }
        guard isDirectory else { throw CatalogueError.notDirectory }
    }

    /// Throws when `folder` is `id` or lies below it, or too deep.
    private func requireOutside(_ db: Database, _ folder: NodeID, of id: NodeID) throws {
        var current = folder
        for _ in 0...EntryName.maximumDepth {
            if current == id { throw CatalogueError.movesIntoItself }
            if current == .forest { return }
            let parent = try db.first("SELECT parent FROM node WHERE id = ?", [.integer(current.number)]) { row in
                try row.checkedInteger(0, "an entry's folder")
            }
            guard let parent else { throw CatalogueError.damaged(what: "an entry's folder is not there") }
            current = NodeID(parent)
        }
        throw CatalogueError.invalidName(.tooDeep)
    }
}
