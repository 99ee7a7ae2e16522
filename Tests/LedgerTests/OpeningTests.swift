// Opening a ledger: what must match before anything is signed.

import Crypto
import Foundation
import GRDB
import Ledger
import Testing

@Suite struct OpeningTests {
    /// A closed ledger of some blocks.
    private static func closedLedger(_ count: Int = 20) async throws -> TemporaryFolder {
        let test = try TestLedger()
        try await test.fill(count)
        test.ledger.close()
        try test.pool.close()
        return test.folder
    }

    private static func copy(_ folder: TemporaryFolder, _ names: [String], to other: TemporaryFolder) throws {
        for name in names where FileManager.default.fileExists(atPath: folder(name)) {
            try? FileManager.default.removeItem(atPath: other(name))
            try FileManager.default.copyItem(atPath: folder(name), toPath: other(name))
        }
    }

    @Test func refusesADatabaseThatWasPutBack() async throws {
        let folder = try await Self.closedLedger()
        let backup = try TemporaryFolder()
        try Self.copy(folder, ["ledger.db", "ledger.db-wal"], to: backup)
        do {
            let (ledger, pool) = try TestLedger.reopen(folder)
            _ = try await ledger.submit([Fixture.record(99)])
            ledger.close()
            try pool.close()
        }
        for name in ["ledger.db-wal", "ledger.db-shm"] { try? FileManager.default.removeItem(atPath: folder(name)) }
        try Self.copy(backup, ["ledger.db", "ledger.db-wal"], to: folder)
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .databaseBehindAnchor)
    }

    /// The restored database was even continued by someone with the keys, past the anchor: another history.
    @Test func refusesAnotherHistoryOfTheSameLength() async throws {
        let folder = try await Self.closedLedger()
        let fork = try TemporaryFolder()
        try Self.copy(folder, ["ledger.db", "ledger.db-wal", "anchor"], to: fork)
        for (place, seed) in [(folder, 100), (fork, 200)] {
            let (ledger, pool) = try TestLedger.reopen(place)
            _ = try await ledger.submit([Fixture.record(seed)])
            ledger.close()
            try pool.close()
        }
        try Self.copy(fork, ["anchor"], to: folder)
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .anchorContradicts)
    }

    @Test func refusesWithoutItsAnchor() async throws {
        let folder = try await Self.closedLedger()
        try FileManager.default.removeItem(atPath: folder("anchor"))
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .anchorMissing)
    }

    @Test func refusesAnAnchorOfAnotherLog() async throws {
        let folder = try await Self.closedLedger()
        let other = try TemporaryFolder()
        let pool = try LedgerDatabase.open(path: other("ledger.db"))
        let ledger = try Ledger.create(database: pool, keys: .generate(), origin: Fixture.origin, anchor: other("anchor"))
        ledger.close()
        try Self.copy(other, ["anchor"], to: folder)
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .anchorDamaged)
    }

    @Test func takesAnAnchorOneBlockBehind() async throws {
        let folder = try await Self.closedLedger()
        let backup = try TemporaryFolder()
        try Self.copy(folder, ["anchor"], to: backup)
        do {
            let (ledger, pool) = try TestLedger.reopen(folder)
            _ = try await ledger.submit([Fixture.record(99)])
            ledger.close()
            try pool.close()
        }
        try Self.copy(backup, ["anchor"], to: folder)
        let (ledger, _) = try TestLedger.reopen(folder)
        #expect(try ledger.check(full: true).isClean)
        ledger.close()
        let (again, _) = try TestLedger.reopen(folder)
        #expect(again.head == ledger.head)
    }

    /// A cut-off write damages the slot that was to hold the newer checkpoint, and the database is ahead of the other one.
    @Test func aTornNewestSlotIsTakenForACutOffWrite() async throws {
        let folder = try await Self.closedLedger()
        try Self.damageSlot(of: folder, newest: true)
        let (ledger, pool) = try TestLedger.reopen(folder)
        let head = ledger.head
        ledger.close()
        try pool.close()
        let (again, _) = try TestLedger.reopen(folder)
        #expect(again.head == head)
    }

    /// Nothing explains an older slot that cannot be read while the newest one is whole.
    @Test func aDamagedOlderSlotIsRefused() async throws {
        let folder = try await Self.closedLedger()
        try Self.damageSlot(of: folder, newest: false)
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .anchorDamaged)
    }

    @Test(arguments: [0, 100, 8191, 8193]) func refusesAnAnchorOfAnotherLength(byteCount: Int) async throws {
        let folder = try await Self.closedLedger(3)
        let content = try Data(contentsOf: URL(fileURLWithPath: folder("anchor")))
        try Data((content + content).prefix(byteCount)).write(to: URL(fileURLWithPath: folder("anchor")))
        #expect(codeThrown { _ = try TestLedger.reopen(folder) } == .anchorDamaged)
    }

    private static func damageSlot(of folder: TemporaryFolder, newest: Bool) throws {
        let content = try Data(contentsOf: URL(fileURLWithPath: folder("anchor")))
        let sizes = try [0, 4096].map { start in
            let text = String(decoding: content.dropFirst(start).prefix { $0 != 0 }, as: UTF8.self)
            return try CheckpointNote(
                parsing: text,
                verifiedBy: VerifierKey(
                    name: Fixture.origin, publicKey: Array(Fixture.keys.log.publicKey.rawRepresentation))
            ).size
        }
        let newestSlot = sizes[0] > sizes[1] ? 0 : 1
        let file = try #require(FileHandle(forUpdatingAtPath: folder("anchor")))
        try file.seek(toOffset: UInt64((newest ? newestSlot : 1 - newestSlot) * 4096 + 30))
        try file.write(contentsOf: Data([0xff, 0xff]))
        try file.close()
    }

    @Test func refusesASecondProcessOrInstance() async throws {
        let test = try TestLedger()
        #expect(codeThrown { _ = try TestLedger.reopen(test.folder) } == .inUse)
        test.ledger.close()
        #expect(codeThrown { _ = try TestLedger.reopen(test.folder) } == nil)
    }

    @Test func refusesOtherKeys() async throws {
        let folder = try await Self.closedLedger()
        #expect(codeThrown { _ = try TestLedger.reopen(folder, keys: .generate()) } == .wrongKey)
        let mixed = SiteKeys(authority: Fixture.keys.authority, log: SiteKeys.generate().log)
        #expect(codeThrown { _ = try TestLedger.reopen(folder, keys: mixed) } == .wrongKey)
    }

    @Test func refusesToCreateTwice() async throws {
        let folder = try await Self.closedLedger()
        let pool = try LedgerDatabase.open(path: folder("ledger.db"))
        #expect(
            codeThrown {
                _ = try Ledger.create(database: pool, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("other"))
            } == .alreadyExists)
        let fresh = try LedgerDatabase.open(path: folder("fresh.db"))
        #expect(
            codeThrown {
                _ = try Ledger.create(database: fresh, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("anchor"))
            } == .alreadyExists)
        #expect(codeThrown { _ = try Ledger.open(database: fresh, keys: Fixture.keys, anchor: folder("anchor")) } == .notCreated)
        #expect(
            codeThrown {
                _ = try Ledger.create(database: fresh, keys: Fixture.keys, origin: Fixture.origin, anchor: folder("no/such/folder"))
            } == .storage)
        #expect(
            codeThrown {
                _ = try Ledger.create(database: fresh, keys: Fixture.keys, origin: "two words", anchor: folder("third"))
            } == .invalidOrigin)
    }

    @Test func anAnchorFileIsForItsOwnerOnly() async throws {
        let folder = try await Self.closedLedger(1)
        let mode = try FileManager.default.attributesOfItem(atPath: folder("anchor"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
