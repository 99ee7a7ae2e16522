// Proofs that a reader carries away.

import CanonicalEncoding
import Ledger
import Testing

@Suite struct RecordProofTests {
    private static func provenRecord() async throws -> (TestLedger, index: UInt64, opening: RecordOpening) {
        let test = try TestLedger()
        try await test.fill(300, perBlock: 60)
        let (body, opening) = try Fixture.recordWithOpening(5)
        let receipt = try await test.ledger.submit([body])
        try await test.fill(20)
        return (test, try #require(receipt.indices.first), opening)
    }

    @Test func verifiesOffline() async throws {
        let (test, index, opening) = try await Self.provenRecord()
        let text = try test.ledger.recordProof(index: index, opening: opening)
        let proof = try RecordProof(parsing: text)
        #expect(proof.text == text)
        #expect(proof.opening == opening)
        let verified = try proof.verify(log: test.ledger.verifierKey, chainID: test.ledger.chainID)
        #expect(verified.index == index)
        #expect(verified.checkpoint.text == test.ledger.checkpoint)
        guard case .record(let record) = verified.transaction.body else {
            Issue.record("not a record")
            return
        }
        #expect(record.commitment == opening.commitment)
    }

    @Test func provesKeysWithoutAnOpening() async throws {
        let test = try TestLedger()
        let bundle = Fixture.bytes(3, count: 1400)
        let receipt = try await test.ledger.submit([
            .key(KeyTransaction(pseudonym: Fixture.bytes(1, count: 16), role: .doctor, bundle: bundle, sequence: 2))
        ])
        let text = try test.ledger.recordProof(index: receipt.indices[0], opening: nil)
        let verified = try RecordProof(parsing: text).verify(log: test.ledger.verifierKey)
        guard case .key(let key) = verified.transaction.body else {
            Issue.record("not a key")
            return
        }
        #expect(key.bundle == bundle && key.sequence == 2 && key.role == .doctor)
    }

    @Test func provesANewHeader() async throws {
        let test = try TestLedger()
        let (body, _) = try Fixture.recordWithOpening(5)
        let opening = try Fixture.opening(5, revision: 1)
        let header = HeaderTransaction(
            recordID: Fixture.bytes(5, count: 16), version: 1, headerRevision: 1, commitment: opening.commitment,
            signerKeyID: Fixture.bytes(8, count: 16))
        let receipt = try await test.ledger.submit([body, .header(header)])
        let proof = try RecordProof(parsing: test.ledger.recordProof(index: receipt.indices[1], opening: opening))
        #expect(try proof.verify(log: test.ledger.verifierKey).transaction.body == .header(header))
        // The opening of the new header does not open the old entry.
        let mixed = try RecordProof(parsing: test.ledger.recordProof(index: receipt.indices[0], opening: opening))
        #expect(codeThrown { _ = try mixed.verify(log: test.ledger.verifierKey) } == .commitmentMismatch)
    }

    @Test func refusesEverythingThatDoesNotBelongTogether() async throws {
        let (test, index, opening) = try await Self.provenRecord()
        let key = test.ledger.verifierKey
        let good = try RecordProof(parsing: test.ledger.recordProof(index: index, opening: opening))
        func code(_ proof: RecordProof, key: VerifierKey = key, chainID: [UInt8]? = nil) -> LedgerError.Code? {
            codeThrown { _ = try proof.verify(log: key, chainID: chainID) }
        }
        #expect(code(good) == nil)
        let other = try Fixture.opening(6)
        #expect(code(RecordProof(opening: other, entry: good.entry, proof: good.proof)) == .commitmentMismatch)
        let neighbour = try test.ledger.entry(at: index - 2)
        #expect(code(RecordProof(opening: nil, entry: neighbour, proof: good.proof)) == .proofMismatch)
        let moved = TlogProof(index: index - 1, path: good.proof.path, checkpoint: good.proof.checkpoint)
        #expect(code(RecordProof(opening: opening, entry: good.entry, proof: moved)) == .proofMismatch)
        let short = TlogProof(index: index, path: good.proof.path.dropLast(), checkpoint: good.proof.checkpoint)
        #expect(code(RecordProof(opening: opening, entry: good.entry, proof: short)) == .proofMismatch)
        #expect(code(good, chainID: Fixture.bytes(1, count: 32)) == .proofMismatch)
        #expect(code(good, key: try VerifierKey(name: Fixture.origin, publicKey: [UInt8](repeating: 1, count: 32))) == .unknownKey)
        let header = try RecordProof(parsing: test.ledger.recordProof(index: test.ledger.head.size - 1, opening: nil))
        #expect(code(header) == .malformedProof)
    }

    /// A changed byte is refused, or it changes nothing that is said: the letters of an unknown line do not exist here.
    @Test func everyChangedByteIsRefused() async throws {
        let test = try TestLedger()
        let (body, opening) = try Fixture.recordWithOpening(5)
        let receipt = try await test.ledger.submit([body])
        let bytes = Array(try test.ledger.recordProof(index: receipt.indices[0], opening: opening).utf8)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            guard let text = String(validating: changed, as: UTF8.self) else { continue }
            #expect(codeThrown { _ = try RecordProof(parsing: text).verify(log: test.ledger.verifierKey) } != nil, "byte \(position)")
        }
        for count in 0..<bytes.count {
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            #expect(codeThrown { _ = try RecordProof(parsing: text).verify(log: test.ledger.verifierKey) } != nil, "cut at \(count)")
        }
    }

    @Test func tlogProofAllowsAnExtraLineThatSaysNothing() async throws {
        let (test, index, _) = try await Self.provenRecord()
        let text = try test.ledger.tlogProof(index: index)
        let proof = try TlogProof(parsing: text)
        #expect(proof.text == text)
        let extra = text.replacing("\nindex", with: "\nextra AAAA\nindex", maxReplacements: 1)
        #expect(try TlogProof(parsing: extra) == proof)
        for bad in [
            text.replacing("\nindex", with: "\nextra A\nindex", maxReplacements: 1), text.replacing("@v1", with: "@v2"),
            text.replacing("index ", with: "index 0", maxReplacements: 1), text.replacing("index ", with: "index  ", maxReplacements: 1), "",
        ] {
            #expect(codeThrown { _ = try TlogProof(parsing: bad) } == .malformedProof)
        }
    }

    @Test func hashLinesAreStrict() throws {
        let hashes = (0..<3).map { Fixture.bytes($0, count: 32) }
        #expect(try HashLines.parse(HashLines.text(hashes)) == hashes)
        #expect(try HashLines.parse("") == [])
        for bad in ["AAAA\n", HashLines.text(hashes) + "\n", String(HashLines.text(hashes).dropLast()), String(repeating: HashLines.text(hashes), count: 50)] {
            #expect(codeThrown { _ = try HashLines.parse(bad) } == .malformedProof)
        }
    }
}
