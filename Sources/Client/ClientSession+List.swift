// Listings of the server's tree.

internal import FTPClient
internal import FTPProtocol

/// One entry of a listing.
package struct ListedEntry: Encodable, Sendable {
    package let name: String
    package let isFolder: Bool
    package let byteCount: UInt64?
    /// Seconds since 1970.
    package let modified: Int64?
}

extension ClientSession {
    /// The entries of a folder, sorted by name; one entry when the name is a file's. `nil` is the user's own folder.
    package func list(_ name: RemoteName?) async throws -> [ListedEntry] {
        let path = try (name ?? RemoteName("/records/\(user)")).path
        if !path.isRoot {
            guard let entry = try await ftp.entry(path) else { throw ClientError(.notFound, "\(path) is not there, or not for you") }
            if entry.kind == .file { return [Self.listed(entry, as: path.description)] }
        }
        return try await ftp.list(path).map { Self.listed($0, as: $0.name) }.sorted { $0.name < $1.name }
    }

    private static func listed(_ entry: ListingEntry, as name: String) -> ListedEntry {
        ListedEntry(name: name, isFolder: entry.kind.isDirectory, byteCount: entry.kind.isDirectory ? nil : entry.size, modified: entry.modified)
    }
}
