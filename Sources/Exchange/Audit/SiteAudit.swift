/// What happens on a site, told to its audit log: always after it has happened.
import Audit
import CanonicalEncoding
import FTPServer
import Ledger
import Logging
import Synchronization
import Transport

final class SiteAudit: Sendable {
    private let log: AuditLog?
    private let hooks: EventHooks?
    private let anchored = Mutex<UInt64>(0)
    private let site: String
    /// Whether names of records stand in the log, or just the folders they lie in.
    let showsNames: Bool

    init(_ configuration: Configuration, logger: Logger) throws {
        site = configuration.site.name
        showsNames = configuration.audit.record_names
        guard configuration.audit.enabled else {
            (log, hooks) = (nil, nil)
            return
        }
        let hooks = EventHooks(configuration.hooks, logger: logger)
        self.hooks = hooks
        log = try AuditLog(
            folder: configuration.storage.data, limit: configuration.audit.fileLimit, onWritten: { hooks?.deliver($0) }
        ) { error in
            logger.critical("the audit log cannot be written; what it tells of waits", metadata: ["error": "\(error)"])
        }
    }

    /// Returns when the log has room for the event: sessions wait, nothing is lost.
    func record(
        _ kind: AuditEvent.Kind, _ outcome: AuditEvent.Outcome = .success, actor: AuditEvent.Actor = .init(), object: AuditEvent.Object = .init(),
        reason: String? = nil
    ) async {
        guard let log else { return }
        await log.record(AuditEvent(kind, outcome, milliseconds: Site.milliseconds(), site: site, actor: actor, object: object, reason: reason))
    }

    /// Tells the ledger where the log stands, if it has grown.
    func anchor(in ledger: Ledger, pool: BlockingPool) async throws {
        guard let log else { return }
        let head = try await pool.run { log.head }
        guard head.count > anchored.withLock({ $0 }), let digest = [UInt8](hexadecimal: head.digest) else { return }
        _ = try await ledger.submit([.audit(AuditTransaction(lineCount: head.count, digest: digest))])
        anchored.withLock { $0 = head.count }
    }

    /// Writes what still waits. Blocks.
    func close() {
        log?.close()
        hooks?.close()
    }
}

extension Site {
    /// Tells the audit log, if the site serves and has one.
    func record(
        _ kind: AuditEvent.Kind, _ outcome: AuditEvent.Outcome = .success, actor: AuditEvent.Actor = .init(), object: AuditEvent.Object = .init(),
        reason: String? = nil
    ) async {
        count(kind, outcome, object)
        await tellAudit(kind, outcome, actor: actor, object: object, reason: reason)
    }

    /// As `record`, but what is no event of its own in the metrics.
    func tellAudit(
        _ kind: AuditEvent.Kind, _ outcome: AuditEvent.Outcome = .success, actor: AuditEvent.Actor = .init(), object: AuditEvent.Object = .init(),
        reason: String? = nil
    ) async {
        await audit.withLock { $0 }?.record(kind, outcome, actor: actor, object: object, reason: reason)
    }
}

extension Site {
    /// Anchors the audit log; a failure is for the log of the server, and the next time.
    func anchorAudit() async {
        guard let audit = audit.withLock({ $0 }) else { return }
        do {
            try await audit.anchor(in: ledger, pool: pool)
        } catch {
            logger.error("the audit log was not anchored in the ledger", metadata: ["error": "\(error)"])
        }
    }

    /// Closes the audit log and anchors its end.
    func endAudit() async {
        guard let audit = audit.withLock({ $0 }) else { return }
        try? await pool.run { audit.close() }
        await anchorAudit()
        self.audit.withLock { $0 = nil }
    }

    func count(_ kind: AuditEvent.Kind, _ outcome: AuditEvent.Outcome, _ object: AuditEvent.Object) {
        switch kind {
        case .login: metrics.countLogin(.accepted)
        case .loginRefused: metrics.countLogin(.refused)
        case .handshakeRefused: metrics.countHandshakeFailure()
        case .stored, .retrieved:
            let outcome: SiteMetrics.TransferOutcome =
                switch outcome {
                case .success: .success
                case .refused: .refused
                case .failed: .failed
                }
            metrics.countTransfer(kind == .stored ? .stored : .retrieved, outcome, byteCount: object.byteCount ?? 0)
        default: break
        }
    }
}

extension AuditEvent.Actor {
    init(peer: SocketAddress, tlsVersion: String?) {
        self.init(address: peer.host, port: peer.port, tls: tlsVersion)
    }
}

extension FileSystemError {
    /// Why, in words that hold no name.
    var auditReason: String {
        switch self {
        case .notFound: "not found"
        case .denied: "permission denied"
        case .exists: "the name exists"
        case .notEmpty: "the folder is not empty"
        case .isDirectory, .notDirectory: "wrong kind of entry"
        case .invalidName: "name not allowed"
        case .policy: "forbidden by the rules of the folder"
        case .storageFull: "disk full"
        case .quotaExceeded: "quota exceeded"
        case .badOffset, .pastEnd: "wrong offset"
        case .damaged: "stored data is damaged"
        case .unavailable, .busy: "not available now"
        case .unsupported: "not supported"
        }
    }

    var auditOutcome: AuditEvent.Outcome {
        switch self {
        case .damaged, .unavailable, .busy, .storageFull, .quotaExceeded: .failed
        default: .refused
        }
    }
}
