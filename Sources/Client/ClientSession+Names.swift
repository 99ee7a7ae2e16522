// Removing and renaming records and folders, and making folders.

internal import FTPClient
internal import FTPProtocol
internal import Ledger

/// What `phr rm` is about to remove: seen before anything is.
package struct RemovalPlan: Sendable {
    /// A record, or a folder with all that is in it.
    package struct Item: Encodable, Sendable {
        package let remote: String
        package let isFolder: Bool
        /// Records in it, or 1.
        package let recordCount: Int
        fileprivate let files: [VirtualPath]
        /// The innermost first.
        fileprivate let folders: [VirtualPath]

        private enum CodingKeys: CodingKey { case remote, isFolder, recordCount }
    }

    package let items: [Item]

    package var recordCount: Int { items.reduce(0) { $0 + $1.recordCount } }
    /// Whether a record of the user's own goes: for everybody, with an entry on the ledger.
    package let endsRecords: Bool
}

/// What came of renaming.
package struct RenameReport: Encodable, Sendable {
    package let from: String
    package let to: String
    package let isFolder: Bool
    /// The name was taken: the record became its next version.
    package let replaced: Bool
    /// Of the record under its new name; `nil` for a folder, and where the user may not read the proof.
    package let version: UInt64?
}

extension ClientSession {
    // MARK: Removing

    /// Looks at what is to be removed, and changes nothing.
    ///
    /// - Parameter isRecursive: folders too, with all that is in them.
    package func removalPlan(_ names: [RemoteName], isRecursive: Bool) async throws -> RemovalPlan {
        var items: [RemovalPlan.Item] = []
        for name in names {
            let (path, entry) = try await existing(name)
            guard entry.kind.isDirectory else {
                items.append(.init(remote: "\(path)", isFolder: false, recordCount: 1, files: [path], folders: []))
                continue
            }
            guard isRecursive else { throw ClientError(.usage, "\(name) is a folder", hint: "phr rm --recursive removes it with all that is in it") }
            var (files, folders): ([VirtualPath], [VirtualPath]) = ([], [])
            try await collect(path, &files, &folders)
            items.append(.init(remote: "\(path)", isFolder: true, recordCount: files.count, files: files, folders: folders))
        }
        let endsRecords = items.flatMap(\.files).map(RemoteName.init(path:)).contains { $0.owner == user && ["records", "mail"].contains($0.tree) }
        return RemovalPlan(items: items, endsRecords: endsRecords)
    }

    private static let maximumRemovalCount = 1_000_000

    private func collect(_ folder: VirtualPath, _ files: inout [VirtualPath], _ folders: inout [VirtualPath]) async throws {
        for entry in try await ftp.list(folder) {
            guard files.count + folders.count < Self.maximumRemovalCount else { throw ClientError(.usage, "\(folder) holds too much to be removed at once") }
            let path = try folder.appending(entry.name)
            if entry.kind.isDirectory { try await collect(path, &files, &folders) } else { files.append(path) }
        }
        folders.append(folder)
    }

    /// Removes what was planned. Stops at the first refusal; what was removed before stays removed.
    package func remove(_ plan: RemovalPlan, progress: (_ done: Int, _ total: Int, _ name: String) -> Void) async throws {
        var count = 0
        for item in plan.items {
            for file in item.files {
                do { try await ftp.delete(file) } catch { throw ClientError(error).during("after \(count) of \(plan.recordCount) records, \(file)") }
                count += 1
                progress(count, plan.recordCount, "\(file)")
            }
            for folder in item.folders {
                do { try await ftp.removeDirectory(folder) } catch { throw ClientError(error).during("\(folder)") }
            }
        }
    }

    // MARK: Renaming

    /// Gives a record or folder another name within its owner's folder.
    ///
    /// - Parameters:
    ///   - isFolder: `new` is a folder to move into.
    ///   - replaces: a record of the new name may be there; this one becomes its next version.
    package func rename(_ old: RemoteName, to new: RemoteName, isFolder: Bool, replaces: Bool) async throws -> RenameReport {
        let (source, entry) = try await existing(old)
        var target = new.path
        let there = new.folder == target ? nil : try await ftp.entry(target)
        if isFolder || new.folder == target || there?.kind.isDirectory == true {
            guard let last = source.last else { throw ClientError(.usage, "\(old) is no record") }
            target = try target.appending(last)
        }
        if !entry.kind.isDirectory, source.last?.hasSuffix(".phr") == true { target = try RemoteName(path: target).envelope().path }
        guard RemoteName(path: target).folder == RemoteName(path: source).folder else {
            throw ClientError(.usage, "\(new) lies in another owner's folder", hint: "get the record, and put it there")
        }
        guard target != source else { throw ClientError(.usage, "\(old) has this name already") }
        let taken = try await ftp.entry(target)
        if let taken {
            guard !taken.kind.isDirectory, !entry.kind.isDirectory else { throw ClientError(.usage, "\(target) is there already") }
            guard replaces else {
                throw ClientError(.cannotWrite, "\(target) is there already", hint: "--force makes the record its next version; the older versions stay")
            }
        }
        let before = entry.kind.isDirectory ? nil : try await proven(source)
        try await ftp.rename(source, to: target)
        guard let before else {
            return RenameReport(from: "\(source)", to: "\(target)", isFolder: entry.kind.isDirectory, replaced: taken != nil, version: nil)
        }
        let after = try await record(RemoteName(path: target))
        guard after.opening.envelopeRoot == before.opening.envelopeRoot else {
            throw ClientError(.tampered, "\(target) is not what \(source) was", hint: "phr verify \(RemoteName(path: target)) says what the ledger has")
        }
        return RenameReport(from: "\(source)", to: "\(target)", isFolder: false, replaced: taken != nil, version: after.version)
    }

    /// The record as the ledger has it; `nil` where its proof is not for this account.
    private func proven(_ path: VirtualPath) async throws -> ProvenRecord? {
        do { return try await record(RemoteName(path: path)) } catch let error as ClientError where error.status == .notFound { return nil }
    }

    // MARK: Folders

    /// Makes a folder; with `parents` also those above it, and none is an error that is there.
    package func makeFolder(_ name: RemoteName, parents: Bool) async throws {
        guard let root = name.folder, root != name.path else { throw Self.fixed(name) }
        if let entry = try await ftp.entry(name.path), !parents || !entry.kind.isDirectory {
            throw ClientError(.cannotWrite, "\(name) is there already", hint: entry.kind.isDirectory ? "--parents takes that as done" : nil)
        }
        if parents { try await makeFolders(to: name.path) } else { try await ftp.makeDirectory(name.path) }
    }

    // MARK: Names

    /// What a name stands for: what is there by this very name, or else the envelope of a record.
    private func existing(_ name: RemoteName) async throws -> (path: VirtualPath, entry: ListingEntry) {
        guard let folder = name.folder, folder != name.path else { throw Self.fixed(name) }
        if let entry = try await ftp.entry(name.path) { return (name.path, entry) }
        let envelope = try name.envelope().path
        guard let entry = try await ftp.entry(envelope) else { throw ClientError(.notFound, "\(name) is not there, or not for you") }
        return (envelope, entry)
    }

    private static func fixed(_ name: RemoteName) -> ClientError {
        ClientError(.usage, "\(name.path) is fixed", hint: "name something in it, for example: alice/visit.json")
    }
}
