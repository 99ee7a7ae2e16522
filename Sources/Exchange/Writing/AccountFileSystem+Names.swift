/// MKD, RMD, DELE, RNFR/RNTO and MFMT: changes of names and facts. No record is ever lost by them.
import Audit
import Authentication
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import RecordStore
import Synchronization
import Transport

extension AccountFileSystem {
    /// A place in a space of the catalogue.
    private struct Place: Sendable {
        let access: AccountTree.Access
        let space: String
        let components: [String]
    }

    /// - Parameter ofFile: the path names a file, whose `.phr` is not part of its name where envelopes are shown.
    private func place(_ path: VirtualPath, ofFile: Bool) throws(FileSystemError) -> Place {
        guard case .folder(let folder, let components) = Location(path), !components.isEmpty else { throw .denied("this part of the tree is fixed") }
        let access = try requireAccess(folder)
        let plain = AccountTree.showsEnvelopes(folder) && ofFile ? Self.withoutSuffix(components) : nil
        return Place(access: access, space: tree.space(of: access), components: plain ?? components)
    }

    /// A change of the catalogue, committed with whatever transactions it needs on the ledger.
    private func change<R: Sendable>(
        _ transactions: [TransactionBody] = [], _ body: @escaping @Sendable (Database, [UInt64]) throws -> R
    ) async throws(FileSystemError) -> R {
        do { return try await site.ledger.submit(transactions, effects: body).0 } catch { throw mapped(error) }
    }

    func makeDirectory(_ path: VirtualPath) async throws(FileSystemError) {
        try await tellingRefusal(.makeDirectory, path) { () throws(FileSystemError) in
            let place = try place(path, ofFile: false)
            try await change { [site] db, _ in
                let now = Site.milliseconds()
                let root = try site.catalogue.makeSpace(db, place.space, atMilliseconds: now)
                let parent =
                    try site.catalogue.resolve(db, space: place.space, components: Array(place.components.dropLast()))
                    ?? (place.components.count == 1 ? root : nil)
                guard let parent else { throw CatalogueError.notFound }
                try site.catalogue.makeDirectory(db, in: parent.id, name: place.components.last ?? "", atMilliseconds: now)
            }
            await tell(.directoryCreated, path)
        }
    }

    func removeDirectory(_ path: VirtualPath) async throws(FileSystemError) {
        try await tellingRefusal(.removeDirectory, path) { () throws(FileSystemError) in
            let place = try place(path, ofFile: false)
            try await change { [site] db, _ in
                guard let node = try site.catalogue.resolve(db, space: place.space, components: place.components) else { throw CatalogueError.notFound }
                try site.catalogue.removeDirectory(db, node.id)
            }
            await tell(.directoryRemoved, path)
        }
    }

    /// A sender takes his name for it away, the owner keeps the record. The owner's DELE puts a tombstone on the ledger.
    func remove(_ path: VirtualPath) async throws(FileSystemError) {
        try await tellingRefusal(.delete, path) { () throws(FileSystemError) in
            if case .sharing(.grant(let parties)) = Location(path) { return try await withdrawEmergency(parties) }
            let place = try place(path, ofFile: true)
            let keepsRecord = tree.ownerSpace(of: place.access) != nil
            let (node, version) = try await reading { [self] db in
                guard let found = try find(db, place.access, pathComponents(path)) else { throw FileSystemError.notFound }
                guard let node = found.node, let record = node.recordID else { throw FileSystemError.isDirectory }
                return (node, try site.catalogue.latestVersion(db, record))
            }
            let tombstones: [TransactionBody] =
                keepsRecord ? [] : version.map { [.tombstone(TombstoneTransaction(recordID: $0.recordID, version: $0.number))] } ?? []
            let index = try await change(tombstones) { [site] db, indices in
                let (record, remaining) = try site.catalogue.unlink(db, node.id)
                if !keepsRecord, remaining == 0 { try site.catalogue.markDeleted(db, record) }
                return indices.first
            }
            await tell(.deleted, path, .init(record: node.recordID, version: version?.number, index: index))
        }
    }

    private func pathComponents(_ path: VirtualPath) -> [String] { Array(path.components.dropFirst(2)) }

    func setModificationTime(_ path: VirtualPath, _ time: FTPTimestamp) async throws(FileSystemError) {
        try await tellingRefusal(.changeFacts, path) { () throws(FileSystemError) in
            let place = try place(path, ofFile: true)
            let milliseconds = time.seconds * 1000 + Int64(time.milliseconds)
            let record = try await reading { [self] db in
                guard let found = try find(db, place.access, pathComponents(path)) else { throw FileSystemError.notFound }
                guard let record = found.node?.recordID else { throw FileSystemError.isDirectory }
                return record
            }
            try await change { [site] db, _ in try site.catalogue.setModificationTime(db, record, milliseconds: milliseconds) }
            await tell(.factsChanged, path, .init(record: record))
        }
    }

    func rename(_ path: VirtualPath, to target: VirtualPath) async throws(FileSystemError) {
        try await tellingRefusal(.rename, path) { () throws(FileSystemError) in
            let isDirectory = try await entry(at: path).kind.isDirectory
            let (from, to) = (try place(path, ofFile: !isDirectory), try place(target, ofFile: !isDirectory))
            guard from.space == to.space else { throw .policy("A file can be renamed within its folder only; send it again to put it elsewhere") }
            if AccountTree.showsEnvelopes(from.access.folder.path), !isDirectory, target.last?.hasSuffix(".phr") != true {
                throw .policy("Names in this folder end with .phr")
            }
            if !isDirectory, let objection = to.access.folder.rules.objection(to: to.components.last ?? "") { throw .invalidName(objection) }
            if from.components == to.components { return }
            let record = try await reading { [site] db in try site.catalogue.resolve(db, space: from.space, components: from.components)?.recordID }
            let existing = try await reading { [site] db in try site.catalogue.resolve(db, space: to.space, components: to.components) }
            if let existing, !existing.isDirectory, !isDirectory {
                try to.access.permitReplacing()
                do { try await renameOver(from, to) } catch { throw mapped(error) }
            } else {
                try await change { [self] db, _ in try move(db, from, to) }
            }
            await tell(.renamed, path, .init(target: target, record: record))
        }
    }

    private func move(_ db: Database, _ from: Place, _ to: Place) throws {
        let catalogue = site.catalogue
        guard let node = try catalogue.resolve(db, space: from.space, components: from.components) else { throw CatalogueError.notFound }
        guard let parent = try catalogue.resolve(db, space: to.space, components: Array(to.components.dropLast())) else { throw CatalogueError.notFound }
        let oldName = node.name
        try catalogue.move(db, node.id, to: parent.id, name: to.components.last ?? "")
        // The owner's view follows a sender who uploads under a temporary name first.
        guard let record = node.recordID, let ownerSpace = tree.ownerSpace(of: from.access) else { return }
        let isSealed = try catalogue.latestVersion(db, record)?.isSealedOnIngest ?? true
        // As `enter` names it: of an envelope that its sender sealed, without .phr.
        func namesForOwner(_ names: [String]) -> [String] { isSealed ? names : Self.withoutSuffix(names) ?? names }
        for link in try catalogue.nodes(db, of: record) where link.id != node.id && [link.name] == namesForOwner([oldName]) {
            guard try catalogue.path(db, of: link).space == ownerSpace else { continue }
            try catalogue.unlink(db, link.id)
            try linkForOwner(db, record, ownerSpace, namesForOwner(to.components), sender: account.name, at: Site.milliseconds())
        }
    }

    /// RNTO onto a file that exists: what was renamed becomes that file's next version; the old versions stay.
    private func renameOver(_ from: Place, _ to: Place) async throws {
        let (source, target) = try await reading { [site] db -> (RecordVersion, RecordVersion) in
            func latest(_ place: Place) throws -> RecordVersion {
                guard let record = try site.catalogue.resolve(db, space: place.space, components: place.components)?.recordID,
                    let version = try site.recordVersion(db, record)
                else { throw CatalogueError.notFound }
                return version
            }
            return (try latest(from), try latest(to))
        }
        let (moved, number) = (source.version, target.version.number + 1)
        let opening = try RecordOpening(
            salt: randomBytes(32), objectID: moved.objectID, envelopeRoot: moved.envelopeRoot, headersDigest: moved.headersDigest,
            headerRevision: moved.headerRevision)
        let owner = try await reading { [site] db in try site.catalogue.record(db, target.version.recordID)?.owner }
        let record = RecordTransaction(
            recordID: target.version.recordID, version: number, ownerPseudonym: owner ?? account.pseudonym, commitment: opening.commitment,
            envelopeRoot: moved.envelopeRoot, envelopeByteCount: moved.envelopeByteCount, previousCommitment: try target.opening().commitment)
        let tombstone = TombstoneTransaction(recordID: moved.recordID, version: moved.number)
        try await change([.record(record), .tombstone(tombstone)]) { [site] db, indices in
            let catalogue = site.catalogue
            // A version that has come since would be lost from sight, and one that was erased has no blobs any more.
            let latest = try catalogue.latestVersion(db, moved.recordID)?.number
            guard latest == moved.number else { throw CatalogueError.conflict(expected: moved.number, found: latest ?? 0) }
            let readers = try catalogue.readers(db, moved.recordID)
            let modified = try catalogue.record(db, moved.recordID)?.modifiedMilliseconds ?? Site.milliseconds()
            let version = StoredVersion(
                recordID: target.version.recordID, number: number, objectID: moved.objectID, members: source.members,
                createdMilliseconds: Site.milliseconds(), uploader: moved.uploader, ledgerIndex: indices[0], salt: opening.salt,
                envelopeRoot: moved.envelopeRoot, headersDigest: moved.headersDigest, headerRevision: moved.headerRevision,
                isSealedOnIngest: moved.isSealedOnIngest)
            try catalogue.addVersion(db, version, members: source.members, readers: readers, modifiedMilliseconds: modified)
            for node in try catalogue.nodes(db, of: moved.recordID) { try catalogue.unlink(db, node.id) }
            try catalogue.markDeleted(db, moved.recordID)
        }
    }
}
