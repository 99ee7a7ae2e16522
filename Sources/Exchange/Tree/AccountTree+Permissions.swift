// What the permissions of a folder are worth to each command (docs/operations.md, "What writers may do").
import Authentication
import FTPProtocol
import FTPServer
import GRDB
import RecordStore

extension AccountTree {
    enum Verdict {
        case granted
        /// Of what the account sent itself only; other files are not there for it.
        case ofOwnFiles
    }

    /// What looks at a tree and changes nothing.
    static let reading: Set<Permission> = [.enter, .facts, .digest, .list, .read]

    /// - Parameter isRoot: the path is that of the folder, which everybody who knows of it may look at.
    func authorize(_ permission: Permission, _ access: Access, isRoot: Bool) throws(FileSystemError) -> Verdict {
        let permissions = access.permissions
        let needed: FolderPermissions =
            switch permission {
            case .enter: []
            case .list: .list
            case .read, .digest: .read
            case .facts: isRoot ? [] : .reading
            case .write: .sending
            case .delete, .removeDirectory: .delete
            case .rename: .rename
            case .makeDirectory: .mkdir
            case .changeFacts: .replace
            }
        if needed.isEmpty || !needed.isDisjoint(with: permissions) { return .granted }
        // A sender checks what it has sent, and sets its time.
        if [.facts, .digest, .changeFacts].contains(permission), !permissions.isDisjoint(with: .sending) { return .ofOwnFiles }
        throw access.denial(needed)
    }
}

extension AccountTree.Access {
    /// Whether an upload may become what it is about to: a new file, or another version of one.
    func permit(_ plan: UploadPlan) throws(FileSystemError) {
        if !permissions.contains(plan.isNew ? .add : .replace) { throw denial(plan.isNew ? .add : .replace) }
    }

    /// Whether a name that is taken may be given to another file.
    func permitReplacing() throws(FileSystemError) {
        if !permissions.contains(.replace) { throw denial(.replace) }
    }

    func denial(_ needed: FolderPermissions) -> FileSystemError {
        if permissions.isSubset(of: .reading), needed.isDisjoint(with: .reading) {
            return .denied("only \(folder.path.section == .records ? folder.owner : "its writers") may change this folder")
        }
        if needed == .replace, permissions.contains(.add) { return .denied("the name is taken, and you may not change files in this folder; choose another") }
        if needed == .add { return .denied("you may send new versions of files in this folder, but no new ones") }
        let deed: String =
            switch needed {
            case .delete: "remove anything from"
            case .rename: "rename anything in"
            case .mkdir: "make folders in"
            case .list: "list"
            case .read: "read files in"
            case .reading: "look at files in"
            case .sending: "send files to"
            default: "change files in"
            }
        return .denied("you may not \(deed) this folder; its permissions are the operator's")
    }

    // MARK: Facts (RFC 3659 §7.5.5)

    var filePermissions: String {
        facts([("a", .replace), ("d", .delete), ("f", .rename), ("r", .read), ("w", .replace)])
    }

    var rootPermissions: String {
        facts([("c", .add), ("e", []), ("l", .list), ("m", .mkdir), ("p", .delete)])
    }

    var directoryPermissions: String {
        facts([("c", .add), ("d", .delete), ("e", []), ("f", .rename), ("l", .list), ("m", .mkdir), ("p", .delete)])
    }

    private func facts(_ letters: [(letter: String, needed: FolderPermissions)]) -> String {
        letters.filter { permissions.isSuperset(of: $0.needed) }.map(\.letter).joined()
    }
}

extension AccountFileSystem {
    /// For an account that sees its own files only: the latest version was sent by it, or an upload that it can resume.
    func requireOwnFile(_ path: VirtualPath) async throws(FileSystemError) {
        let record: [UInt8]?
        switch Location(path) {
        case .folder(let folder, let components):
            let access = try requireAccess(folder)
            let space = tree.space(of: access)
            let (node, hasPartial) = try await reading { [self] db in
                (try find(db, access, components)?.node, try currentPartial(db, space, components) != nil)
            }
            // Folders are not files; what is in them is.
            if hasPartial || node?.isDirectory == true { return }
            record = node?.recordID
        case .hidden(let folder, _, let components): record = try await hiddenRecord(folder, components)
        default: record = nil
        }
        guard let record, try await version(of: record).version.uploader == account.pseudonym else { throw .notFound }
    }
}
