// Client certificates of accounts: which one stands for an account, and whether it is enough.
import GRDB

/// What an account knows a client certificate by.
package struct CertificateMark: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// SHA-256 of the certificate, 64 hexadecimal digits: this very certificate.
        case fingerprint
        /// The subject as RFC 2253 writes it: also after a renewal. Only of certificates that an authority vouches for.
        case subject
        /// A subject alternative name, such as `email:a@example.org`; likewise.
        case name
    }

    package let kind: Kind
    package let value: String

    package init(_ kind: Kind, _ value: String) {
        self.kind = kind
        self.value = value
    }
}

/// What a registered certificate is good for.
package enum CertificateUse: String, CaseIterable, Sendable {
    /// It logs the user in; so does the password.
    case alone
    /// No login without certificate and password.
    case withPassword = "with-password"
}

extension AccountStore {
    static func makeCertificateTables(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS account_certificate (
                    account TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    value TEXT NOT NULL,
                    PRIMARY KEY (account, kind, value)
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS account_certificate_use (
                    account TEXT PRIMARY KEY,
                    use TEXT NOT NULL
                ) WITHOUT ROWID
                """)
    }

    /// Registers a certificate for an account; again has no effect.
    package func addCertificate(_ mark: CertificateMark, to name: String) throws {
        guard try find(name) != nil else { throw AuthenticationError.accountNotFound(name) }
        try database.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO account_certificate (account, kind, value) VALUES (?, ?, ?)", arguments: [name, mark.kind.rawValue, mark.value])
        }
    }

    /// Returns how many of the marks were registered.
    @discardableResult
    package func removeCertificates(_ marks: [CertificateMark], of name: String) throws -> Int {
        guard Account.isValid(name: name) else { throw AuthenticationError.accountNotFound(name) }
        return try database.write { db in
            try marks.reduce(0) { count, mark in
                try db.execute(
                    sql: "DELETE FROM account_certificate WHERE account = ? AND kind = ? AND value = ?", arguments: [name, mark.kind.rawValue, mark.value])
                return count + db.changesCount
            }
        }
    }

    package func certificates(of name: String) throws -> [CertificateMark] {
        guard try find(name) != nil else { throw AuthenticationError.accountNotFound(name) }
        return try database.read { db in
            let sql = "SELECT kind, value FROM account_certificate WHERE account = ? ORDER BY kind, value"
            return try Row.fetchAll(db, sql: sql, arguments: [name]).compactMap { row in
                CertificateMark.Kind(rawValue: row[0]).map { CertificateMark($0, row[1]) }
            }
        }
    }

    package func setCertificateUse(_ use: CertificateUse, of name: String) throws {
        guard try find(name) != nil else { throw AuthenticationError.accountNotFound(name) }
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO account_certificate_use (account, use) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET use = excluded.use",
                arguments: [name, use.rawValue])
        }
    }

    /// What certificates are good for with an account. A value that cannot be read counts as the stricter.
    package func certificateUse(of name: String) throws -> CertificateUse {
        guard Account.isValid(name: name) else { return .alone }
        return try database.read { db in
            guard let text = try String.fetchOne(db, sql: "SELECT use FROM account_certificate_use WHERE account = ?", arguments: [name]) else { return .alone }
            return CertificateUse(rawValue: text) ?? .withPassword
        }
    }

    /// Whether one of the marks is registered for the account.
    package func isRegistered(_ marks: [CertificateMark], for name: String) throws -> Bool {
        guard Account.isValid(name: name) else { return false }
        return try database.read { db in
            try marks.contains { mark in
                try Bool.fetchOne(
                    db, sql: "SELECT 1 FROM account_certificate WHERE account = ? AND kind = ? AND value = ?",
                    arguments: [name, mark.kind.rawValue, mark.value]) != nil
            }
        }
    }
}
