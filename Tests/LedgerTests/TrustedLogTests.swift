// What a client remembers, and how it notices a log that goes back or forks.

import Foundation
import GRDB
import Ledger
import Testing

@Suite struct TrustedLogTests {
    /// Two ledgers with the same keys and start that went different ways: a fork.
    private static func fork() async throws -> (honest: TestLedger, other: Ledger, shared: String) {
        let honest = try TestLedger()
        try await honest.fill(30)
        let shared = honest.ledger.checkpoint
        let folder = try TemporaryFolder()
        honest.ledger.close()
        try honest.pool.close()
        for name in ["ledger.db", "ledger.db-wal", "anchor"] where FileManager.default.fileExists(atPath: honest.folder(name)) {
            try FileManager.default.copyItem(atPath: honest.folder(name), toPath: folder(name))
        }
        let (first, _) = try TestLedger.reopen(honest.folder)
        let (second, _) = try TestLedger.reopen(folder)
        for number in 0..<10 {
            _ = try await first.submit([Fixture.record(1000 + number)])
            _ = try await second.submit([Fixture.record(2000 + number)])
        }
        return (TestLedger(folder: honest.folder, pool: honest.pool, ledger: first), second, shared)
    }

    @Test func pinsThenAdvancesWithProofs() async throws {
        let test = try TestLedger()
        var log = TrustedLog(verifierKey: test.ledger.verifierKey)
        #expect(log.neededProof(for: 10) == nil)
        #expect(try log.accept(test.ledger.checkpoint) == .pinned)
        for _ in 0..<5 {
            let from = test.ledger.head.size
            try await test.fill(20, perBlock: 4)
            let size = try log.read(test.ledger.checkpoint).size
            let needed = try #require(log.neededProof(for: size))
            #expect(needed == from..<size)
            let path = try test.ledger.consistencyProof(from: needed.lowerBound, to: needed.upperBound)
            #expect(try log.accept(test.ledger.checkpoint, consistency: path) == .advanced(from: from))
            #expect(try log.accept(test.ledger.checkpoint) == .unchanged)
            #expect(log.checkpoint?.size == size)
        }
    }

    @Test func needsAProofToAdvance() async throws {
        let test = try TestLedger()
        var log = TrustedLog(verifierKey: test.ledger.verifierKey)
        _ = try log.accept(test.ledger.checkpoint)
        let before = log
        try await test.fill(10)
        let note = test.ledger.checkpoint
        #expect(codeThrown { _ = try log.accept(note) } == .consistencyNeeded)
        #expect(codeThrown { _ = try log.accept(note, consistency: []) } == .fork)
        #expect(log == before)
    }

    @Test func neverGoesBack() async throws {
        let test = try TestLedger()
        let old = test.ledger.checkpoint
        try await test.fill(10)
        var log = TrustedLog(verifierKey: test.ledger.verifierKey)
        _ = try log.accept(test.ledger.checkpoint)
        let before = log
        do {
            _ = try log.accept(old)
            Issue.record("a smaller checkpoint was accepted")
        } catch {
            #expect(error.code == .rollback)
            #expect(error.evidence?.remembered == before.checkpoint?.text)
            #expect(error.evidence?.offered == old)
        }
        #expect(log == before)
    }

    @Test func noticesAnotherRootOfTheSameSize() async throws {
        let (honest, other, _) = try await Self.fork()
        #expect(honest.ledger.head.size == other.head.size)
        var log = TrustedLog(verifierKey: other.verifierKey)
        _ = try log.accept(honest.ledger.checkpoint)
        let note = other.checkpoint
        #expect(codeThrown { _ = try log.accept(note) } == .fork)
    }

    @Test func noticesAForkBehindARealProof() async throws {
        let (honest, other, shared) = try await Self.fork()
        var log = TrustedLog(verifierKey: other.verifierKey)
        _ = try log.accept(shared)
        let sharedSize = try #require(log.checkpoint?.size)
        let path = try honest.ledger.consistencyProof(from: sharedSize, to: honest.ledger.head.size)
        #expect(try log.accept(honest.ledger.checkpoint, consistency: path) == .advanced(from: sharedSize))
        let size = honest.ledger.head.size
        _ = try await other.submit([Fixture.record(1)])
        let note = other.checkpoint
        let forked = try other.consistencyProof(from: size, to: other.head.size)
        do {
            _ = try log.accept(note, consistency: forked)
            Issue.record("a fork was accepted")
        } catch {
            #expect(error.code == .fork)
            let evidence = try #require(error.evidence)
            #expect(evidence.path == forked)
            #expect(evidence.text.contains(note))
        }
        #expect(log.checkpoint?.size == size)
    }

    @Test func refusesForeignSignatures() throws {
        let test = try TestLedger()
        let key = try VerifierKey(name: Fixture.origin, publicKey: [UInt8](repeating: 7, count: 32))
        var log = TrustedLog(verifierKey: key)
        #expect(codeThrown { _ = try log.accept(test.ledger.checkpoint) } == .unknownKey)
        #expect(log.checkpoint == nil)
    }

    @Test func isKeptAsText() async throws {
        let test = try TestLedger()
        var log = TrustedLog(verifierKey: test.ledger.verifierKey)
        #expect(try TrustedLog(parsing: log.text) == log)
        _ = try log.accept(test.ledger.checkpoint)
        #expect(try TrustedLog(parsing: log.text) == log)
        let text = log.text
        for damaged in ["", "phr-trusted-log/v1\n", text.replacing("\n2\n", with: "\n3\n"), text.replacing("vkey", with: "key"), String(text.dropLast(2))] {
            #expect(codeThrown { _ = try TrustedLog(parsing: damaged) } != nil)
        }
    }
}
