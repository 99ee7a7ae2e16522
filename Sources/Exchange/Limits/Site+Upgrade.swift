/// Brings the database of an older program up to date: what was stored before quotas were kept counts for its senders.
import GRDB
import RecordStore

extension Site {
    /// The version of the catalogue's tables that keeps account of use.
    private static let usageVersion: Int64 = 3
    /// And the one that keeps account of the disk.
    private static let diskVersion: Int64 = 5

    static func upgrade(_ db: Database, _ catalogue: Catalogue) throws {
        let found = try Catalogue.installedVersion(db) ?? 0
        try Catalogue.install(db)
        guard found > 0 else { return }
        if found < usageVersion { try chargeNames(db, catalogue) }
        if found < diskVersion { try catalogue.countStoredBlobs(db) }
    }

    private static func chargeNames(_ db: Database, _ catalogue: Catalogue) throws {
        var cursor: NodeID?
        while case let page = try catalogue.spaces(db, after: cursor, limit: 500), let last = page.last {
            for root in page {
                let parts = root.name.split(separator: "/").map(String.init)
                guard parts.count >= 2 else { continue }
                try charge(db, catalogue, below: root.id, folder: "/\(parts[0])/\(parts[1])", isOwners: parts.count == 2 && parts[0] != "exchange")
            }
            cursor = last.id
        }
    }

    /// - Parameter isOwners: the space is its owner's view, in which only what he stored himself is charged: others are charged for theirs
    ///   where they sent it.
    private static func charge(_ db: Database, _ catalogue: Catalogue, below folder: NodeID, folder path: String, isOwners: Bool) throws {
        var cursor: NodeID?
        while case let page = try catalogue.children(db, of: folder, after: cursor, limit: 500), let last = page.last {
            for entry in page {
                guard let record = entry.record else {
                    try charge(db, catalogue, below: entry.node.id, folder: path, isOwners: isOwners)
                    continue
                }
                let isFree = try isOwners && (record.uploader != record.owner || catalogue.nodes(db, of: record.recordID).count > 1)
                if !isFree, record.latestVersion > 0 { try catalogue.charge(db, entry.node, account: record.uploader, folder: path) }
            }
            cursor = last.node.id
        }
    }
}
