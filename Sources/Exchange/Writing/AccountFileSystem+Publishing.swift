/// From a durable envelope to a visible record: ledger entry and catalogue rows in one database transaction.
import Audit
import Authentication
import CanonicalEncoding
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import RecordStore
import Synchronization
import Transport

extension AccountFileSystem {
    func openForWriting(_ path: VirtualPath, _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter {
        AuditedWriter(try await tellingRefusal(.write, path) { () throws(FileSystemError) in try await writer(path, mode) }, fileSystem: self)
    }

    private func writer(_ path: VirtualPath, _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter {
        switch Location(path) {
        case .folder(let folder, let components):
            return RecordWriter(fileSystem: self, target: try await uploadTarget(path, folder, components, mode))
        case .hidden(let folder, .headers, let components): return try await headerWriter(path, folder, components, mode)
        case .keys(let name?) where name == account.name: return try keyWriter(path, mode)
        case .sharing(let location): return try sharingWriter(path, location, mode)
        default: throw .denied("files cannot be stored here")
        }
    }

    /// Publishes a stored object as the next version of its name. Returns the text of reply 226.
    func publish(_ object: StoredObject, at target: UploadTarget) async throws(FileSystemError) -> String {
        do {
            if !object.isSealedOnIngest, !target.demandedKeyIDs.isEmpty, Set(target.demandedKeyIDs).isDisjoint(with: object.readers) {
                throw FileSystemError.policy(
                    "The envelope is not addressed to \(target.access.folder.owner): seal it with \"--to \(target.access.folder.owner)\"")
            }
            var plan = target.plan
            for attempt in 1... {
                do {
                    return try await publish(object, at: target, as: plan)
                } catch let error as CatalogueError where attempt < 10 {
                    // Another upload took the number or the name meanwhile: plan again.
                    switch error {
                    case .conflict, .exists:
                        plan = try await reading { [self] db in try uploadPlan(db, target.space, target.components) }
                        try target.access.permit(plan)
                    default: throw error
                    }
                }
            }
        } catch {
            let blobs = object.newBlobs
            site.pool.submit { [site] in for blob in blobs { _ = try? site.blobs.remove(blob) } }
            throw mapped(error)
        }
        throw .unavailable("The name is contended; try again")
    }

    private func publish(_ object: StoredObject, at target: UploadTarget, as plan: UploadPlan) async throws -> String {
        let opening = try RecordOpening(
            salt: randomBytes(32), objectID: object.objectID, envelopeRoot: object.envelopeRoot, headersDigest: object.headersDigest,
            headerRevision: object.headerRevision)
        let transaction = RecordTransaction(
            recordID: plan.recordID, version: plan.number, ownerPseudonym: target.ownerPseudonym, commitment: opening.commitment,
            envelopeRoot: object.envelopeRoot, envelopeByteCount: object.members.reduce(0) { $0 + $1.envelopeByteCount },
            previousCommitment: plan.previousCommitment)
        let begin = ContinuousClock.now
        let (unneeded, receipt) = try await site.ledger.submit([.record(transaction)]) { [self] db, indices in
            try enter(db, object, opening, plan, target, index: indices[0])
        }
        site.metrics.countCommit(ContinuousClock.now - begin)
        if !unneeded.isEmpty { site.pool.submit { [site] in for blob in unneeded { _ = try? site.blobs.remove(blob) } } }
        let plainByteCount = object.members.reduce(0) { $0 + $1.plainByteCount }
        let byteCount = object.isSealedOnIngest ? plainByteCount : transaction.envelopeByteCount
        await tell(.stored, target.path, .init(record: plan.recordID, version: plan.number, byteCount: byteCount, index: receipt.indices[0]))
        guard let digest = object.digest, let sha256 = object.sha256 else {
            return "Stored. size=\(byteCount) root=\(object.envelopeRoot.hexadecimal) index=\(receipt.indices[0]) height=\(receipt.head.height)"
        }
        remember(digest, object.digestSubject, footerHash: object.envelopeRoot)
        return StoredReceipt(
            sha256: sha256.hexadecimal, byteCount: byteCount, envelopeRoot: object.envelopeRoot.hexadecimal, index: receipt.indices[0],
            height: receipt.head.height
        ).text
    }

    func uploadPlan(_ db: Database, _ space: String, _ components: [String]) throws -> UploadPlan {
        let node = try site.catalogue.resolve(db, space: space, components: components)
        if let node, node.isDirectory { throw FileSystemError.isDirectory }
        guard let recordID = node?.recordID, let latest = try site.recordVersion(db, recordID) else {
            return UploadPlan(recordID: randomBytes(16), isNew: true, number: 1, previousCommitment: nil)
        }
        return UploadPlan(recordID: recordID, isNew: false, number: latest.version.number + 1, previousCommitment: try latest.opening().commitment)
    }

    /// The catalogue's part of the commit. Returns blobs that nothing refers to any more.
    private func enter(
        _ db: Database, _ object: StoredObject, _ opening: RecordOpening, _ plan: UploadPlan, _ target: UploadTarget, index: UInt64
    ) throws -> [BlobID] {
        let catalogue = site.catalogue
        let now = Site.milliseconds()
        let before = try target.claim?.stored(db) ?? []
        try requireContinued(db, target)
        let node: CatalogueNode
        if plan.isNew {
            try catalogue.insertRecord(
                db,
                StoredRecord(
                    recordID: plan.recordID, owner: target.ownerPseudonym, uploader: account.pseudonym, createdMilliseconds: now,
                    modifiedMilliseconds: now, latestVersion: 0, isDeleted: false))
            let root = try catalogue.makeSpace(db, target.space, atMilliseconds: now)
            var parent = root.id
            if target.components.count > 1 {
                guard let folder = try catalogue.resolve(db, space: target.space, components: Array(target.components.dropLast())), folder.isDirectory
                else { throw CatalogueError.notFound }
                parent = folder.id
            }
            node = try catalogue.link(db, plan.recordID, in: parent, name: target.components.last ?? "", atMilliseconds: now)
            if let ownerSpace = target.ownerSpace {
                let names = object.isSealedOnIngest ? target.components : Self.withoutSuffix(target.components) ?? target.components
                try linkForOwner(db, plan.recordID, ownerSpace, names, sender: account.name, at: now)
            }
        } else {
            guard let found = try catalogue.resolve(db, space: target.space, components: target.components), found.recordID == plan.recordID else {
                throw CatalogueError.conflict(expected: plan.number - 1, found: 0)
            }
            node = found
        }
        let folder = target.access.folder.path.text
        let version = StoredVersion(
            recordID: plan.recordID, number: plan.number, objectID: object.objectID, members: object.members, createdMilliseconds: now,
            uploader: account.pseudonym, ledgerIndex: index, salt: opening.salt, envelopeRoot: object.envelopeRoot,
            headersDigest: object.headersDigest, headerRevision: object.headerRevision, isSealedOnIngest: object.isSealedOnIngest)
        try catalogue.addVersion(db, version, members: object.members, readers: object.readers, modifiedMilliseconds: now, folder: folder)
        // Of what the server cannot open the catalogue says nothing.
        if let sha256 = object.sha256, !object.isSealedOnIngest || target.access.folder.profile == .gateway {
            try catalogue.storeDigest(db, sha256, of: object.digestSubject, envelopeRoot: object.envelopeRoot)
        }
        try catalogue.charge(db, node, account: account.pseudonym, folder: folder)
        let unneeded = try catalogue.removePartial(db, account: account.pseudonym, space: target.space, path: target.components)
        try target.claim?.settle(db, before: before)
        return unneeded
    }

    /// Gives a record its name in the owner's space: the sender's, or one beside it if that is taken.
    func linkForOwner(_ db: Database, _ recordID: [UInt8], _ space: String, _ names: [String], sender: String, at now: Int64) throws {
        var parent = try site.catalogue.makeSpace(db, space, atMilliseconds: now).id
        for name in names.dropLast() {
            if let child = try site.catalogue.child(db, of: parent, name: EntryName(name)) {
                if child.isDirectory { parent = child.id }
            } else {
                parent = try site.catalogue.makeDirectory(db, in: parent, name: name, atMilliseconds: now).id
            }
        }
        func candidate(_ number: Int) -> String { Self.ownerName(names.last ?? "record", sender: sender, number: number) }
        func isTaken(_ number: Int) throws -> Bool { try site.catalogue.child(db, of: parent, name: EntryName(candidate(number))) != nil }
        // A sender may use one name for ever, and its owner keeps all that came: a free number is found by doubling, then by halving.
        var free = 0
        while try isTaken(free) { free = max(1, 2 * free) }
        var taken = free / 2
        while free - taken > 1 {
            let middle = (free + taken) / 2
            if try isTaken(middle) { taken = middle } else { free = middle }
        }
        try site.catalogue.link(db, recordID, in: parent, name: candidate(free), atMilliseconds: now)
    }

    /// `scan.pdf`, `scan (stmary).pdf`, `scan (stmary 2).pdf`, … for 0, 1, 2, …
    static func ownerName(_ name: String, sender: String, number: Int) -> String {
        guard number > 0 else { return name }
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        let (stem, suffix) = (name[..<dot], name[dot...])
        let note = number == 1 ? sender : "\(sender) \(number)"
        let room = 250 - note.utf8.count - suffix.utf8.count - 3
        var short = String(stem)
        while short.utf8.count > max(1, room) { short.removeLast() }
        return "\(short) (\(note))\(suffix)"
    }

    /// Remembers a cut-off upload, so that it can be resumed.
    func keep(_ partial: PartialUpload, of target: UploadTarget) async throws(FileSystemError) {
        do {
            let (unneeded, _) = try await site.ledger.submit([]) { [self] db, _ in
                let before = try target.claim?.stored(db) ?? []
                try requireContinued(db, target)
                let folder = target.access.folder.path.text
                let unneeded = try site.catalogue.storePartial(
                    db, partial, account: account.pseudonym, space: target.space, path: target.components, folder: folder)
                try site.catalogue.chargePartial(db, account: account.pseudonym, space: target.space, path: target.components, folder: folder)
                try target.claim?.settle(db, before: before)
                return unneeded
            }
            if !unneeded.isEmpty { try await site.pool.run { [site] in for blob in unneeded { _ = try site.blobs.remove(blob) } } }
        } catch {
            if let last = partial.members.last { site.pool.submit { [site] in _ = try? site.blobs.remove(last.blob) } }
            throw mapped(error)
        }
    }
}
