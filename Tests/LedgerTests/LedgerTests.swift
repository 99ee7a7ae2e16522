// Submitting, reading back, and proving.

import CanonicalEncoding
import Crypto
import Foundation
import GRDB
import Ledger
import MerkleTree
import Testing

@Suite struct LedgerTests {
    @Test func startsWithGenesisAndHeader() throws {
        let test = try TestLedger()
        #expect(test.ledger.head.size == 2)
        #expect(test.ledger.head.height == 0)
        guard case .genesis(let genesis) = try LogEntry(decoding: test.ledger.entry(at: 0)) else {
            Issue.record("entry 0 is not a genesis entry")
            return
        }
        #expect(genesis.origin == Fixture.origin)
        #expect(genesis.logVerifierKey == test.ledger.verifierKey.text)
        #expect(genesis.chainID == test.ledger.chainID)
        #expect(genesis.authorityKey == Array(Fixture.keys.authority.publicKey.rawRepresentation))
        guard case .header(let header) = try LogEntry(decoding: test.ledger.entry(at: 1)) else {
            Issue.record("entry 1 is not a header")
            return
        }
        #expect(header.isSigned(by: Fixture.keys.authority.publicKey))
        #expect(header.content.firstIndex == 0 && header.content.transactionCount == 1)
        #expect(try test.ledger.check(full: true).isClean)
    }

    @Test func putsEachTypeOfTransactionIntoABlock() async throws {
        let test = try TestLedger()
        let bodies = try Fixture.oneOfEach()
        let receipt = try await test.ledger.submit(bodies)
        #expect(receipt.indices == Array(2...12))
        #expect(receipt.head.size == 14)
        #expect(receipt.head.height == 1)
        #expect(receipt.head == test.ledger.head)
        for (index, body) in zip(receipt.indices, bodies) {
            guard case .transaction(let transaction) = try LogEntry(decoding: test.ledger.entry(at: index)) else {
                Issue.record("entry \(index) is no transaction")
                continue
            }
            #expect(transaction.body == body)
            #expect(transaction.chainID == test.ledger.chainID)
            #expect(transaction.isSigned(by: Fixture.keys.authority.publicKey))
            #expect(transaction.sequence == index - 1)
        }
        let report = try test.ledger.check(full: true)
        #expect(report.isClean)
        #expect(report.entryCount == 14 && report.transactionCount == 11 && report.blockCount == 2)
    }

    @Test func checkpointIsSignedAndMatchesTheHead() async throws {
        let test = try TestLedger()
        try await test.fill(20)
        let note = try CheckpointNote(parsing: test.ledger.checkpoint, verifiedBy: test.ledger.verifierKey)
        #expect(note.size == test.ledger.head.size)
        #expect(note.root == test.ledger.head.root)
        #expect(note.origin == Fixture.origin)
    }

    @Test func manyAtOnceShareBlocksAndKeepTheirIndices() async throws {
        let test = try TestLedger()
        let indices = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for worker in 0..<32 {
                group.addTask {
                    var indices: [UInt64] = []
                    for number in 0..<8 {
                        let body = Fixture.record(worker * 100 + number)
                        let receipt = try await test.ledger.submit([body])
                        let index = try #require(receipt.indices.first)
                        #expect(index < receipt.head.size)
                        guard case .transaction(let found) = try LogEntry(decoding: test.ledger.entry(at: index)) else { continue }
                        #expect(found.body == body)
                        indices.append(index)
                    }
                    return indices
                }
            }
            return try await group.reduce(into: [UInt64]()) { $0 += $1 }
        }
        #expect(Set(indices).count == 256)
        #expect(test.ledger.head.height < 256)
        #expect(try test.ledger.check(full: true).isClean)
    }

    @Test func proofsVerifyForEveryEntryAndSizeAcrossTiles() async throws {
        let test = try TestLedger()
        try await test.fill(600, perBlock: 60)
        let size = test.ledger.head.size
        #expect(size > 512)
        let hashes = try (0..<size).map { MerkleHash.leaf(try test.ledger.entry(at: $0)) }
        var frontier = MerkleFrontier()
        for (index, hash) in hashes.enumerated() {
            frontier.append(leafHash: hash)
            if index % 37 == 0 { #expect(try test.ledger.root(size: UInt64(index) + 1) == frontier.root) }
        }
        #expect(frontier.root == test.ledger.head.root)
        for index in stride(from: 0, to: size, by: 13) {
            for proofSize in [index + 1, (index + size) / 2 + 1, size] where proofSize <= size {
                let path = try test.ledger.inclusionProof(index: index, size: proofSize)
                try MerkleProof.verifyInclusion(
                    leafHash: hashes[Int(index)], index: index, size: proofSize, path: path, root: test.ledger.root(size: proofSize))
            }
            let path = try test.ledger.consistencyProof(from: index + 1, to: size)
            try MerkleProof.verifyConsistency(
                from: index + 1, to: size, path: path, fromRoot: test.ledger.root(size: index + 1), toRoot: test.ledger.head.root)
        }
    }

    @Test func refusesProofsOutsideTheLog() throws {
        let test = try TestLedger()
        #expect(codeThrown { _ = try test.ledger.inclusionProof(index: 2, size: 2) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.inclusionProof(index: 0, size: 3) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.inclusionProof(index: 0, size: 0) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.consistencyProof(from: 0, to: 2) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.consistencyProof(from: 2, to: 1) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.consistencyProof(from: 1, to: .max) } == .outOfRange)
        #expect(codeThrown { _ = try test.ledger.entry(at: 2) } == .outOfRange)
    }

    @Test func tilesAndBundlesHoldWhatTheTreeHolds() async throws {
        let test = try TestLedger()
        try await test.fill(600, perBlock: 60)
        let size = test.ledger.head.size
        let entries = try (0..<size).map { try test.ledger.entry(at: $0) }
        let hashes = entries.map { MerkleHash.leaf($0) }
        let partial = size % 256

        let bundle = try #require(try test.ledger.tile(path: "tile/entries/001"))
        #expect(try EntryBundle.decode(bundle) == Array(entries[256..<512]))
        let rest = try #require(try test.ledger.tile(path: "tile/entries/002.p/\(partial)"))
        #expect(try EntryBundle.decode(rest) == Array(entries[512...]))
        #expect(try test.ledger.tile(path: "tile/0/001") == Array(hashes[256..<512].joined()))
        #expect(try test.ledger.tile(path: "tile/0/001.p/5") == Array(hashes[256..<261].joined()))
        #expect(try test.ledger.tile(path: "tile/0/002.p/\(partial)") == Array(hashes[512...].joined()))
        var full = MerkleFrontier()
        for hash in hashes[..<256] { full.append(leafHash: hash) }
        #expect(try test.ledger.tile(path: "tile/1/000.p/1") == full.root)
        for absent in [
            "tile/0/002", "tile/0/002.p/\(partial + 1)", "tile/1/000.p/3", "tile/2/000.p/1", "tile/entries/002",
            "tile/entries/x999/x999/x999/x999/999.p/1", "tile/7/x999/x999/x999/x999/999", "checkpoint", "",
        ] {
            #expect(try test.ledger.tile(path: absent) == nil, "\(absent)")
        }
    }

    @Test func survivesReopening() async throws {
        let test = try TestLedger()
        try await test.fill(300, perBlock: 50)
        let head = test.ledger.head
        test.ledger.close()
        let (ledger, _) = try TestLedger.reopen(test.folder)
        #expect(ledger.head == head)
        let receipt = try await ledger.submit([Fixture.record(1)])
        #expect(receipt.indices == [head.size])
        #expect(receipt.head.height == head.height + 1)
        let path = try ledger.consistencyProof(from: head.size, to: receipt.head.size)
        try MerkleProof.verifyConsistency(
            from: head.size, to: receipt.head.size, path: path, fromRoot: head.root, toRoot: receipt.head.root)
        #expect(try ledger.check(full: true).isClean)
    }

    @Test func refusesAfterClosing() async throws {
        let test = try TestLedger()
        test.ledger.close()
        test.ledger.close()
        #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(1)]) } == .closed)
    }

    @Test func refusesMalformedTransactionsBeforeTheyAreSigned() async throws {
        let test = try TestLedger()
        let head = test.ledger.head
        let bad: [TransactionBody] = [
            .tombstone(TombstoneTransaction(recordID: [1], version: 1)),
            .tombstone(TombstoneTransaction(recordID: Fixture.bytes(1, count: 16), version: 0)),
            .key(KeyTransaction(pseudonym: Fixture.bytes(1, count: 16), role: .clinic, bundle: [UInt8](repeating: 0, count: 48 * 1024), sequence: 0)),
        ]
        for body in bad { #expect(await codeThrown { _ = try await test.ledger.submit([body]) } == .invalidTransaction) }
        let tooMany = [TransactionBody](repeating: Fixture.record(1), count: 1001)
        #expect(await codeThrown { _ = try await test.ledger.submit(tooMany) } == .invalidTransaction)
        #expect(test.ledger.head == head)
        #expect(try await test.ledger.submit([TransactionBody](repeating: Fixture.record(1), count: 1000)).head.height == 1)
    }

    @Test func timesRiseAlthoughTheClockGoesBack() async throws {
        let clock = ManualClock(1_700_000_000_000)
        let test = try TestLedger(clock: { clock.now })
        func lastHeader() throws -> BlockHeader.Content {
            guard case .header(let header) = try LogEntry(decoding: test.ledger.entry(at: test.ledger.head.size - 1)) else {
                throw LedgerError(.damaged, "no header")
            }
            return header.content
        }
        clock.now -= 1_000
        _ = try await test.ledger.submit([Fixture.record(1)])
        #expect(try lastHeader().time == 1_700_000_000_001)
        #expect(try lastHeader().flags == 0)
        clock.now -= 60_000
        _ = try await test.ledger.submit([Fixture.record(2)])
        #expect(try lastHeader().time == 1_700_000_000_002)
        #expect(try lastHeader().flags == BlockHeader.clockWasBehind)
        clock.now -= 3_600_000
        #expect(await codeThrown { _ = try await test.ledger.submit([Fixture.record(3)]) } == .clockBehind)
        clock.now = 1_700_000_100_000
        #expect(try await test.ledger.submit([Fixture.record(3)]).head.time == 1_700_000_100_000)
        #expect(try test.ledger.check(full: true).isClean)
    }
}
