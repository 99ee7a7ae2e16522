// The published log of version 1: it verifies for ever, here and with an independent program.

import CanonicalEncoding
import Crypto
import Foundation
import Ledger
import MerkleTree
import Testing

/// Where the vectors and the scripts are.
enum Published {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = tests.appendingPathComponent("Vectors/phr-ledger/v1")
    static let verifier = tests.appendingPathComponent("Scripts/verify_checkpoint.py").path

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }
    static func verifierKey() throws -> VerifierKey { try VerifierKey(parsing: String(text("log.vkey").dropLast())) }
    static func vectors() throws -> LogVectors {
        try JSONDecoder().decode(LogVectors.self, from: Data(contentsOf: folder.appendingPathComponent("vectors.json")))
    }

    /// For test arguments: an empty list would hide that the file cannot be read, which another test notices.
    static let proofs = (try? vectors().proofs) ?? []
}

@Suite struct VectorTests {
    @Test func theCheckpointsAreTheDescribedOnes() throws {
        let vectors = try Published.vectors()
        let key = try Published.verifierKey()
        let old = try CheckpointNote(parsing: Published.text("old-checkpoint"), verifiedBy: key)
        let new = try CheckpointNote(parsing: Published.text("checkpoint"), verifiedBy: key)
        #expect(old.origin == vectors.origin && old.size == vectors.oldSize && old.root.hexadecimal == vectors.oldRoot)
        #expect(new.size == vectors.size && new.root.hexadecimal == vectors.root)
        try MerkleProof.verifyConsistency(
            from: old.size, to: new.size, path: HashLines.parse(Published.text("consistency")), fromRoot: old.root, toRoot: new.root)
        var log = TrustedLog(verifierKey: key)
        #expect(try log.accept(old.text) == .pinned)
        #expect(try log.accept(new.text, consistency: HashLines.parse(Published.text("consistency"))) == .advanced(from: old.size))
    }

    @Test func theEntriesMakeTheLog() throws {
        let vectors = try Published.vectors()
        let entries = try EntryBundle.decode(Published.bytes("entries-000")) + EntryBundle.decode(Published.bytes("entries-001"))
        var frontier = MerkleFrontier()
        for entry in entries { frontier.append(leafHash: MerkleHash.leaf(entry)) }
        #expect(frontier.size == vectors.size)
        #expect(frontier.root.hexadecimal == vectors.root)
        guard case .genesis(let genesis) = try LogEntry(decoding: entries[0]) else {
            Issue.record("entry 0 is not a genesis entry")
            return
        }
        #expect(genesis.chainID.hexadecimal == vectors.chainID)
        let authority = try Curve25519.Signing.PublicKey(rawRepresentation: genesis.authorityKey)
        var types: Set<UInt64> = []
        for bytes in entries.dropFirst() {
            let entry = try LogEntry(decoding: bytes)
            #expect(entry.encoded() == bytes)
            switch entry {
            case .genesis: Issue.record("a second genesis entry")
            case .header(let header): #expect(header.isSigned(by: authority))
            case .transaction(let transaction):
                #expect(transaction.isSigned(by: authority))
                types.insert(transaction.body.type)
            }
        }
        #expect(types == [16, 17, 18, 19, 20])
    }

    @Test func theOpeningHasItsCommitment() throws {
        let vectors = try Published.vectors()
        let bytes = try #require([UInt8](hexadecimal: vectors.opening))
        let opening = try RecordOpening(decoding: bytes)
        #expect(opening.commitment.hexadecimal == vectors.commitment)
        #expect(opening.encoded() == bytes)
    }

    @Test func thereAreProofsOfEachOutcome() throws {
        #expect(Published.proofs.count == 30)
        #expect(Published.proofs.filter { $0.expect == "success" }.count == 8)
    }

    @Test(arguments: Published.proofs) func theProofIsJudgedAsDescribed(vector: LogVectors.Proof) throws {
        let text = try Published.text("\(vector.name).proof")
        let key = try Published.verifierKey()
        let code = codeThrown { _ = try RecordProof(parsing: text).verify(log: key) }
        #expect(code.map { "\($0)" } ?? "success" == vector.expect)
    }
}

/// `Tests/Scripts/verify_checkpoint.py`, an implementation that shares nothing with this one.
/// `scripts/test` installs what it needs: PyPI's cryptography.
@Suite struct ForeignVerificationTests {
    @Test(arguments: Published.proofs) func agreesOnTheProof(vector: LogVectors.Proof) throws {
        let status = try Python.run(["proof", Published.path("log.vkey"), Published.path("\(vector.name).proof")])
        #expect(status == (vector.expect == "success" ? 0 : 1))
    }

    @Test func agreesOnThePublishedLog() throws {
        let key = Published.path("log.vkey")
        #expect(try Python.run(["checkpoint", key, Published.path("checkpoint")]) == 0)
        let log = ["log", key, Published.path("checkpoint"), Published.path("entries-000")]
        #expect(try Python.run(log + [Published.path("entries-001")]) == 0)
        #expect(try Python.run(log) == 1)
        let heads = [Published.path("old-checkpoint"), Published.path("checkpoint")]
        #expect(try Python.run(["consistency", key] + heads + [Published.path("consistency")]) == 0)
        #expect(try Python.run(["consistency", key] + heads.reversed() + [Published.path("consistency")]) == 1)
    }

    /// A log of this run, with everything a client would fetch.
    @Test func agreesOnAFreshLog() async throws {
        let test = try TestLedger()
        try await test.fill(280, perBlock: 40)
        let old = test.ledger.checkpoint
        let oldSize = test.ledger.head.size
        let (body, opening) = try Fixture.recordWithOpening(5)
        let receipt = try await test.ledger.submit([body] + Fixture.oneOfEach())
        let size = test.ledger.head.size
        let folder = test.folder
        func write(_ bytes: [UInt8], _ name: String) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: folder(name)))
            return folder(name)
        }
        let key = test.ledger.verifierKey.text
        let checkpoint = try write(Array(test.ledger.checkpoint.utf8), "checkpoint")
        let oldCheckpoint = try write(Array(old.utf8), "old")
        let proof = try write(Array(test.ledger.recordProof(index: receipt.indices[0], opening: opening).utf8), "proof")
        let path = try write(Array(HashLines.text(test.ledger.consistencyProof(from: oldSize, to: size)).utf8), "path")
        let full = try write(#require(try test.ledger.tile(path: "tile/entries/000")), "000")
        let rest = try write(#require(try test.ledger.tile(path: "tile/entries/001.p/\(size % 256)")), "001")
        #expect(try Python.run(["proof", key, proof]) == 0)
        #expect(try Python.run(["consistency", key, oldCheckpoint, checkpoint, path]) == 0)
        #expect(try Python.run(["log", key, checkpoint, full, rest]) == 0)
        var damaged = try #require(try test.ledger.tile(path: "tile/entries/000"))
        damaged[5000] ^= 1
        #expect(try Python.run(["log", key, checkpoint, write(damaged, "damaged"), rest]) == 1)
    }
}

/// Runs the verifier.
enum Python {
    static func run(_ arguments: [String]) throws -> Int32 { try start([Published.verifier] + arguments) }

    private static func start(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
