// Accounts in the site database.
import Foundation
package import GRDB

/// Adds, finds and changes accounts. All calls block; password calls take as long as a hash.
package final class AccountStore: Sendable {
    /// An account with the hash that logins are checked against.
    struct Credentials {
        let account: Account
        let storedHash: String
    }

    let database: DatabaseQueue
    let hasher: PasswordHasher

    /// Makes the table when it is not there.
    package init(_ database: DatabaseQueue, hasher: PasswordHasher = PasswordHasher()) throws {
        self.database = database
        self.hasher = hasher
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS account (
                        id INTEGER PRIMARY KEY,
                        name TEXT NOT NULL UNIQUE,
                        role TEXT NOT NULL,
                        pseudonym BLOB NOT NULL UNIQUE CHECK (length(pseudonym) = 16),
                        disabled INTEGER NOT NULL DEFAULT 0,
                        data_binding TEXT NOT NULL,
                        created INTEGER NOT NULL,
                        password_hash TEXT NOT NULL CHECK (length(password_hash) > 0)
                    )
                    """)
            try Self.makeCertificateTables(db)
        }
    }

    /// Stands where other accounts have their hash. It is no hash: an older server refuses the login.
    private static let markOfPAM = "$pam$"

    /// Adds an account under a fresh pseudonym; without a password, PAM decides on its logins.
    @discardableResult
    package func add(
        name: String, role: Account.Role, password: Password?, dataBinding: Account.DataBinding = .principal
    ) throws -> Account {
        try Account.validate(name: name)
        let hash = try password.map { try hasher.hash($0).text } ?? Self.markOfPAM
        var generator = SystemRandomNumberGenerator()
        let pseudonym = (0..<Account.pseudonymByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let created = Int64(Date().timeIntervalSince1970)
        let id = try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO account (name, role, pseudonym, disabled, data_binding, created, password_hash) \
                    VALUES (?, ?, ?, 0, ?, ?, ?) ON CONFLICT (name) DO NOTHING
                    """,
                arguments: [name, role.rawValue, Data(pseudonym), dataBinding.rawValue, created, hash])
            guard db.changesCount == 1 else { throw AuthenticationError.accountExists(name) }
            return db.lastInsertedRowID
        }
        return Account(
            id: id, name: name, role: role, pseudonym: pseudonym, isDisabled: false, dataBinding: dataBinding, usesPAM: password == nil,
            createdSeconds: created)
    }

    package func setPassword(_ password: Password, of name: String) throws {
        let hash = try hasher.hash(password)
        try change(name, sql: "UPDATE account SET password_hash = ? WHERE name = ?", [hash.text, name])
    }

    /// Forbids further logins; takes effect at the next one.
    package func disable(_ name: String) throws {
        try change(name, sql: "UPDATE account SET disabled = 1 WHERE name = ?", [name])
    }

    package func enable(_ name: String) throws {
        try change(name, sql: "UPDATE account SET disabled = 0 WHERE name = ?", [name])
    }

    package func setDataBinding(_ binding: Account.DataBinding, of name: String) throws {
        try change(name, sql: "UPDATE account SET data_binding = ? WHERE name = ?", [binding.rawValue, name])
    }

    package func find(_ name: String) throws -> Account? { try credentials(name)?.account }

    package func find(pseudonym: [UInt8]) throws -> Account? {
        try database.read { db in
            let statement = try db.cachedStatement(sql: "\(Self.selection) WHERE pseudonym = ?")
            return try Row.fetchOne(statement, arguments: [Data(pseudonym)]).map { try Self.read($0).account }
        }
    }

    /// All accounts by name.
    package func list() throws -> [Account] {
        try database.read { db in
            try Row.fetchAll(db, sql: "\(Self.selection) ORDER BY name").map { try Self.read($0).account }
        }
    }

    package func disabledNames() throws -> Set<String> {
        try database.read { db in Set(try String.fetchAll(db.cachedStatement(sql: "SELECT name FROM account WHERE disabled <> 0"))) }
    }

    func credentials(_ name: String) throws -> Credentials? {
        // SQLite ends a text argument at a NUL: "alice\0" would find alice.
        guard Account.isValid(name: name) else { return nil }
        return try database.read { db in
            let statement = try db.cachedStatement(sql: "\(Self.selection) WHERE name = ?")
            return try Row.fetchOne(statement, arguments: [name]).map(Self.read)
        }
    }

    private func change(_ name: String, sql: String, _ arguments: StatementArguments) throws {
        guard Account.isValid(name: name) else { throw AuthenticationError.accountNotFound(name) }
        try database.write { db in
            try db.execute(sql: sql, arguments: arguments)
            guard db.changesCount == 1 else { throw AuthenticationError.accountNotFound(name) }
        }
    }

    private static let selection = "SELECT id, name, role, pseudonym, disabled, data_binding, created, password_hash FROM account"

    private static func read(_ row: Row) throws -> Credentials {
        let values = (0..<8).map { (row[$0] as DatabaseValue).storage }
        guard case .int64(let id) = values[0], case .string(let name) = values[1] else {
            throw AuthenticationError.damaged(account: "?", what: "no number or name")
        }
        guard case .string(let roleText) = values[2], let role = Account.Role(rawValue: roleText) else {
            throw AuthenticationError.damaged(account: name, what: "unknown role")
        }
        guard case .blob(let pseudonym) = values[3], pseudonym.count == Account.pseudonymByteCount else {
            throw AuthenticationError.damaged(account: name, what: "no pseudonym of 16 bytes")
        }
        guard case .int64(let disabled) = values[4], case .int64(let created) = values[6], case .string(let hash) = values[7] else {
            throw AuthenticationError.damaged(account: name, what: "a field of the wrong kind")
        }
        guard case .string(let bindingText) = values[5], let binding = Account.DataBinding(rawValue: bindingText) else {
            throw AuthenticationError.damaged(account: name, what: "unknown data binding")
        }
        let account = Account(
            id: id, name: name, role: role, pseudonym: [UInt8](pseudonym), isDisabled: disabled != 0, dataBinding: binding,
            usesPAM: hash == markOfPAM, createdSeconds: created)
        return Credentials(account: account, storedHash: hash)
    }
}
