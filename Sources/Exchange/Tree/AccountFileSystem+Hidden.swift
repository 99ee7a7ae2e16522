/// `.headers`, `.proofs` and `.versions` of a folder (docs/architecture.md, "The tree").
import CanonicalEncoding
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import RecordStore
import Synchronization

/// A version of a record with its parts, as it is stored.
struct RecordVersion: Sendable {
    let version: StoredVersion
    let members: [StoredMember]

    func opening() throws -> RecordOpening {
        try RecordOpening(
            salt: version.salt, objectID: version.objectID, envelopeRoot: version.envelopeRoot, headersDigest: version.headersDigest,
            headerRevision: version.headerRevision)
    }
}

extension Site {
    /// The latest version of a record, or the one of a number.
    func recordVersion(_ db: Database, _ recordID: [UInt8], _ number: UInt64? = nil) throws -> RecordVersion? {
        let version = if let number { try catalogue.version(db, recordID, number) } else { try catalogue.latestVersion(db, recordID) }
        guard let version else { return nil }
        return RecordVersion(version: version, members: try catalogue.members(db, recordID, version: version.number))
    }

    /// Prefix and header slot of each member, as they hold now.
    func heads(of members: [StoredMember]) throws -> [[UInt8]] {
        try members.map { member in
            try member.headOverride ?? blobs.open(member.blob).read(at: 0, count: Int(member.headByteCount))
        }
    }

    func proof(of version: RecordVersion) throws -> [UInt8] {
        Array(try ledger.recordProof(index: version.version.commitmentIndex, opening: try version.opening()).utf8)
    }
}

extension AccountFileSystem {
    /// The record that the components below a hidden folder name, with or without `.phr`.
    func hiddenRecord(_ folder: FolderPath, _ components: [String]) async throws(FileSystemError) -> [UInt8] {
        let access = try requireAccess(folder)
        return try await reading { [self] db in
            guard let record = try find(db, access, components)?.node?.recordID else { throw FileSystemError.notFound }
            return record
        }
    }

    /// The bytes behind a hidden path, but for the envelopes of versions.
    func hiddenBytes(_ folder: FolderPath, _ view: HiddenFolder, _ components: [String]) async throws(FileSystemError) -> [UInt8] {
        switch view {
        case .headers:
            let version = try await latest(folder, components)
            return try await onPool { [site] in try site.heads(of: version.members).flatMap { $0 } }
        case .proofs:
            let version = try await latest(folder, components)
            return try await onPool { [site] in try site.proof(of: version) }
        case .versions:
            let version = try await oldVersion(folder, components, suffix: ".proof")
            return try await onPool { [site] in try site.proof(of: version) }
        }
    }

    /// The receipt of the latest version; with the digest of its content in the session that sent it.
    func receiptText(at path: VirtualPath, _ folder: FolderPath, _ components: [String]) async throws(FileSystemError) -> String {
        let (version, members) = { ($0.version, $0.members) }(try await latest(folder, components))
        let height = try await reading { [site] db in try site.ledger.height(ofEntry: version.ledgerIndex, in: db) }
        guard let height else { throw .damaged("the ledger does not hold what the catalogue says") }
        let showsEnvelope = !version.isSealedOnIngest || components.last?.hasSuffix(".phr") == true
        let byteCount = members.reduce(0) { $0 + (showsEnvelope ? $1.envelopeByteCount : $1.plainByteCount) }
        let digest = sentDigest(version, Self.digestSubject(version, showsEnvelope: showsEnvelope)).map { "sha256=\($0) " } ?? ""
        return "\(digest)size=\(byteCount) root=\(version.envelopeRoot.hexadecimal) index=\(version.ledgerIndex) height=\(height)"
    }

    private func latest(_ folder: FolderPath, _ components: [String]) async throws(FileSystemError) -> RecordVersion {
        let record = try await hiddenRecord(folder, components)
        return try await version(of: record)
    }

    func version(of record: [UInt8], _ number: UInt64? = nil) async throws(FileSystemError) -> RecordVersion {
        try await reading { [site] db in
            guard let version = try site.recordVersion(db, record, number) else { throw FileSystemError.notFound }
            return version
        }
    }

    /// `NAME.phr/3.phr` or `NAME.phr/3.proof`.
    func oldVersion(_ folder: FolderPath, _ components: [String], suffix: String) async throws(FileSystemError) -> RecordVersion {
        guard let last = components.last, last.hasSuffix(suffix), let number = UInt64(last.dropLast(suffix.count)) else { throw .notFound }
        let record = try await hiddenRecord(folder, components.dropLast())
        if try !showsAllVersions(of: folder), try await version(of: record).version.number != number { throw .notFound }
        return try await version(of: record, number)
    }

    /// Earlier versions may name readers who were taken away since; the newest header says who reads the record now.
    private func showsAllVersions(of folder: FolderPath) throws(FileSystemError) -> Bool {
        try requireAccess(folder).isOwner || folder.section == .inbox
    }

    func hiddenEntry(_ folder: FolderPath, _ view: HiddenFolder, _ components: [String], at path: VirtualPath) async throws(FileSystemError) -> ListingEntry {
        guard let last = components.last else { return directory(path) }
        if view == .versions {
            if last.hasSuffix(".phr"), UInt64(last.dropLast(4)) != nil, components.count > 1 {
                let version = try await oldVersion(folder, components, suffix: ".phr").version
                return ListingEntry(
                    name: last, kind: .file, size: version.envelopeByteCount, modified: version.createdMilliseconds / 1000, permissions: "r")
            }
            if !last.hasSuffix(".proof") {
                _ = try await hiddenRecord(folder, components)
                return directory(path)
            }
        }
        let size = UInt64(try await hiddenBytes(folder, view, components).count)
        let isOwner = try requireAccess(folder).isOwner
        return ListingEntry(name: last, kind: .file, size: size, permissions: view == .headers && isOwner ? "rw" : "r")
    }

    func hiddenListing(_ folder: FolderPath, _ view: HiddenFolder, _ components: [String]) async throws(FileSystemError) -> [ListingEntry] {
        guard view == .versions, !components.isEmpty else { return [] }
        let record = try await hiddenRecord(folder, components)
        let showsAll = try showsAllVersions(of: folder)
        return try await reading { [site] db in
            try site.catalogue.versions(db, record).suffix(showsAll ? Int.max : 1).flatMap { version in
                [
                    ListingEntry(
                        name: "\(version.number).phr", kind: .file, size: version.envelopeByteCount, modified: version.createdMilliseconds / 1000,
                        permissions: "r"),
                    ListingEntry(name: "\(version.number).proof", kind: .file, modified: version.createdMilliseconds / 1000, permissions: "r"),
                ]
            }
        }
    }
}
