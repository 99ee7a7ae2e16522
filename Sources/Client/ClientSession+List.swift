// Listings of the server's tree.

internal import Envelope
internal import FTPClient
internal import FTPProtocol

/// One entry of a listing.
package struct ListedEntry: Encodable, Sendable {
    package let name: String
    package let isFolder: Bool
    package let byteCount: UInt64?
    /// Seconds since 1970.
    package let modified: Int64?
    /// Whether the user's keys open it, as far as its header says; `nil` when that was not looked at.
    package var isOpenForMe: Bool?
    /// What is missing: attributes such as `stmary:cardiology`.
    package var needs: String?
}

extension ClientSession {
    /// The entries of a folder, sorted by name; one entry when the name is a file's. `nil` is the user's own folder.
    ///
    /// - Parameter withAccess: look at the header of each record and say whether the user's keys open it; `nil`: in other
    ///   people's folders. The headers are not held against the ledger for this; getting a record does that.
    package func list(_ name: RemoteName?, withAccess: Bool? = nil) async throws -> [ListedEntry] {
        let name = try name ?? RemoteName("/records/\(user)")
        var entries: [(entry: ListedEntry, name: RemoteName)]
        let file = name.path.isRoot ? nil : try await ftp.entry(name.path)
        if let file, file.kind == .file {
            entries = [(Self.listed(file, as: name.path.description), name)]
        } else {
            guard file != nil || name.path.isRoot else { throw ClientError(.notFound, "\(name.path) is not there, or not for you") }
            entries = try await ftp.list(name.path).map { (Self.listed($0, as: $0.name), RemoteName(path: try name.path.appending($0.name))) }
                .sorted { $0.0.name < $1.0.name }
        }
        guard name.tree == "records", withAccess ?? (name.owner != user) else { return entries.map(\.entry) }
        let access = try accessCheck()
        for index in entries.indices where !entries[index].entry.isFolder {
            try await look(at: &entries[index].entry, named: entries[index].name, access)
        }
        return entries.map(\.entry)
    }

    private func look(at entry: inout ListedEntry, named name: RemoteName, _ access: AccessCheck) async throws {
        guard let bytes = try await ftp.retrieveAll(try name.headers(), limit: Self.maximumHeadsByteCount),
            let head = try? HeaderRewriter.split(bytes).last.map({ try EnvelopeHead(parsing: $0) })
        else { return }
        let verdict = access.verdict(head.stanzas)
        entry.isOpenForMe = verdict.isOpen
        if case .notSatisfied(let policies) = verdict { entry.needs = policies.compactMap(\.need).min { $0.count < $1.count } }
    }

    private static func listed(_ entry: ListingEntry, as name: String) -> ListedEntry {
        ListedEntry(name: name, isFolder: entry.kind.isDirectory, byteCount: entry.kind.isDirectory ? nil : entry.size, modified: entry.modified)
    }
}
