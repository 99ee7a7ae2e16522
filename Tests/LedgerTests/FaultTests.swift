// Writes that fail, or that are reported as failed although they were done, and damage on the way to the disk.

import Foundation
import GRDB
import Ledger
import Synchronization
import Testing

@Suite struct FaultTests {
    /// A ledger with its faulty storage at hand.
    private static func ledger() throws -> (TestLedger, FaultyStorage) {
        let holder = Mutex<FaultyStorage?>(nil)
        let test = try TestLedger(storage: { base in
            let faulty = FaultyStorage(base)
            holder.withLock { $0 = faulty }
            return faulty
        })
        return (test, try #require(holder.withLock { $0 }))
    }

    @Test(arguments: FaultyStorage.Step.allCases, FaultyStorage.Fault.allCases)
    func aFailedWriteStopsTheLedgerAndNothingAcknowledgedIsLost(step: FaultyStorage.Step, fault: FaultyStorage.Fault) async throws {
        let (test, storage) = try Self.ledger()
        try await test.fill(20)
        let head = test.ledger.head
        storage.arm(step, fault)
        #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(50)]) } == .stopped)
        #expect(test.ledger.head == head)
        for _ in 0..<3 { #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(51)]) } == .stopped) }
        test.ledger.close()
        try test.pool.close()

        let (reopened, _) = try TestLedger.reopen(test.folder)
        #expect(try reopened.check(full: true).isClean)
        // What the caller was told failed may still be there, but only after COMMIT.
        let mayBeThere = step == .anchor || (step == .commit && fault == .failedButDone)
        #expect(reopened.head.size == head.size + (mayBeThere ? 2 : 0))
        #expect(try await reopened.submit([Fixture.record(60)]).indices == [head.size + (mayBeThere ? 2 : 0)])
    }

    @Test(arguments: FaultyStorage.Step.allCases)
    func everyoneWhoWaitsIsToldOfTheFailure(step: FaultyStorage.Step) async throws {
        let (test, storage) = try Self.ledger()
        storage.arm(step, .failed)
        let codes = await withTaskGroup(of: LedgerError.Code?.self) { group in
            for number in 0..<40 { group.addTask { await codeThrown { _ = try await test.ledger.submit([Fixture.record(number)]) } } }
            return await group.reduce(into: [LedgerError.Code?]()) { $0.append($1) }
        }
        #expect(codes == [LedgerError.Code?](repeating: .stopped, count: 40))
    }

    /// Each damage is one flipped bit or one swapped row between memory and the database.
    @Test(arguments: 0..<8)
    func aDamagedBlockIsNeverCommitted(kind: Int) async throws {
        let (test, storage) = try Self.ledger()
        try await test.fill(20)
        let head = test.ledger.head
        storage.damageNextInsert { rows in
            let last = rows.count - 1
            switch kind {
            case 0: rows[0].body[40] ^= 1
            case 1: rows[0].leafHash[3] ^= 0x80
            case 2: rows[last].body[100] ^= 4
            case 3: rows[last].leafHash[31] ^= 1
            case 4: rows.swapAt(0, 1); (rows[0].index, rows[1].index) = (rows[1].index, rows[0].index)
            case 5: rows.remove(at: 0)
            case 6: rows[1].body.removeLast()
            default: rows[0].body[rows[0].body.count - 1] ^= 1  // the signature
            }
        }
        #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(1), Fixture.record(2)]) } == .stopped)
        #expect(test.ledger.head == head)
        test.ledger.close()
        try test.pool.close()
        let (reopened, _) = try TestLedger.reopen(test.folder)
        #expect(reopened.head == head)
        #expect(try reopened.check(full: true).isClean)
    }

    @Test func aFullDatabaseRefusesBeforeItCommits() async throws {
        let test = try TestLedger()
        try await test.fill(20)
        let head = test.ledger.head
        let pages = try await test.pool.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try await test.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        let large = (0..<1000).map { Fixture.record($0) }
        #expect(await codeThrown { _ = try await test.ledger.submit(large) } == .diskFull)
        #expect(test.ledger.head == head)
        #expect(try test.ledger.check(full: true).isClean)
        try await test.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(try await test.ledger.submit(large).indices.first == head.size)
        #expect(try test.ledger.check(full: true).isClean)
    }

    @Test func aSecondWriterIsNoticed() async throws {
        let test = try TestLedger()
        try await test.pool.write { try $0.execute(sql: "UPDATE ledger_head SET size = size + 1") }
        #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(1)]) } == .stopped)
    }
}
