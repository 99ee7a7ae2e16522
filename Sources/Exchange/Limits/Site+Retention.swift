/// Takes files out of folders that keep them for a number of days.
import Audit
import CanonicalEncoding
import Foundation
import GRDB
import Ledger
import Logging
import RecordStore
import Transport

extension Site {
    private struct Expired: Sendable {
        let node: NodeID
        let recordID: [UInt8]
        let version: VersionSummary
    }

    /// Days count from the arrival of the latest version, by the server's clock. A file of an exchange folder is erased for everybody, with a
    /// tombstone on the ledger; from an inbox the name goes that its sender sees, and the record stays its owner's.
    /// - Returns: how many files went.
    @discardableResult
    func enforceRetention() async throws -> Int {
        var count = 0
        let folders = try await pool.run { [folders] in try folders.list() }
        for folder in folders {
            guard let days = folder.rules.retentionDays else { continue }
            let limit = Self.milliseconds() - Int64(clamping: days) * 86_400_000
            let expired = try await pool.run { [self] in try database.read { db in try self.expired(db, folder.path, arrivedBefore: limit) } }
            for file in expired {
                do {
                    if folder.path.section == .exchange { try await erase(file) } else { try await unlink(file) }
                    count += 1
                    let object = AuditEvent.Object(
                        path: folder.path.text, owner: folder.owner, record: file.recordID.hexadecimal, version: file.version.number)
                    await record(.deleted, object: object, reason: "kept for \(days) days")
                } catch is CatalogueError {
                    // A new version came meanwhile, or somebody else was quicker.
                    continue
                }
            }
            if !expired.isEmpty { logger.notice("retention", metadata: ["folder.path": "\(folder.path.text)", "folder.files": "\(expired.count)"]) }
        }
        return count
    }

    /// What has been in a folder for too long; of one folder at most 10,000 files, the rest in the next pass.
    private func expired(_ db: Database, _ folder: FolderPath, arrivedBefore limit: Int64) throws -> [Expired] {
        let name = "\(folder.section.rawValue)/\(folder.name)"
        var expired: [Expired] = []
        var cursor: NodeID?
        while case let page = try catalogue.spaces(db, after: cursor, limit: 500), let last = page.last {
            for root in page where root.name == name || root.name.hasPrefix(name + "/") {
                try collect(db, below: root.id, arrivedBefore: limit, into: &expired)
            }
            cursor = last.id
        }
        return expired
    }

    private func collect(_ db: Database, below folder: NodeID, arrivedBefore limit: Int64, into expired: inout [Expired]) throws {
        var cursor: NodeID?
        while expired.count < 10_000, case let page = try catalogue.children(db, of: folder, after: cursor, limit: 500), let last = page.last {
            for entry in page {
                if entry.node.isDirectory {
                    try collect(db, below: entry.node.id, arrivedBefore: limit, into: &expired)
                } else if let record = entry.node.recordID, let version = entry.latest, version.createdMilliseconds < limit {
                    expired.append(Expired(node: entry.node.id, recordID: record, version: version))
                }
            }
            cursor = last.node.id
        }
    }

    private func erase(_ file: Expired) async throws {
        let tombstone = TombstoneTransaction(recordID: file.recordID, version: file.version.number)
        let (blobs, _) = try await ledger.submit([.tombstone(tombstone)]) { [catalogue] db, _ in
            try Self.requireUnchanged(db, catalogue, file)
            return try catalogue.removeRecord(db, file.recordID)
        }
        try await pool.run { [blobs, store = self.blobs] in for blob in blobs { _ = try store.remove(blob) } }
    }

    private func unlink(_ file: Expired) async throws {
        _ = try await ledger.submit([]) { [catalogue] db, _ in
            try Self.requireUnchanged(db, catalogue, file)
            try catalogue.unlink(db, file.node)
        }
    }

    private static func requireUnchanged(_ db: Database, _ catalogue: Catalogue, _ file: Expired) throws {
        guard let entry = try catalogue.entry(db, file.node), entry.node.recordID == file.recordID else { throw CatalogueError.notFound }
        let found = entry.latest?.number ?? 0
        guard found == file.version.number else { throw CatalogueError.conflict(expected: file.version.number, found: found) }
    }
}
