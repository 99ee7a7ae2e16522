/// What an account did, told to the audit log with who, from where, and to what.
import Audit
import Authentication
import CanonicalEncoding
import FTPProtocol
import FTPServer
import RecordStore
import Synchronization

extension AccountFileSystem {
    /// What an event is about, as far as it is known.
    struct AuditFacts: Sendable {
        var target: VirtualPath?
        var record: [UInt8]?
        var version: UInt64?
        var byteCount: UInt64?
        var index: UInt64?
    }

    func tell(
        _ kind: AuditEvent.Kind, _ path: VirtualPath, _ facts: AuditFacts = AuditFacts(), outcome: AuditEvent.Outcome = .success, reason: String? = nil
    ) async {
        let object = AuditEvent.Object(
            path: auditText(path), target: facts.target.map(auditText), owner: auditOwner(path), record: facts.record?.hexadecimal,
            version: facts.version, byteCount: facts.byteCount, ledgerIndex: facts.index)
        await site.record(kind, outcome, actor: client.actor(account), object: object, reason: reason)
    }

    func tell(_ kind: AuditEvent.Kind, _ path: VirtualPath, refused error: FileSystemError) async {
        await tell(kind, path, outcome: error.auditOutcome, reason: error.auditReason)
    }

    /// A change of this account's own, such as its keys, or of what `owner` holds.
    func tell(_ kind: AuditEvent.Kind, owner: String? = nil, index: UInt64) async {
        let object = AuditEvent.Object(owner: owner ?? account.name, ledgerIndex: index)
        await site.record(kind, actor: client.actor(account), object: object)
    }

    func tell(_ kind: AuditEvent.Kind, folder: FolderPath, index: UInt64) async {
        let object = AuditEvent.Object(path: folder.text, owner: tree.access(to: folder)?.folder.owner, ledgerIndex: index)
        await site.record(kind, actor: client.actor(account), object: object)
    }

    /// The path, without names of records unless the operator wants them: those are sealed everywhere else.
    private func auditText(_ path: VirtualPath) -> String {
        guard site.audit.withLock({ $0?.showsNames }) != true else { return "\(path)" }
        return switch Location(path) {
        case .folder(let folder, _): folder.text
        case .hidden(let folder, let view, _): "\(folder.text)/\(view.rawValue)"
        default: "\(path)"
        }
    }

    private func auditOwner(_ path: VirtualPath) -> String? {
        switch Location(path) {
        case .folder(let folder, _), .hidden(let folder, _, _): (tree.access(to: folder)?.folder ?? site.folderSnapshot()[folder])?.owner
        default: nil
        }
    }
}

/// Where a session comes from.
struct ClientFacts: Sendable {
    let peer: AuditEvent.Actor

    func actor(_ account: Account) -> AuditEvent.Actor {
        var actor = peer
        (actor.account, actor.role) = (account.name, account.role.rawValue)
        return actor
    }
}

/// Counts what a reader gave, and tells when it is closed.
final class AuditedReader: FileReader {
    private let reader: any FileReader
    private let fileSystem: AccountFileSystem
    private let path: VirtualPath
    private let facts: AccountFileSystem.AuditFacts
    private let given = Mutex<UInt64>(0)

    init(_ reader: any FileReader, fileSystem: AccountFileSystem, path: VirtualPath, facts: AccountFileSystem.AuditFacts) {
        (self.reader, self.fileSystem, self.path, self.facts) = (reader, fileSystem, path, facts)
    }

    var contentDescription: String { reader.contentDescription }
    var remainingByteCount: UInt64 { reader.remainingByteCount }

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        let before = buffer.count
        try await reader.read(into: buffer)
        given.withLock { $0 += UInt64(buffer.count - before) }
    }

    func close() async {
        await reader.close()
        let count = given.withLock { $0 }
        var facts = facts
        facts.byteCount = count
        let isWhole = count == reader.remainingByteCount
        await fileSystem.tell(.retrieved, path, facts, outcome: isWhole ? .success : .failed, reason: isWhole ? nil : "cut off")
    }
}
