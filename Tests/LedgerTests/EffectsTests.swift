// The caller's own changes inside a block's transaction.

import Foundation
import GRDB
import Ledger
import Testing

@Suite struct EffectsTests {
    private struct Refused: Error, Equatable {}

    private static func ledgerWithCatalogue() throws -> TestLedger {
        let test = try TestLedger()
        try test.pool.write { try $0.execute(sql: "CREATE TABLE catalogue (name TEXT PRIMARY KEY, idx INTEGER NOT NULL)") }
        return test
    }

    private static func add(_ name: String, to ledger: Ledger, failing: Bool = false) async throws -> Receipt {
        try await ledger.submit([Fixture.record(1)]) { database, indices in
            try database.execute(sql: "INSERT INTO catalogue VALUES (?, ?)", arguments: [name, Int64(indices[0])])
            if failing { throw Refused() }
        }.1
    }

    private static func names(_ pool: DatabasePool) throws -> [String] {
        try pool.read { try String.fetchAll($0, sql: "SELECT name FROM catalogue ORDER BY idx") }
    }

    @Test func areCommittedWithTheBlockAndSeeTheirIndices() async throws {
        let test = try Self.ledgerWithCatalogue()
        let (result, receipt) = try await test.ledger.submit([Fixture.record(1), Fixture.record(2)]) { database, indices in
            for index in indices {
                try database.execute(sql: "INSERT INTO catalogue VALUES (?, ?)", arguments: ["n\(index)", Int64(index)])
            }
            return indices.count
        }
        #expect(result == 2)
        #expect(receipt.indices == [2, 3])
        #expect(try Self.names(test.pool) == ["n2", "n3"])
    }

    @Test func aFailureUndoesThatSubmissionAlone() async throws {
        let test = try Self.ledgerWithCatalogue()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<60 {
                group.addTask { (try? await Self.add("n\(number)", to: test.ledger, failing: number % 3 == 0)) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 40)
        #expect(try Self.names(test.pool).count == 40)
        let report = try test.ledger.check(full: true)
        #expect(report.isClean)
        #expect(report.transactionCount == 40)
        #expect(test.ledger.head.size == 2 + 40 + test.ledger.head.height)
    }

    @Test func theCallersErrorComesBack() async throws {
        let test = try Self.ledgerWithCatalogue()
        _ = try await Self.add("a", to: test.ledger)
        await #expect(throws: Refused()) { try await Self.add("b", to: test.ledger, failing: true) }
        await #expect(throws: DatabaseError.self) { try await Self.add("a", to: test.ledger) }
        #expect(try Self.names(test.pool) == ["a"])
        _ = try await Self.add("b", to: test.ledger)
        #expect(try test.ledger.check(full: true).isClean)
    }

    @Test func withoutTransactionsTheyAreADurableWriteAndNoBlock() async throws {
        let test = try Self.ledgerWithCatalogue()
        let head = test.ledger.head
        let (_, receipt) = try await test.ledger.submit([]) { database, indices in
            #expect(indices.isEmpty)
            try database.execute(sql: "INSERT INTO catalogue VALUES ('x', 0)")
        }
        #expect(receipt.indices.isEmpty && receipt.head == head)
        #expect(try Self.names(test.pool) == ["x"])
    }
}
