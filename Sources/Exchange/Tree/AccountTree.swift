/// Which part of the tree an account sees and may change, and in which space of the catalogue a folder's entries stand for it.
import Authentication
import FTPProtocol
import FTPServer
import RecordStore

struct AccountTree: Sendable {
    let account: Account
    /// Those that the login's roles add.
    let permissions: RolePermissions
    let site: Site

    /// What an account is to a folder.
    struct Access {
        let isOwner: Bool
        let permissions: FolderPermissions
        let folder: Folder
    }

    /// Nil: the folder does not exist for the account.
    func access(to path: FolderPath) -> Access? {
        let isOwner = path.name == account.name
        switch path.section {
        case .records:
            let folder = Folder(path: path, owner: path.name, profile: .envelope)
            return Access(isOwner: isOwner, permissions: isOwner ? .all : .reading, folder: folder)
        case .mail:
            let folder = Folder(path: path, owner: path.name, profile: .envelope)
            return Access(isOwner: isOwner, permissions: .all, folder: folder)
        case .inbox, .exchange:
            guard let folder = site.folderSnapshot()[path] else { return nil }
            var permissions = folder.permissions(of: account.name)
            if self.permissions.allows(.read, path) { permissions.formUnion(.reading) }
            if self.permissions.allows(.write, path) { permissions = .all }
            return permissions.isEmpty ? nil : Access(isOwner: folder.owner == account.name, permissions: permissions, folder: folder)
        }
    }

    /// The shared folders of a section that the account sees, by name.
    func folders(in section: FolderPath.Section) -> [Folder] {
        let table = site.folderSnapshot()
        guard !permissions.isEmpty else { return table.folders(in: section, of: account.name) }
        return table.all.filter { $0.path.section == section && ($0.accounts.contains(account.name) || permissions.allows(.read, $0.path)) }
    }

    /// The space of a folder's entries as the account sees them. Senders see their own; the owner of mail and records sees all.
    func space(of access: Access) -> String {
        let path = access.folder.path
        switch path.section {
        case .inbox: return "inbox/\(path.name)/\(account.name)"
        case .mail: return access.isOwner ? "mail/\(path.name)" : "mail/\(path.name)/\(account.name)"
        case .records: return "records/\(path.name)"
        case .exchange: return "exchange/\(path.name)"
        }
    }

    /// The space where what a sender drops appears for its owner, who shares it from there; nil if it is the same.
    func ownerSpace(of access: Access) -> String? {
        switch access.folder.path.section {
        case .inbox, .exchange: "records/\(access.folder.owner)"
        case .mail: access.isOwner ? nil : "mail/\(access.folder.path.name)"
        case .records: nil
        }
    }

    /// Whether names in the space stand for envelopes and show `.phr` at their end.
    static func showsEnvelopes(_ path: FolderPath) -> Bool { path.section == .records || path.section == .mail }

    /// Throws what is refused whatever the file is; what depends on who sent it is left to `Verdict`.
    func authorize(_ permission: Permission, _ path: VirtualPath) throws(FileSystemError) -> Verdict {
        switch Location(path) {
        case .root, .section: try require(permission, in: [.enter, .facts, .list], "this part of the tree is fixed")
        case .nowhere: throw .notFound
        case .ledger: try require(permission, in: Self.reading, "the ledger is read-only")
        case .keys(let name):
            if permission == .write {
                guard name == account.name else { throw .denied("an account stores its own keys only, under /.keys/\(account.name)") }
            } else {
                try require(permission, in: Self.reading, "keys can be read, and replaced by their owner")
            }
        case .sharing(let location): try authorize(permission, location)
        case .folder(let folder, let components):
            guard let access = access(to: folder) else { throw .notFound }
            if components.isEmpty { try require(permission, in: [.enter, .facts, .list, .write], "the folder itself is fixed") }
            return try authorize(permission, access, isRoot: components.isEmpty)
        case .hidden(let folder, let view, let components):
            guard let access = access(to: folder) else { throw .notFound }
            if view == .headers, permission == .write, access.isOwner { return .granted }
            try require(permission, in: Self.reading, "this view is read-only; the owner may replace a header")
            // A proof says no more than the facts of its file.
            return try authorize(view == .proofs && permission == .read ? .facts : permission, access, isRoot: components.isEmpty)
        }
        return .granted
    }

    func require(_ permission: Permission, in allowed: Set<Permission>, _ reason: String) throws(FileSystemError) {
        guard allowed.contains(permission) else { throw .denied(reason) }
    }
}
