/// Which quotas an upload falls under, what is left of them, and SITE QUOTA.
import Authentication
import FTPProtocol
import FTPServer
import GRDB
import RecordStore

extension Site {
    func usage(_ db: Database, _ holder: QuotaKeeper.Holder) throws -> Usage {
        switch holder {
        case .account(let pseudonym): try catalogue.usage(db, ofAccount: pseudonym)
        case .folder(let path): try catalogue.usage(db, ofFolder: path)
        }
    }
}

extension AccountFileSystem {
    /// The quotas that hold for uploads to a folder, as they are now. Blocks.
    private func quotas(for folder: Folder?) throws -> [(holder: QuotaKeeper.Holder, quota: Quota)] {
        let limits = try site.limits.limits(of: account.name)
        var quotas: [(holder: QuotaKeeper.Holder, quota: Quota)] = []
        let own = site.configuration.limits.quota(of: limits)
        if own != Quota() { quotas.append((.account(account.pseudonym), own)) }
        if let folder, folder.rules.quota != Quota() {
            quotas.append((.folder(folder.path.text), site.configuration.limits.quota(of: folder.rules)))
        }
        return quotas
    }

    /// The claim of an upload; nil if no quota holds for it.
    func quotaClaim(for target: UploadTarget) async throws(FileSystemError) -> QuotaClaim? {
        try await onPool { [self] in
            let quotas = try quotas(for: target.access.folder)
            guard !quotas.isEmpty else { return nil }
            let (name, partial) = try site.database.read { [site] db in
                (
                    try site.catalogue.resolve(db, space: target.space, components: target.components).flatMap { try site.catalogue.charge(db, of: $0.id) },
                    try site.catalogue.partialCharge(db, account: account.pseudonym, space: target.space, path: target.components)
                )
            }
            let demands = quotas.map { holder, quota in
                // A file of somebody else that is replaced frees the folder, but nothing of this account's.
                let isOwn = holder == .account(name?.account ?? []) || holder == .folder(target.access.folder.path.text)
                let credit = Usage(
                    bytes: (isOwn ? name?.bytes ?? 0 : 0) + (partial ?? 0), files: (isOwn && name != nil ? 1 : 0) + (partial == nil ? 0 : 1))
                return QuotaClaim.Demand(holder: holder, quota: quota, credit: credit)
            }
            let size = target.continued?.members.reduce(0) { $0 + $1.plainByteCount } ?? 0
            return try QuotaClaim(site: site, demands: demands, size: size)
        }
    }

    func availableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 {
        let folder = try quotaFolder(path)
        return try await onPool { [self] in
            let reserve = UInt64(site.configuration.storage.reserve_mib) << 20
            let free = try site.blobs.availableByteCount
            let quotas = try quotas(for: folder)
            let rest = try site.database.read { db in
                try quotas.compactMap { holder, quota -> UInt64? in
                    let used = try site.usage(db, holder)
                    if let files = quota.files, used.files >= files { return 0 }
                    let rest = [quota.bytes.map { $0 - min($0, used.bytes) }, quota.disk.map { $0 - min($0, used.disk) }]
                    return rest.compactMap { $0 }.min()
                }
            }
            return (rest + [free - min(free, reserve)]).min() ?? 0
        }
    }

    /// One line for each: the account, and the folder if the path lies in one.
    func quotaText(of path: VirtualPath) async throws(FileSystemError) -> String {
        let folder = try quotaFolder(path)
        return try await onPool { [self] in
            let limits = try site.limits.limits(of: account.name)
            let (own, shared) = try site.database.read { db in
                (try site.usage(db, .account(account.pseudonym)), try folder.map { try site.usage(db, .folder($0.path.text)) })
            }
            var lines = [Self.line("account \(account.name)", own, site.configuration.limits.quota(of: limits))]
            if let folder, let shared {
                lines.append(Self.line("folder \(folder.path.text)", shared, site.configuration.limits.quota(of: folder.rules)))
            }
            return lines.joined(separator: "\n")
        }
    }

    private static func line(_ name: String, _ used: Usage, _ quota: Quota) -> String {
        func text(_ used: UInt64, _ bound: UInt64?) -> String { "\(used)\(bound.map { " of \($0)" } ?? "")" }
        return "\(name): \(text(used.bytes, quota.bytes)) bytes, \(text(used.files, quota.files)) files, \(text(used.disk, quota.disk)) bytes of the disk"
    }

    /// The folder of the site in which a path lies.
    private func quotaFolder(_ path: VirtualPath) throws(FileSystemError) -> Folder? {
        guard case .folder(let folder, _) = Location(path) else { return nil }
        return try requireAccess(folder).folder
    }
}
