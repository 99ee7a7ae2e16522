/// Listings of every part of the tree, in pages.
import Authentication
import FTPProtocol
import FTPServer
import GRDB
import RecordStore
import Synchronization

extension AccountFileSystem {
    func list(_ path: VirtualPath) async throws(FileSystemError) -> any DirectoryListing {
        switch Location(path) {
        case .nowhere: throw .notFound
        case .root: return FixedListing(FolderPath.Section.allCases.map { ListingEntry(name: $0.rawValue, kind: .directory, permissions: "el") })
        case .section(let section):
            return FixedListing(
                try await folderNames(section).map { name in
                    let access = (try? FolderPath(section: section, name: name)).flatMap(tree.access)
                    return ListingEntry(name: name, kind: .directory, permissions: access?.rootPermissions ?? "el")
                })
        case .keys(nil):
            let accounts = try await onPool { [site] in try site.accounts.list().map(\.name) }
            return FixedListing((accounts + [Self.siteKeysName]).map { ListingEntry(name: $0, kind: .file, permissions: keyPermissions($0)) })
        case .keys: throw .notDirectory
        case .sharing(let location):
            return FixedListing(
                try await sharingListing(location).map { entry in
                    guard entry.kind == .file, let file = SharingLocation(path.components + [entry.name]) else { return entry }
                    var entry = entry
                    entry.permissions = sharingPermissions(file)
                    return entry
                })
        case .ledger(let components): return FixedListing(try ledgerListing(components))
        case .hidden(let folder, let view, let components): return FixedListing(try await hiddenListing(folder, view, components))
        case .folder(let folder, let components):
            let access = try requireAccess(folder)
            let (found, view) = try await reading { [self] db -> (Found?, ReaderView?) in
                guard let found = try find(db, access, components) else { return (nil, nil) }
                guard folder.section == .records, !access.isOwner else { return (found, nil) }
                return (found, try site.catalogue.readerView(db, keyIDs: try readerIDs(db, .inListings)))
            }
            guard let found else { throw .notFound }
            guard let node = found.node else { return FixedListing([]) }
            guard node.isDirectory else { throw .notDirectory }
            return CatalogueListing(self, folder: node.id, access: access, view: view)
        }
    }

    /// The folders of a section that the account sees.
    private func folderNames(_ section: FolderPath.Section) async throws(FileSystemError) -> [String] {
        switch section {
        case .inbox, .exchange: return tree.folders(in: section).map(\.path.name)
        case .mail: return [account.name]
        case .records:
            let owners = try await reading { [self] db -> Set<[UInt8]> in
                let keyIDs = try readerIDs(db, .inListings)
                var owners: Set<[UInt8]> = []
                var cursor: [UInt8] = []
                while !keyIDs.isEmpty {
                    let page = try site.catalogue.readable(db, by: keyIDs, after: cursor, limit: 1000)
                    for record in page { if let owner = try site.catalogue.record(db, record)?.owner { owners.insert(owner) } }
                    guard page.count == 1000, let last = page.last else { break }
                    cursor = last
                }
                return owners
            }
            let others = try await onPool { [site] in try owners.compactMap { try site.accounts.find(pseudonym: $0)?.name } }
            return Set(others + [account.name]).sorted()
        }
    }
}

/// A listing that is known as a whole.
final class FixedListing: DirectoryListing {
    private let entries: Mutex<[ListingEntry]>

    init(_ entries: [ListingEntry]) { self.entries = Mutex(entries) }

    func next() async throws(FileSystemError) -> [ListingEntry] {
        entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
    }
}

/// A folder of the catalogue, read page by page.
final class CatalogueListing: DirectoryListing {
    private struct Cursor {
        var last: NodeID?
        var isAtEnd = false
    }

    private static let pageSize = 500

    private let fileSystem: AccountFileSystem
    private let folder: NodeID
    private let access: AccountTree.Access
    private let view: ReaderView?
    private let cursor = Mutex(Cursor())

    init(_ fileSystem: AccountFileSystem, folder: NodeID, access: AccountTree.Access, view: ReaderView?) {
        self.fileSystem = fileSystem
        self.folder = folder
        self.access = access
        self.view = view
    }

    func next() async throws(FileSystemError) -> [ListingEntry] {
        while true {
            let start = cursor.withLock { $0 }
            if start.isAtEnd { return [] }
            let (entries, last) = try await fileSystem.reading { [self] db in try page(db, after: start.last) }
            cursor.withLock { $0 = Cursor(last: last, isAtEnd: last == nil) }
            if !entries.isEmpty { return entries }
        }
    }

    private func page(_ db: Database, after last: NodeID?) throws -> ([ListingEntry], NodeID?) {
        let catalogue = fileSystem.site.catalogue
        let entries: [CatalogueEntry]
        let next: NodeID?
        if let view {
            (entries, next) = try catalogue.children(db, of: folder, after: last, limit: Self.pageSize, seenBy: view)
        } else {
            entries = try catalogue.children(db, of: folder, after: last, limit: Self.pageSize)
            next = entries.count < Self.pageSize ? nil : entries.last?.node.id
        }
        let showsEnvelopes = AccountTree.showsEnvelopes(access.folder.path)
        return (
            entries.map { entry in
                let isFile = !entry.node.isDirectory
                return AccountFileSystem.listingEntry(
                    entry, name: showsEnvelopes && isFile ? entry.node.name + ".phr" : entry.node.name,
                    showsEnvelope: showsEnvelopes, access: access)
            }, next
        )
    }
}
