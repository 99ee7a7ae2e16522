/// What accounts and folders hold, for the operator, read beside a running server.
package import Authentication
import GRDB
import Ledger
package import RecordStore

extension Site {
    /// By account name; nil if the database is still that of an older program.
    package static func usage(_ configuration: Configuration, ofAccounts accounts: [Account]) throws -> [String: Usage]? {
        try reading(configuration) { catalogue, db in
            Dictionary(try accounts.map { ($0.name, try catalogue.usage(db, ofAccount: $0.pseudonym)) }) { first, _ in first }
        }
    }

    package static func usage(_ configuration: Configuration, ofFolders folders: [Folder]) throws -> [FolderPath: Usage]? {
        try reading(configuration) { catalogue, db in
            Dictionary(try folders.map { ($0.path, try catalogue.usage(db, ofFolder: $0.path.text)) }) { first, _ in first }
        }
    }

    /// Opens the database for reading only.
    private static func reading<Value>(_ configuration: Configuration, _ body: (Catalogue, Database) throws -> Value) throws -> Value? {
        let catalogue = try Catalogue(key: try KeyFiles.load(from: configuration.storage.keys).catalogue)
        var settings = GRDB.Configuration()
        settings.readonly = true
        settings.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: databasePath(configuration), configuration: settings)
        return try database.read { db in try Catalogue.needsInstall(db) ? nil : try body(catalogue, db) }
    }
}
