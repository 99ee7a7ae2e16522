/// Where an upload goes, and to whom it is sealed: decided before the first byte is accepted.
import Authentication
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import RecordStore
import Synchronization

struct UploadTarget: Sendable {
    let path: VirtualPath
    let access: AccountTree.Access
    let space: String
    /// Folders and name in the space.
    let components: [String]
    /// Where it also appears for its owner.
    let ownerSpace: String?
    let ownerPseudonym: [UInt8]
    /// Or why nothing can be sealed for this folder now, which does not matter to an envelope that its sender sealed.
    let recipients: Result<[Recipient], any Error>
    /// Key ids of which an envelope sealed by its sender must name one; empty for no such demand.
    let demandedKeyIDs: [[UInt8]]
    var continued: UploadContinuation?
    var base = UploadBase.anything
    /// Held by what continues something, until it is over.
    var turn: AppendTurn?
    /// Its share of the quotas that hold for it.
    var claim: QuotaClaim?
    /// What the upload will become if nothing changes until it ends.
    let plan: UploadPlan
}

extension AccountFileSystem {
    /// Checks everything about an upload that can be known before it starts.
    func uploadTarget(_ path: VirtualPath, _ folder: FolderPath, _ components: [String], _ mode: WriteMode) async throws(FileSystemError) -> UploadTarget {
        let access = try requireAccess(folder)
        guard !components.isEmpty else { throw .isDirectory }
        var names = components
        if AccountTree.showsEnvelopes(folder) {
            guard let plain = Self.withoutSuffix(components) else { throw .policy("This folder takes envelopes only: the name must end with .phr") }
            names = plain
        }
        if mode != .unique { try requireAllowed(names, in: access.folder) }
        let space = tree.space(of: access)
        let turn: AppendTurn? =
            switch mode {
            case .replace, .unique: nil
            case .append, .resume: try await appendTurn(space, names)
            }
        var target = try await onPool { [self, names] in
            guard try site.blobs.availableByteCount > UInt64(site.configuration.storage.reserve_mib) << 20 else { throw FileSystemError.storageFull }
            let owner = access.folder.owner == account.name ? account : try site.accounts.find(access.folder.owner)
            guard let owner else { throw FileSystemError.policy("The owner of this folder has no account any more; tell the operator") }
            return try site.database.read { db in
                var names = names
                if mode == .unique {
                    names = try uniqueName(db, space, names, access.folder.rules)
                    try requireAllowed(names, in: access.folder)
                }
                try requireParent(db, space, names)
                let plan = try uploadPlan(db, space, names)
                try access.permit(plan)
                let bundle = try site.catalogue.currentKeyBundle(db, account: owner.pseudonym).map { try keyBundle($0.bundle) }
                let recipients = Result { try self.recipients(db, of: access.folder, owner: owner, bundle: bundle) }
                if names.last?.hasSuffix(".phr") != true { _ = try recipients.get() }
                if access.folder.profile != .envelope, bundle == nil {
                    throw FileSystemError.policy(
                        "\(owner.name) has not registered a key yet, so nothing can be sealed for \(owner.name): \"phr login\" does it once")
                }
                var target = UploadTarget(
                    path: mode == .unique ? try path.parent.appending(Self.shownName(names, in: folder)) : path, access: access, space: space,
                    components: names,
                    ownerSpace: tree.ownerSpace(of: access), ownerPseudonym: owner.pseudonym, recipients: recipients,
                    demandedKeyIDs: access.isOwner ? [] : bundle?.keyIDs ?? [],
                    plan: plan)
                (target.continued, target.base) = try continuation(db, mode, space, names)
                return target
            }
        }
        target.turn = turn
        target.claim = try await quotaClaim(for: target)
        return target
    }

    /// For whom the server seals what arrives: the owner, whoever satisfies the folder's policy, and the site in gateway folders.
    private func recipients(_ db: Database, of folder: Folder, owner: Account, bundle: KeyBundle?) throws -> [Recipient] {
        guard folder.profile != .envelope, let bundle else { return [] }
        var recipients = [bundle.recipient]
        if let policy = try site.folderPolicy(db, owner: owner.pseudonym, folder: folder.path) { recipients.append(try site.recipient(db, for: policy)) }
        if folder.profile == .gateway, let gateway = site.keys.gateway.recipient { recipients.append(gateway) }
        return recipients
    }

    func keyBundle(_ bytes: [UInt8]) throws -> KeyBundle {
        if let bundle = memory.withLock({ $0.bundles[bytes] }) { return bundle }
        let bundle = try KeyBundle(decoding: bytes)
        memory.withLock { memory in
            if memory.bundles.count >= 64 { memory.bundles.removeAll() }
            memory.bundles[bytes] = bundle
        }
        return bundle
    }

    private func requireParent(_ db: Database, _ space: String, _ names: [String]) throws {
        _ = try names.map(EntryName.init)
        guard names.count > 1 else { return }
        guard let parent = try site.catalogue.resolve(db, space: space, components: Array(names.dropLast())) else { throw FileSystemError.notFound }
        guard parent.isDirectory else { throw FileSystemError.notDirectory }
    }

    private func requireAllowed(_ names: [String], in folder: Folder) throws(FileSystemError) {
        if let objection = folder.rules.objection(to: Self.withoutSuffix(names)?.last ?? names.last ?? "") { throw .invalidName(objection) }
    }

    /// `scan.1.pdf`, `scan.2.pdf`, …: whoever picks files up by their extension finds them.
    private func uniqueName(_ db: Database, _ space: String, _ names: [String], _ rules: FolderRules) throws -> [String] {
        let plain = Self.withoutSuffix(names)
        var name = (plain ?? names).last ?? "record"
        // STOU without a name says nothing about the ending.
        if !name.contains("."), rules.objection(to: name) != nil { name += rules.usualEnding }
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        for number in 1...10_000 {
            let candidate = names.dropLast() + ["\(name[..<dot]).\(number)\(name[dot...])\(plain == nil ? "" : ".phr")"]
            if try site.catalogue.resolve(db, space: space, components: Array(candidate)) == nil { return Array(candidate) }
        }
        throw FileSystemError.exists
    }

    private static func shownName(_ names: [String], in folder: FolderPath) -> String {
        (names.last ?? "record") + (AccountTree.showsEnvelopes(folder) ? ".phr" : "")
    }

    /// The wrap key for a set of recipients: made once in a session, so that each further file costs symmetric work only.
    ///
    /// A policy's recipient is equal while the records of its authorities are: a revocation makes a new key.
    func sessionKey(for recipients: [Recipient]) throws -> SessionKey {
        if let key = memory.withLock({ $0.wrapKeys[recipients] }) { return key }
        let wrapKey = try WrapKey(recipients: recipients)
        let key = SessionKey(wrapKey: wrapKey, readers: try site.readerIDs(of: wrapKey.stanzas))
        memory.withLock { memory in
            if memory.wrapKeys.count >= 64 { memory.wrapKeys.removeAll() }
            memory.wrapKeys[recipients] = key
        }
        return key
    }
}

/// What seals the files of a session for one set of recipients.
struct SessionKey: Sendable {
    let wrapKey: WrapKey
    /// As in `StoredObject`.
    let readers: [[UInt8]]
}

/// The version that an upload is about to become, as it looked at one moment; the commit checks it again.
struct UploadPlan: Sendable {
    let recordID: [UInt8]
    let isNew: Bool
    let number: UInt64
    let previousCommitment: [UInt8]?
}
