// Every change of a stored byte is reported by the check.

import Foundation
import GRDB
import Ledger
import Synchronization
import Testing

@Suite struct CheckTests {
    /// More than one full tile, so that every table has rows.
    private static func ledger() async throws -> TestLedger {
        let test = try TestLedger()
        try await test.fill(289, perBlock: 29)
        _ = try await test.ledger.submit(try Fixture.oneOfEach())
        return test
    }

    private static func change(_ test: TestLedger, _ sql: String, _ arguments: StatementArguments = []) async throws {
        try await test.pool.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    @Test func aSoundLogIsClean() async throws {
        let test = try await Self.ledger()
        let seen = Mutex<[UInt64]>([])
        let report = try test.ledger.check(full: true) { done, total in
            seen.withLock { $0.append(done) }
            #expect(done <= total)
        }
        #expect(report.isClean && report.problems.isEmpty)
        #expect(report.entryCount == test.ledger.head.size)
        #expect(report.transactionCount == 300 && report.blockCount == 12 && report.tileCount == 1)
        #expect(seen.withLock { $0.last } == test.ledger.head.size)
    }

    /// One bit of every stored entry and leaf hash in turn, with the entry named in the report.
    @Test(arguments: ["body", "leaf_hash"]) func namesTheEntryOfAFlippedBit(column: String) async throws {
        let test = try await Self.ledger()
        for index in stride(from: 0, to: Int64(test.ledger.head.size), by: 11) {
            let stored = try await test.pool.read {
                try #require(try Data.fetchOne($0, sql: "SELECT \(column) FROM ledger_entry WHERE idx = ?", arguments: [index]))
            }
            var changed = stored
            let position = Int.random(in: 0..<changed.count)
            changed[changed.startIndex + position] ^= 1 << UInt8.random(in: 0..<8)
            try await Self.change(test, "UPDATE ledger_entry SET \(column) = ? WHERE idx = ?", [changed, index])
            let report = try test.ledger.check(full: false)
            #expect(report.problems.contains { $0.place == "entry \(index)" }, "byte \(position) of entry \(index)")
            try await Self.change(test, "UPDATE ledger_entry SET \(column) = ? WHERE idx = ?", [stored, index])
        }
        #expect(try test.ledger.check(full: true).isClean)
    }

    /// Someone who can recompute hashes but has no key.
    @Test func aForgedLogIsNoticedByItsSignatures() async throws {
        let test = try await Self.ledger()
        let other = try TestLedger()
        try await other.fill(290, perBlock: 29)
        _ = try await other.ledger.submit(try Fixture.oneOfEach())
        for index in [2, 5, 200] as [Int64] {
            let columns = try await other.pool.read { database in
                try ["body", "leaf_hash"].map { column in
                    try Data.fetchOne(database, sql: "SELECT \(column) FROM ledger_entry WHERE idx = ?", arguments: [index])
                }
            }
            try await Self.change(
                test, "UPDATE ledger_entry SET body = ?, leaf_hash = ? WHERE idx = ?", [columns[0], columns[1], index])
        }
        let report = try test.ledger.check(full: true)
        #expect(Set(report.problems.map(\.place)).isSuperset(of: ["entry 2", "entry 5", "entry 200", "table ledger_head"]))
    }

    @Test(arguments: [
        ("DELETE FROM ledger_entry WHERE idx = 7", "entry 7"),
        ("DELETE FROM ledger_entry WHERE idx = (SELECT max(idx) FROM ledger_entry)", "entry 312"),
        ("UPDATE ledger_entry SET leaf_hash = x'00' WHERE idx = 9", "entry 9"),
        ("UPDATE ledger_entry SET body = x'' WHERE idx = 9", "entry 9"),
        ("INSERT INTO ledger_entry SELECT 314, leaf_hash, body FROM ledger_entry WHERE idx = 2", "table ledger_entry"),
        ("UPDATE ledger_entry SET idx = -1 WHERE idx = 3", "entry 3"),
        ("INSERT INTO ledger_entry SELECT -1, leaf_hash, body FROM ledger_entry WHERE idx = 2", "table ledger_entry"),
        ("DELETE FROM ledger_tile", "tile 0/0"),
        ("UPDATE ledger_tile SET body = zeroblob(8192)", "tile 0/0"),
        ("UPDATE ledger_tile SET body = substr(body, 1, 8191)", "tile 0/0"),
        ("INSERT INTO ledger_tile VALUES (1, 0, x'00')", "table ledger_tile"),
        ("DELETE FROM ledger_block WHERE height = 3", "table ledger_block"),
        ("UPDATE ledger_block SET header_idx = 4 WHERE height = 3", "table ledger_block"),
        ("INSERT INTO ledger_block VALUES (99, 1)", "table ledger_block"),
        ("DELETE FROM ledger_head", "table ledger_head"),
        ("UPDATE ledger_head SET size = size - 1", "table ledger_head"),
        ("UPDATE ledger_head SET root = zeroblob(32)", "table ledger_head"),
        ("UPDATE ledger_head SET frontier = zeroblob(length(frontier))", "table ledger_head"),
        ("UPDATE ledger_head SET frontier = x''", "table ledger_head"),
        ("UPDATE ledger_head SET height = height + 1", "table ledger_head"),
        ("UPDATE ledger_head SET sequence = sequence + 1", "table ledger_head"),
        ("UPDATE ledger_head SET note = replace(note, 'a', 'b')", "table ledger_head"),
        ("UPDATE ledger_head SET note = ''", "table ledger_head"),
    ])
    func reportsChangedRows(sql: String, place: String) async throws {
        let test = try await Self.ledger()
        #expect(test.ledger.head.size == 313)
        try await Self.change(test, sql)
        let report = try test.ledger.check(full: true)
        #expect(!report.isClean)
        #expect(report.problems.contains { $0.place == place }, "\(report.problems)")
    }

    @Test func countsMoreProblemsThanItLists() async throws {
        let test = try await Self.ledger()
        try await Self.change(test, "UPDATE ledger_entry SET leaf_hash = x'00'")
        let report = try test.ledger.check(full: false)
        #expect(report.problems.count == 100)
        #expect(report.problemCount >= 313)
    }

    @Test func runsWhileTheLedgerGoesOn() async throws {
        let test = try await Self.ledger()
        async let writing: Void = {
            for number in 0..<40 { _ = try await test.ledger.submit([Fixture.record(number)]) }
        }()
        for _ in 0..<3 { #expect(try test.ledger.check(full: false).isClean) }
        try await writing
        #expect(try test.ledger.check(full: true).isClean)
    }
}
