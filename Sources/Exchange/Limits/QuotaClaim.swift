/// What one upload claims of the quotas it falls under: checked at its start, with every block, and in its commit.
import FTPServer
import GRDB
import RecordStore
import Synchronization

final class QuotaClaim: Sendable {
    /// One quota, and what the upload means for it.
    struct Demand: Sendable {
        let holder: QuotaKeeper.Holder
        let quota: Quota
        /// What is charged already for the name and its interrupted upload, which the upload takes the place of.
        let credit: Usage

        fileprivate var whose: String {
            switch holder {
            case .account: "this account"
            case .folder(let path): "the folder \(path)"
            }
        }

        /// Throws if the holder has more than it may and this upload is to blame.
        fileprivate func check(_ total: Usage, growth: Usage) throws(FileSystemError) {
            if let limit = quota.bytes, total.bytes > limit, growth.bytes > 0 {
                throw .quotaExceeded("\(whose) may hold \(limit) bytes; delete files, or ask the operator for more")
            }
            if let limit = quota.files, total.files > limit, growth.files > 0 {
                throw .quotaExceeded("\(whose) may hold \(limit) files; delete some, or ask the operator for more")
            }
            if let limit = quota.disk, total.disk > limit, growth.disk > 0 {
                throw .quotaExceeded(
                    "\(whose) may take \(limit) bytes of the disk, with older versions and deleted files, which are kept; ask the operator for more")
            }
        }
    }

    private let site: Site
    private let demands: [Demand]
    /// The size of what the upload continues, which is on the disk already.
    private let continued: UInt64
    /// The size so far, with what the upload continues; nil when the claim is closed.
    private let size: Mutex<UInt64?>

    /// Throws if there is no room even for what is there already. Blocks.
    /// - Parameter size: of what the upload continues.
    init(site: Site, demands: [Demand], size: UInt64) throws {
        self.site = site
        self.demands = demands
        continued = size
        self.size = Mutex(size)
        let stored = try site.database.read { db in try demands.map { try site.usage(db, $0.holder) } }
        for (demand, stored) in zip(demands, stored) { site.quotas.open(demand.holder, stored: stored, adding: growth(demand, size)) }
        try grow(by: 0)
    }

    deinit { close() }

    /// What an upload of a size adds; what sealing adds to it on the disk shows in the commit.
    private func growth(_ demand: Demand, _ size: UInt64) -> Usage {
        Usage(bytes: size - min(size, demand.credit.bytes), files: demand.credit.files > 0 ? 0 : 1, disk: size - min(size, continued))
    }

    /// More bytes have come. Blocks if there seems to be no room, to look again.
    func grow(by count: UInt64) throws {
        guard let (before, after) = advance(by: count) else { return }
        for demand in demands {
            let growth = self.growth(demand, after)
            let total = site.quotas.grow(demand.holder, by: growth - self.growth(demand, before))
            do throws(FileSystemError) {
                try demand.check(total, growth: growth)
            } catch {
                // Something may have been deleted meanwhile.
                site.quotas.refresh(demand.holder, stored: try site.database.read { try site.usage($0, demand.holder) })
                try demand.check(site.quotas.grow(demand.holder, by: Usage()), growth: growth)
            }
        }
    }

    private func advance(by count: UInt64) -> (before: UInt64, after: UInt64)? {
        size.withLock { size in
            guard let before = size else { return nil }
            size = before + count
            return (before, before + count)
        }
    }

    /// So many bytes are still to come: throws if they will not fit. Blocks.
    func announce(_ count: UInt64) throws {
        guard let size = size.withLock({ $0 }) else { return }
        let (after, overflows) = size.addingReportingOverflow(count)
        for demand in demands {
            let growth = self.growth(demand, overflows ? .max : after)
            let total = site.quotas.grow(demand.holder, by: Usage())
            try demand.check(total + (growth - self.growth(demand, size)), growth: growth)
        }
    }

    /// What is stored under each demand, for `settle`.
    func stored(_ db: Database) throws -> [Usage] { try demands.map { try site.usage(db, $0.holder) } }

    /// The last step of the commit: throws if what is stored has grown past a quota.
    func settle(_ db: Database, before: [Usage]) throws {
        let after = try stored(db)
        for (demand, (before, after)) in zip(demands, zip(before, after)) {
            try demand.check(after, growth: after - before)
        }
        // Before the commit is durable: for a moment the upload counts nowhere here, but never twice.
        close(stored: after)
    }

    /// The upload is over.
    func close(stored: [Usage]? = nil) {
        guard let size = size.withLock({ $0.take() }) else { return }
        for (index, demand) in demands.enumerated() {
            site.quotas.close(demand.holder, adding: growth(demand, size), stored: stored?[index])
        }
    }
}
