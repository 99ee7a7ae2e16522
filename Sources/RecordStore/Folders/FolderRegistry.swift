// The folders of the site, kept in the site database that the command line and the server share.
package import GRDB
import Synchronization

/// Adds, finds and lists folders. All calls block.
package final class FolderRegistry: Sendable {
    private struct Reading {
        /// Changes with every commit of another connection.
        var dataVersion: Int64
        /// Changes with every commit of this object.
        var generation: Int
        var table: FolderTable
    }
    private struct Cache {
        var generation = 0
        var reading: Reading?
    }

    private let database: DatabaseQueue
    private let cache = Mutex(Cache())

    /// Makes the tables when they are not there.
    package init(_ database: DatabaseQueue) throws {
        self.database = database
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS folder (
                        path TEXT PRIMARY KEY NOT NULL,
                        owner TEXT NOT NULL,
                        profile TEXT NOT NULL,
                        padding TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS folder_member (
                        path TEXT NOT NULL,
                        account TEXT NOT NULL,
                        part TEXT NOT NULL CHECK (part IN ('writer', 'reader')),
                        PRIMARY KEY (path, account, part)
                    ) WITHOUT ROWID;
                    \(FolderRules.table)
                    """)
            // Null: all that the part allows, which is what there was before this column.
            if try !db.columns(in: "folder_member").contains(where: { $0.name == "permissions" }) {
                try db.execute(sql: "ALTER TABLE folder_member ADD COLUMN permissions TEXT")
            }
        }
    }

    /// Adds a folder. Whether its accounts are there is for the caller to check.
    package func add(_ folder: Folder) throws {
        try folder.validate()
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO folder (path, owner, profile, padding) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO NOTHING",
                arguments: [folder.path.text, folder.owner, folder.profile.rawValue, folder.padding.rawValue])
            guard db.changesCount == 1 else { throw FolderError.exists(folder.path.text) }
            try folder.rules.write(db, folder.path)
            try Self.write(db, folder)
        }
        cache.withLock { $0.generation += 1 }
    }

    /// The writers and readers.
    private static func write(_ db: Database, _ folder: Folder) throws {
        for (part, members) in [("writer", folder.writers), ("reader", folder.readers)] {
            for (account, permissions) in members.sorted {
                try db.execute(
                    sql: "INSERT INTO folder_member (path, account, part, permissions) VALUES (?, ?, ?, ?)",
                    arguments: [folder.path.text, account, part, permissions == .all ? nil : permissions.text])
            }
        }
    }

    /// Changes the writers and readers of a folder that is there. Whether accounts are there is for the caller to check.
    @discardableResult
    package func changeMembers(of path: FolderPath, _ body: (inout FolderMembers, inout FolderMembers) throws -> Void) throws -> Folder {
        let folder = try database.write { db in
            guard var folder = try Self.readAll(db).first(where: { $0.path == path }) else { throw FolderError.notFound(path.text) }
            try body(&folder.writers, &folder.readers)
            try folder.validate()
            try db.execute(sql: "DELETE FROM folder_member WHERE path = ?", arguments: [path.text])
            try Self.write(db, folder)
            return folder
        }
        cache.withLock { $0.generation += 1 }
        return folder
    }

    /// Takes a folder out of the site. The records in it stay with their owner.
    package func remove(_ path: FolderPath) throws {
        try database.write { db in
            try db.execute(sql: "DELETE FROM folder WHERE path = ?", arguments: [path.text])
            guard db.changesCount == 1 else { throw FolderError.notFound(path.text) }
            try db.execute(sql: "DELETE FROM folder_member WHERE path = ?", arguments: [path.text])
            try FolderRules().write(db, path)
        }
        cache.withLock { $0.generation += 1 }
    }

    /// Changes the rules of a folder that is there.
    package func changeRules(of path: FolderPath, _ body: (inout FolderRules) throws -> Void) throws {
        try database.write { db in
            guard try Bool.fetchOne(db, sql: "SELECT 1 FROM folder WHERE path = ?", arguments: [path.text]) != nil else {
                throw FolderError.notFound(path.text)
            }
            var rules = try FolderRules.readAll(db)[path.text] ?? FolderRules()
            try body(&rules)
            try rules.write(db, path)
        }
        cache.withLock { $0.generation += 1 }
    }

    package func find(_ path: FolderPath) throws -> Folder? { try table()[path] }

    package func list() throws -> [Folder] { try table().all }

    /// All folders; read again only when another process has changed the database.
    package func table() throws -> FolderTable {
        let (generation, earlier) = cache.withLock { ($0.generation, $0.reading) }
        let reading = try database.read { db in
            let version = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            if let earlier, earlier.dataVersion == version, earlier.generation == generation { return earlier }
            return Reading(dataVersion: version, generation: generation, table: FolderTable(try Self.readAll(db)))
        }
        cache.withLock { $0.reading = reading }
        return reading.table
    }

    private static func readAll(_ db: Database) throws -> [Folder] {
        var writers: [String: FolderMembers] = [:]
        var readers: [String: FolderMembers] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT path, account, part, permissions FROM folder_member") {
            let path = try text(row, 0, path: "folder_member")
            let account = try text(row, 1, path: path)
            let permissions = (row[3] as DatabaseValue).isNull ? FolderPermissions.all : FolderPermissions(try text(row, 3, path: path))
            guard let permissions else { throw FolderError.damaged(path: path, what: "unknown permission") }
            if try text(row, 2, path: path) == "writer" {
                writers[path, default: []][account] = permissions
            } else {
                readers[path, default: []][account] = permissions
            }
        }
        let rules = try FolderRules.readAll(db)
        return try Row.fetchAll(db, sql: "SELECT path, owner, profile, padding FROM folder").map { row in
            let path = try text(row, 0, path: "folder")
            guard let profile = FolderProfile(rawValue: try text(row, 2, path: path)) else { throw FolderError.damaged(path: path, what: "unknown profile") }
            guard let padding = FolderPadding(rawValue: try text(row, 3, path: path)) else { throw FolderError.damaged(path: path, what: "unknown padding") }
            let folder = Folder(
                path: try FolderPath(path), owner: try text(row, 1, path: path), profile: profile, padding: padding,
                writers: writers[path] ?? [], readers: readers[path] ?? [], rules: rules[path] ?? FolderRules())
            try folder.validate()
            return folder
        }
    }

    static func text(_ row: Row, _ column: Int, path: String) throws -> String {
        let value: DatabaseValue = row[column]
        guard case .string(let text) = value.storage else { throw FolderError.damaged(path: path, what: "not text") }
        return text
    }
}
