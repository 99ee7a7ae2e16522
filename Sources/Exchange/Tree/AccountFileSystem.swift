/// The virtual tree of one logged-in account: joins paths, permissions, catalogue, blobs, envelopes and ledger.
import Audit
import Authentication
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import Logging
import RecordStore
import Synchronization
import Transport

final class AccountFileSystem: FileSystem {
    /// What lives as long as the session: wrap keys for the envelopes sealed in it, what was sent in it by the digest of its last footer.
    struct SessionMemory {
        var wrapKeys: [[Recipient]: SessionKey] = [:]
        var sent: [[UInt8]: SentContent] = [:]
        /// Key bundles of folder owners, so that their signatures are checked once.
        var bundles: [[UInt8]: KeyBundle] = [:]
    }

    let site: Site
    let account: Account
    let client: ClientFacts
    let tree: AccountTree
    let logger: Logger
    let memory = Mutex(SessionMemory())
    /// Keeps PAM's session open until the login ends.
    private let session: Mutex<PAMConnection?>

    init(
        site: Site, account: Account, permissions: RolePermissions = .none, session: PAMConnection? = nil, client: ClientFacts, logger: Logger
    ) {
        self.session = Mutex(session)
        self.site = site
        self.account = account
        self.client = client
        self.logger = logger
        tree = AccountTree(account: account, permissions: permissions, site: site)
    }

    func end() async {
        memory.withLock { $0 = SessionMemory() }
        session.withLock { $0 = nil }
        await site.record(.logout, actor: client.actor(account))
    }

    func authorize(_ permission: Permission, _ path: VirtualPath) async throws(FileSystemError) {
        try await tellingRefusal(permission, path) { () throws(FileSystemError) in
            if try tree.authorize(permission, path) == .ofOwnFiles { try await requireOwnFile(path) }
        }
    }

    // MARK: Blocking work

    /// Runs work that blocks on the pool; errors become what a session answers.
    func onPool<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws(FileSystemError) -> R {
        do {
            return try await site.pool.run(body)
        } catch {
            throw mapped(error)
        }
    }

    func reading<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(FileSystemError) -> R {
        try await onPool { [site] in try site.database.read(body) }
    }

    /// Translates an error; what the session is told only in general terms goes to the operator's log.
    func mapped(_ error: any Error) -> FileSystemError {
        let result = FileSystemError(error)
        switch result {
        case .damaged, .unavailable, .storageFull:
            if !(error is FileSystemError) { logger.error("storage", metadata: ["error": "\(error)"]) }
        default: break
        }
        return result
    }

    // MARK: Facts

    func entry(at path: VirtualPath) async throws(FileSystemError) -> ListingEntry {
        switch Location(path) {
        case .root, .section: return directory(path)
        case .nowhere: throw .notFound
        case .ledger(let components): return try await ledgerEntry(components, at: path)
        case .keys(nil): return directory(path)
        case .keys(let name?):
            return ListingEntry(name: name, kind: .file, size: UInt64(try await keyProof(of: name).count), permissions: keyPermissions(name))
        case .sharing(let location): return try await sharingEntry(location, at: path)
        case .hidden(let folder, let view, let components): return try await hiddenEntry(folder, view, components, at: path)
        case .folder(let folder, let components):
            let access = try requireAccess(folder)
            return try await reading { [self] db in
                guard let found = try find(db, access, components) else { throw FileSystemError.notFound }
                return try listingEntry(db, found, name: path.last ?? "/", access: access)
            }
        }
    }

    func resumableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 {
        if case .folder(let folder, let components) = Location(path), !components.isEmpty, let access = tree.access(to: folder),
            !access.permissions.isDisjoint(with: .sending)
        {
            let space = tree.space(of: access)
            let partial = try await reading { [self] db in try currentPartial(db, space, components)?.0 }
            if let partial { return partial.durablePlainByteCount }
        }
        let entry = try await entry(at: path)
        guard let size = entry.size, entry.kind == .file else { throw .isDirectory }
        return size
    }

    func text(_ topic: TextTopic, of path: VirtualPath) async throws(FileSystemError) -> String {
        if topic == .quota { return try await quotaText(of: path) }
        guard case .folder(let folder, let components) = Location(path) else { throw .unsupported("There is nothing of the kind about this path") }
        switch topic {
        case .proof: return String(decoding: try await hiddenBytes(folder, .proofs, components), as: UTF8.self)
        case .receipt: return try await receiptText(at: path, folder, components)
        case .policy: return try await policyText(of: folder)
        case .quota: return try await quotaText(of: path)
        }
    }

    func directory(_ path: VirtualPath) -> ListingEntry {
        ListingEntry(name: path.last ?? "/", kind: .directory, permissions: "el")
    }

    func requireAccess(_ folder: FolderPath) throws(FileSystemError) -> AccountTree.Access {
        guard let access = tree.access(to: folder) else { throw .notFound }
        return access
    }

    // MARK: Finding

    /// An entry of the catalogue as a path names it.
    struct Found: Sendable {
        /// Nil: the root of a space that nobody has used yet, which is an empty folder.
        let node: CatalogueNode?
        /// The path names the envelope, not the file that a sender sees.
        let showsEnvelope: Bool
    }

    /// Finds what components name in a folder; nil if it is not there, or not for this account.
    func find(_ db: Database, _ access: AccountTree.Access, _ components: [String]) throws -> Found? {
        let space = tree.space(of: access)
        let showsEnvelopes = AccountTree.showsEnvelopes(access.folder.path)
        let plain = Self.withoutSuffix(components)
        var found: Found?
        if !showsEnvelopes, let node = try site.catalogue.resolve(db, space: space, components: components) {
            found = Found(node: node, showsEnvelope: false)
        } else if let plain, let node = try site.catalogue.resolve(db, space: space, components: plain), !node.isDirectory {
            found = Found(node: node, showsEnvelope: true)
        } else if showsEnvelopes, let node = try site.catalogue.resolve(db, space: space, components: components), node.isDirectory {
            found = Found(node: node, showsEnvelope: false)
        }
        guard access.folder.path.section == .records, !access.isOwner else {
            return found ?? (components.isEmpty ? Found(node: nil, showsEnvelope: false) : nil)
        }
        guard let found, let node = found.node else { return nil }
        let keyIDs = try readerIDs(db, .byName)
        let isVisible =
            if let record = node.recordID {
                try site.catalogue.isReadable(db, record, by: keyIDs)
            } else {
                try site.catalogue.readerView(db, keyIDs: keyIDs).directories.contains(node.id)
            }
        return isVisible ? found : nil
    }

    static func withoutSuffix(_ components: [String]) -> [String]? {
        guard let last = components.last, last.hasSuffix(".phr"), last.utf8.count > 4 else { return nil }
        return components.dropLast() + [String(last.dropLast(4))]
    }

    func listingEntry(_ db: Database, _ found: Found, name: String, access: AccountTree.Access) throws -> ListingEntry {
        guard let node = found.node, let entry = try site.catalogue.entry(db, node.id) else {
            return ListingEntry(name: name, kind: .directory, permissions: access.rootPermissions)
        }
        return Self.listingEntry(entry, name: name, showsEnvelope: found.showsEnvelope, access: access)
    }

    static func listingEntry(_ entry: CatalogueEntry, name: String, showsEnvelope: Bool, access: AccountTree.Access) -> ListingEntry {
        guard let record = entry.record, let latest = entry.latest else {
            return ListingEntry(
                name: name, kind: .directory, modified: entry.node.modifiedMilliseconds / 1000,
                permissions: entry.node.isRoot ? access.rootPermissions : access.directoryPermissions, unique: "n\(entry.node.id.number)")
        }
        let isPlain = !showsEnvelope && latest.isSealedOnIngest
        return ListingEntry(
            name: name, kind: .file, size: isPlain ? latest.plainByteCount : latest.envelopeByteCount,
            modified: record.modifiedMilliseconds / 1000, permissions: filePermissions(latest, showsEnvelope, access),
            unique: record.recordID.prefix(8).map { String($0, radix: 16) }.joined() + "v\(latest.number)")
    }
}
