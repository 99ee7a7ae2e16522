/// The audit log for the operator's commands, beside a running server.
package import Audit
package import Authentication
import CanonicalEncoding
import Foundation
import GRDB
import Ledger

extension Site {
    /// What the ledger says of the audit log: its heads, in order. Opens the database for reading only.
    package static func auditAnchors(_ configuration: Configuration) throws -> [AuditHead] {
        let keys = try KeyFiles.load(from: configuration.storage.keys)
        var settings = GRDB.Configuration()
        settings.readonly = true
        settings.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: databasePath(configuration), configuration: settings)
        return try Ledger.auditAnchors(in: database, keys: keys.ledger).map {
            AuditHead(count: $0.anchor.lineCount, digest: $0.anchor.digest.hexadecimal)
        }
    }

    /// Who runs the program, as the system calls him; found out before root becomes somebody else.
    package static let operatorName = ProcessInfo.processInfo.userName

    /// Tells the audit log what an operator has changed: its account is that of the system. Blocks.
    package static func recordChange(
        _ kind: AuditEvent.Kind, account: String? = nil, folder: String? = nil, reason: String? = nil, _ configuration: Configuration
    ) throws {
        guard configuration.audit.enabled else { return }
        let event = AuditEvent(
            kind, milliseconds: milliseconds(), site: configuration.site.name, actor: .init(account: operatorName, role: "operator"),
            object: .init(path: folder, owner: account), reason: reason)
        do {
            try AuditLog.append(event, folder: configuration.storage.data, limit: configuration.audit.fileLimit)
        } catch {
            throw SiteError("it is done, but the audit log could not be told: \(error)")
        }
    }
}

extension Ban {
    /// Until when, and why.
    /// - Parameter scope: what the reason does not say.
    package func auditReason(scope: String = "") -> String {
        let end = expiresSeconds.map { "until \(Date(timeIntervalSince1970: TimeInterval($0)).ISO8601Format())" } ?? "until it is lifted"
        return "\(end): \(reason)\(scope)"
    }
}
