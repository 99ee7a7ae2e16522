// What the ledger's tests share: folders, keys, transactions, and storage that fails on purpose.

import CanonicalEncoding
import Foundation
import GRDB
import Ledger
import MerkleTree
import Synchronization
import Testing

/// A folder of its own for each test, gone afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("phr-ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

enum Fixture {
    static let origin = "phr.example/site-a"
    static let keys: SiteKeys = {
        do {
            return try SiteKeys(authoritySeed: [UInt8](32..<64), logSeed: [UInt8](0..<32))
        } catch {
            preconditionFailure("seeds have 32 bytes")
        }
    }()

    static func bytes(_ seed: Int, count: Int) -> [UInt8] {
        var hash = MerkleHash.leaf([UInt8]("fixture \(seed)".utf8))
        while hash.count < count { hash += MerkleHash.leaf(hash) }
        return Array(hash.prefix(count))
    }

    static func opening(_ seed: Int, revision: UInt64 = 0) throws -> RecordOpening {
        try RecordOpening(
            salt: bytes(seed + 1_000_000_000, count: 32), objectID: bytes(seed + 2_000_000_000, count: 16),
            envelopeRoot: bytes(seed + 3_000_000_000, count: 32), headersDigest: bytes(seed + 4_000_000_000, count: 32), headerRevision: revision)
    }

    static func record(_ seed: Int, version: UInt64 = 1) -> TransactionBody {
        .record(
            RecordTransaction(
                recordID: bytes(seed, count: 16), version: version, ownerPseudonym: bytes(-1, count: 16), commitment: bytes(seed + 7, count: 32),
                envelopeRoot: bytes(seed + 2, count: 32), envelopeByteCount: UInt64(1000 + seed),
                previousCommitment: version > 1 ? bytes(seed + 6, count: 32) : nil))
    }

    /// One transaction of each type.
    static func oneOfEach() throws -> [TransactionBody] {
        [
            record(1), record(2, version: 2),
            .header(
                HeaderTransaction(
                    recordID: bytes(1, count: 16), version: 1, headerRevision: 1, commitment: try opening(1, revision: 1).commitment,
                    signerKeyID: bytes(9, count: 16))),
            .key(KeyTransaction(pseudonym: bytes(-1, count: 16), role: .patient, bundle: bytes(10, count: 1300), sequence: 0)),
            .tombstone(TombstoneTransaction(recordID: bytes(1, count: 16), version: 1)),
            .access(AccessTransaction(recordID: bytes(2, count: 16), version: 2, readerPseudonym: bytes(-2, count: 16), purpose: 3)),
            .authority(AuthorityTransaction(pseudonym: bytes(-1, count: 16), sequence: 0, epoch: 1, record: bytes(11, count: 2000))),
            .issue(
                IssueTransaction(
                    authorityPseudonym: bytes(-1, count: 16), epoch: 1, commitment: bytes(12, count: 32), issuerKeyID: bytes(13, count: 16))),
            .policy(
                PolicyTransaction(
                    ownerPseudonym: bytes(-1, count: 16), folderID: bytes(14, count: 16), sequence: 0, commitment: bytes(15, count: 32))),
            .emergency(
                EmergencyTransaction(
                    ownerPseudonym: bytes(-1, count: 16), holderPseudonym: bytes(-2, count: 16), commitment: bytes(16, count: 32))),
            .audit(AuditTransaction(lineCount: 17, digest: bytes(17, count: 32))),
        ]
    }

    /// The commitment of the record that `opening(seed)` opens.
    static func recordWithOpening(_ seed: Int) throws -> (TransactionBody, RecordOpening) {
        let opening = try opening(seed)
        let body = RecordTransaction(
            recordID: bytes(seed, count: 16), version: 1, ownerPseudonym: bytes(-1, count: 16), commitment: opening.commitment,
            envelopeRoot: opening.envelopeRoot, envelopeByteCount: 99, previousCommitment: nil)
        return (.record(body), opening)
    }
}

/// A ledger in a folder of its own.
struct TestLedger {
    let folder: TemporaryFolder
    let pool: DatabasePool
    let ledger: Ledger

    init(folder: TemporaryFolder, pool: DatabasePool, ledger: Ledger) {
        self.folder = folder
        self.pool = pool
        self.ledger = ledger
    }

    init(storage: (any LedgerStorage) -> any LedgerStorage = { $0 }, clock: @escaping @Sendable () -> UInt64 = Ledger.wallClock) throws {
        folder = try TemporaryFolder()
        pool = try LedgerDatabase.open(path: folder("ledger.db"))
        ledger = try Ledger.create(
            database: pool, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("anchor"), clock: clock, storage: storage)
    }

    /// Adds `count` records, some to a block.
    func fill(_ count: Int, perBlock: Int = 7) async throws {
        for start in stride(from: 0, to: count, by: perBlock) {
            _ = try await ledger.submit((start..<min(start + perBlock, count)).map { Fixture.record($0) })
        }
    }

    /// Opens the same files again; the first ledger must be closed.
    static func reopen(
        _ folder: TemporaryFolder, keys: SiteKeys = Fixture.keys, storage: (any LedgerStorage) -> any LedgerStorage = { $0 }
    ) throws -> (Ledger, DatabasePool) {
        let pool = try LedgerDatabase.open(path: folder("ledger.db"))
        return (try Ledger.open(database: pool, keys: keys, anchor: folder("anchor"), storage: storage), pool)
    }
}

/// Storage whose next call of one kind fails, before or after it did its work, or damages what passes through.
final class FaultyStorage: LedgerStorage {
    enum Step: String, Sendable, CaseIterable { case insert, commit, anchor }
    enum Fault: Sendable, CaseIterable { case failed, failedButDone }

    struct Injected: Error, Equatable { var step: Step }

    private let base: any LedgerStorage
    private let armed = Mutex<(Step, Fault)?>(nil)
    private let damage = Mutex<(@Sendable (inout [EntryRow]) -> Void)?>(nil)

    init(_ base: any LedgerStorage) { self.base = base }

    func arm(_ step: Step, _ fault: Fault) { armed.withLock { $0 = (step, fault) } }
    func damageNextInsert(_ change: @escaping @Sendable (inout [EntryRow]) -> Void) { damage.withLock { $0 = change } }

    func insert(_ rows: [EntryRow], into database: Database) throws {
        var rows = rows
        if let change = damage.withLock({ $0.take() }) { change(&rows) }
        try run(.insert) { try base.insert(rows, into: database) }
    }

    func commit(_ database: Database) throws { try run(.commit) { try base.commit(database) } }
    func writeAnchor(_ checkpoint: String) throws { try run(.anchor) { try base.writeAnchor(checkpoint) } }
    func close() { base.close() }

    private func run(_ step: Step, _ work: () throws -> Void) throws {
        let fault: Fault? = armed.withLock { armed in
            guard let (wanted, fault) = armed, wanted == step else { return nil }
            armed = nil
            return fault
        }
        if fault == .failed { throw Injected(step: step) }
        try work()
        if fault == .failedButDone { throw Injected(step: step) }
    }
}

/// Runs `work` and gives the code of the ledger error it throws.
func codeThrown(by work: () throws -> Void) -> LedgerError.Code? {
    do {
        try work()
        return nil
    } catch {
        return (error as? LedgerError)?.code
    }
}

func codeThrown(by work: () async throws -> Void) async -> LedgerError.Code? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? LedgerError)?.code
    }
}
