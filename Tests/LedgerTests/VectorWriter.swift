// Makes the published vectors; runs only when asked to.

import CanonicalEncoding
import Crypto
import Foundation
import Ledger
import Testing

/// Writes the vectors anew into the folder that `PHR_WRITE_LEDGER_VECTORS` names. Published ones are never replaced: a changed
/// format gets a new version and a new folder.
@Suite struct VectorWriter {
    static let folder = ProcessInfo.processInfo.environment["PHR_WRITE_LEDGER_VECTORS"]

    @Test(.enabled(if: folder != nil, "only when vectors are to be written")) func write() async throws {
        let folder = URL(fileURLWithPath: try #require(Self.folder))
        let clock = ManualClock(1_790_000_000_000)
        let test = try TestLedger(clock: { clock.now })
        func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }

        for start in stride(from: 0, to: 240, by: 16) {
            clock.now += 60_000
            _ = try await test.ledger.submit((start..<start + 16).map { Fixture.record($0) })
        }
        let old = test.ledger.head
        try write(test.ledger.checkpoint, "old-checkpoint")
        clock.now += 60_000
        let (record, opening) = try Fixture.recordWithOpening(1000)
        var bodies = try Fixture.oneOfEach()
        bodies[0] = record
        let indices = try await test.ledger.submit(bodies).indices
        clock.now -= 30_000
        _ = try await test.ledger.submit([Fixture.record(1001)])

        let ledger = test.ledger
        let size = ledger.head.size
        try write(ledger.checkpoint, "checkpoint")
        try write(ledger.verifierKey.text + "\n", "log.vkey")
        try write(HashLines.text(ledger.consistencyProof(from: old.size, to: size)), "consistency")
        try Data(try #require(try ledger.tile(path: "tile/entries/000"))).write(to: folder.appendingPathComponent("entries-000"))
        let partial = try #require(try ledger.tile(path: "tile/entries/001.p/\(size % 256)"))
        try Data(partial).write(to: folder.appendingPathComponent("entries-001"))

        let proofs = ProofSet(ledger: ledger, indices: indices, opening: opening, headerOpening: try Fixture.opening(1, revision: 1))
        let list = try proofs.all()
        for (name, text, _) in list { try write(text, "\(name).proof") }
        let vectors = LogVectors(
            origin: ledger.origin, chainID: ledger.chainID.hexadecimal, oldSize: old.size, oldRoot: old.root.hexadecimal, size: size,
            root: ledger.head.root.hexadecimal, opening: opening.encoded().hexadecimal, commitment: opening.commitment.hexadecimal,
            proofs: list.map { LogVectors.Proof(name: $0.0, expect: $0.2) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(vectors) + Data("\n".utf8)).write(to: folder.appendingPathComponent("vectors.json"))
    }
}

/// The description of the vectors beside it.
struct LogVectors: Codable {
    struct Proof: Codable, CustomStringConvertible {
        let name: String
        /// `success` or the code of the error.
        let expect: String

        var description: String { name }
    }

    let origin: String
    let chainID: String
    let oldSize: UInt64
    let oldRoot: String
    let size: UInt64
    let root: String
    let opening: String
    let commitment: String
    let proofs: [Proof]
}

/// Proofs of one log, good ones and such as must be refused.
private struct ProofSet {
    let ledger: Ledger
    let indices: [UInt64]
    let opening: RecordOpening
    let headerOpening: RecordOpening

    typealias Item = (String, String, String)

    func all() throws -> [Item] { try good() + damagedBundles() + damagedPaths() + damagedCheckpoints() }

    private func proof(_ position: Int, _ opening: RecordOpening?) throws -> RecordProof {
        try RecordProof(parsing: ledger.recordProof(index: indices[position], opening: opening))
    }

    private func good() throws -> [Item] {
        let record = try proof(0, opening)
        return [
            ("record", record.text, "success"),
            ("record-without-opening", try proof(0, nil).text, "success"),
            ("new-header", try proof(2, headerOpening).text, "success"),
            ("key", try proof(3, nil).text, "success"),
            ("tombstone", try proof(4, nil).text, "success"),
            ("access", try proof(5, nil).text, "success"),
            ("extra-line", record.text.replacing("\nindex ", with: "\nextra aGVsbG8=\nindex ", maxReplacements: 1), "success"),
            ("cosigned", record.text + "\u{2014} witness.example/other AQIDBAUGBwg=\n", "success"),
        ]
    }

    private func damagedBundles() throws -> [Item] {
        let record = try proof(0, opening)
        let header = try RecordProof(parsing: ledger.recordProof(index: ledger.head.size - 1, opening: nil))
        var entry = record.entry
        entry[entry.count - 1] ^= 1
        return [
            ("wrong-opening", RecordProof(opening: headerOpening, entry: record.entry, proof: record.proof).text, "commitmentMismatch"),
            ("key-with-opening", try proof(3, opening).text, "commitmentMismatch"),
            ("older-opening-of-new-header", try proof(2, Fixture.opening(1, revision: 0)).text, "commitmentMismatch"),
            ("changed-entry", RecordProof(opening: opening, entry: entry, proof: record.proof).text, "proofMismatch"),
            ("neighbour", RecordProof(opening: nil, entry: try proof(1, nil).entry, proof: record.proof).text, "proofMismatch"),
            ("block-header", header.text, "malformedProof"),
            ("no-entry", record.text.replacing("\nentry ", with: "\nentri "), "malformedProof"),
            ("another-version", record.text.replacing("record-proof/v1", with: "record-proof/v2"), "malformedProof"),
            ("overpadded-entry", record.text.replacing("\n\nc2sp", with: "=\n\nc2sp"), "malformedProof"),
        ]
    }

    private func damagedPaths() throws -> [Item] {
        let record = try proof(0, opening)
        func with(index: UInt64? = nil, path: [[UInt8]]) -> String {
            RecordProof(
                opening: opening, entry: record.entry,
                proof: TlogProof(index: index ?? record.proof.index, path: path, checkpoint: record.proof.checkpoint)
            ).text
        }
        var swapped = record.proof.path
        swapped.swapAt(0, 1)
        let path = record.proof.path
        return [
            ("short-path", with(path: Array(path.dropLast())), "proofMismatch"),
            ("long-path", with(path: path + [path[0]]), "proofMismatch"),
            ("swapped-path", with(path: swapped), "proofMismatch"),
            ("another-index", with(index: record.proof.index + 1, path: path), "proofMismatch"),
            ("index-behind-the-end", with(index: ledger.head.size, path: path), "proofMismatch"),
            ("short-hash", with(path: path.dropLast() + [Array(path[0].dropLast())]), "malformedProof"),
            ("zero-before-index", record.text.replacing("\nindex ", with: "\nindex 0"), "malformedProof"),
        ]
    }

    private func damagedCheckpoints() throws -> [Item] {
        let record = try proof(0, opening)
        func with(_ checkpoint: String) -> String {
            RecordProof(
                opening: opening, entry: record.entry,
                proof: TlogProof(index: record.proof.index, path: record.proof.path, checkpoint: checkpoint)
            ).text
        }
        func signed(_ text: String) throws -> String {
            let signature = SignedNote.Signature(
                name: ledger.verifierKey.name, keyID: ledger.verifierKey.keyID,
                bytes: Array(try Fixture.keys.log.signature(for: Array(text.utf8))))
            return SignedNote(text: text, signatures: [signature]).formatted
        }
        let checkpoint = record.proof.checkpoint
        let note = try SignedNote(parsing: checkpoint)
        let size = ledger.head.size
        return [
            ("changed-size", with(checkpoint.replacing("\n\(size)\n", with: "\n\(size + 1)\n")), "badSignature"),
            ("unknown-signer", with(checkpoint.replacing("\u{2014} \(ledger.origin) ", with: "\u{2014} phr.example/site-b ")), "unknownKey"),
            ("another-log", with(try signed(note.text.replacing(ledger.origin, with: "phr.example/site-b"))), "unknownKey"),
            ("zero-before-size", with(try signed(note.text.replacing("\n\(size)\n", with: "\n0\(size)\n"))), "malformedNote"),
            ("no-signature", with(note.text), "malformedNote"),
            ("carriage-return", with(checkpoint.replacing("\n\(size)\n", with: "\r\n\(size)\n")), "malformedNote"),
        ]
    }
}
