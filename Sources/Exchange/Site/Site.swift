/// A site: its databases, blobs, ledger and keys, opened together and joined for the server and the command line.
import Authentication
import Envelope
import FTPServer
import Foundation
import GRDB
import Ledger
package import Logging
import RecordStore
import Synchronization
import Transport

package final class Site: Sendable {
    /// What is in force; a reload changes parts of it.
    package var configuration: Configuration { settings.withLock { $0 } }
    private let settings: Mutex<Configuration>
    let keys: SiteKeyring
    let database: DatabasePool
    let ledger: Ledger
    let blobs: BlobStore
    let catalogue: Catalogue
    let accounts: AccountStore
    let folders: FolderRegistry
    let limits: AccountLimitStore
    let loginGuard: LoginGuard
    let quotas = QuotaKeeper()
    let appendTurns = AppendTurns()
    /// For everything that blocks on disk or database.
    let pool: BlockingPool
    /// For password hashing, so that logins do not hold up transfers.
    let loginPool: BlockingPool
    /// For what waits for PAM, so that a slow helper holds up nobody whose password is the site's own.
    let helperPool: BlockingPool
    let logger: Logger
    let authorityRecords = AuthorityRecords()
    let metrics = SiteMetrics()
    let refusals: Mutex<RefusalMeter>
    /// Set while the site serves.
    let audit = Mutex<SiteAudit?>(nil)
    private let folderTable: Mutex<(table: FolderTable, readAt: ContinuousClock.Instant)>

    static func databasePath(_ configuration: Configuration) -> String { configuration.storage.data + "/ledger.sqlite" }

    /// What the command line may change while the server runs.
    package static func registry(_ configuration: Configuration) throws -> SiteRegistry {
        let path = configuration.storage.data + "/site.sqlite"
        guard FileManager.default.fileExists(atPath: path) else { throw SiteError("there is no site in \(configuration.storage.data); run: phrd init") }
        return try SiteRegistry(SiteDatabase.open(path: path))
    }

    /// Makes a new site: folders, keys, databases, the genesis block, and the site's own public keys on the ledger.
    package static func create(_ configuration: Configuration, logger: Logger) async throws {
        let data = configuration.storage.data
        guard !FileManager.default.fileExists(atPath: data + "/ledger.sqlite") else { throw SiteError("\(data) holds a site already") }
        let anchorFolder = URL(fileURLWithPath: configuration.storage.anchor).deletingLastPathComponent().path
        for folder in [data, anchorFolder] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try KeyFiles.create(in: configuration.storage.keys)
        let keys = try KeyFiles.load(from: configuration.storage.keys)
        _ = try SiteRegistry(SiteDatabase.open(path: data + "/site.sqlite"))
        let database = try LedgerDatabase.open(path: databasePath(configuration))
        let ledger = try Ledger.create(database: database, keys: keys.ledger, origin: configuration.site.name, anchor: configuration.storage.anchor)
        defer { ledger.close() }
        let bundle = try KeyBundle(signer: keys.ingest, xWingKey: keys.gateway.publicKey, created: UInt64(Date().timeIntervalSince1970))
        let pseudonym = Self.pseudonym(of: ledger)
        let catalogue = try Catalogue(key: keys.catalogue)
        let key = KeyTransaction(pseudonym: pseudonym, role: .server, bundle: bundle.encoded(), sequence: 0)
        _ = try await ledger.submit([.key(key)]) { db, indices in
            try Catalogue.install(db)
            try catalogue.storeKeyBundle(
                db, StoredKeyBundle(account: pseudonym, sequence: 0, bundle: bundle.encoded(), ledgerIndex: indices[0]), keyIDs: bundle.keyIDs)
        }
        logger.notice("site made", metadata: ["site.name": "\(configuration.site.name)"])
    }

    /// Opens a site for serving or checking. Only one process at a time can.
    package init(opening configuration: Configuration, logger: Logger) throws {
        settings = Mutex(configuration)
        self.logger = logger
        refusals = Mutex(RefusalMeter(configuration.audit.refusalBound))
        let registry = try Self.registry(configuration)
        (accounts, folders, limits) = (registry.accounts, registry.folders, registry.limits)
        keys = try KeyFiles.load(from: configuration.storage.keys)
        blobs = try BlobStore(path: configuration.storage.data + "/records")
        database = try LedgerDatabase.open(path: Self.databasePath(configuration))
        catalogue = try Catalogue(key: keys.catalogue)
        ledger = try Ledger.open(database: database, keys: keys.ledger, anchor: configuration.storage.anchor)
        // The ledger is open, so no other process has the site, and nothing was submitted yet.
        if try database.read(Catalogue.needsInstall) { try database.write { [catalogue] db in try Self.upgrade(db, catalogue) } }
        pool = try BlockingPool(threads: configuration.threads.blocking, name: "phrd-disk")
        loginPool = try BlockingPool(threads: 2, name: "phrd-login")
        // Its threads wait for PAM, whose modules may ask a slow directory.
        helperPool = try BlockingPool(threads: configuration.auth.usesPAM ? 32 : 1, name: "phrd-pam")
        loginGuard = try LoginGuard(store: registry.bans, settings: configuration.bans, pool: loginPool, logger: logger)
        folderTable = Mutex((try folders.table(), .now))
    }

    /// Takes over what a running site can of a configuration that was read again. Returns the keys that wait for the next start.
    func use(_ new: Configuration) -> [String] {
        let taken = configuration.taking(over: new)
        settings.withLock { $0 = taken }
        return taken.keysThatDiffer(from: new)
    }

    package func close() {
        audit.withLock { $0.take() }?.close()
        ledger.close()
        pool.stop()
        loginPool.stop()
        helperPool.stop()
        blobs.close()
    }

    /// The pseudonym under which the site's own keys stand on the ledger.
    static func pseudonym(of ledger: Ledger) -> [UInt8] { Array(ledger.chainID.prefix(16)) }

    /// Removes what an interrupted run left: unpublished staging files, blobs without a record, expired partial uploads.
    package func sweep() async throws {
        let staging = try blobs.sweepStaging()
        let expired = try await purgePartials()
        let orphans = try await database.read { [catalogue, blobs] db in
            try blobs.sweepOrphans(olderThan: .zero) { try catalogue.referencesBlob(db, $0) }
        }
        if staging + orphans.count + expired > 0 {
            logger.notice("leftovers removed", metadata: ["staging": "\(staging)", "orphans": "\(orphans.count)", "partials": "\(expired)"])
        }
    }

    /// Removes cut-off uploads that were not resumed in time. Returns how many blobs went.
    @discardableResult
    func purgePartials() async throws -> Int {
        let limit = Self.milliseconds() - Int64(configuration.storage.partial_hours) * 3_600_000
        let (expired, _) = try await ledger.submit([]) { [catalogue] db, _ in
            try catalogue.purgePartials(db, updatedBeforeMilliseconds: limit, limit: 1000)
        }
        try await pool.run { [blobs] in for blob in expired { _ = try blobs.remove(blob) } }
        return expired.count
    }

    /// The folders, at most a second old. Never blocks: an old table is renewed in the background.
    func folderSnapshot() -> FolderTable {
        let (table, isOld) = folderTable.withLock { state in
            let isOld = state.readAt + .seconds(1) < .now
            if isOld { state.readAt = .now }
            return (state.table, isOld)
        }
        if isOld { pool.submit { [self] in try? refreshFolders() } }
        return table
    }

    /// Reads the folders again. Blocks.
    func refreshFolders() throws {
        let table = try folders.table()
        folderTable.withLock { $0 = (table, .now) }
    }

    static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
