// The published log with transactions about sharing: it verifies for ever, here and with an independent program.

import CanonicalEncoding
import Foundation
import Ledger
import MerkleTree
import Testing

/// The description of the vectors beside it.
struct SharingVectors: Codable {
    struct Proof: Codable, CustomStringConvertible {
        let name: String
        /// `success` or the code of the error.
        let expect: String

        var description: String { name }
    }

    /// Hexadecimal.
    let salt: String
    let documents: [String: String]
    let commitments: [String: String]
    let signingKey: String
    let size: UInt64
    let root: String
    let proofs: [Proof]

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/phr-ledger/v1-sharing")

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    static func load() throws -> SharingVectors {
        try JSONDecoder().decode(SharingVectors.self, from: Data(contentsOf: folder.appendingPathComponent("vectors.json")))
    }

    /// For test arguments: an empty list would hide that the file cannot be read, which another test notices.
    static let published = (try? load().proofs) ?? []
}

@Suite struct SharingVectorTests {
    @Test func thereAreProofsOfEachOutcome() {
        #expect(SharingVectors.published.count == 12)
        #expect(SharingVectors.published.filter { $0.expect == "success" }.count == 5)
    }

    @Test(arguments: SharingVectors.published) func theProofIsJudgedAsDescribed(vector: SharingVectors.Proof) throws {
        let text = try SharingVectors.text("\(vector.name).proof")
        let key = try VerifierKey(parsing: String(SharingVectors.text("log.vkey").dropLast()))
        let code = codeThrown {
            if text.hasPrefix("phr-record-proof/") {
                _ = try RecordProof(parsing: text).verify(log: key)
            } else {
                _ = try DocumentProof(parsing: text).verify(log: key)
            }
        }
        #expect(code.map { "\($0)" } ?? "success" == vector.expect)
    }

    @Test(arguments: SharingVectors.published) func anIndependentProgramAgrees(vector: SharingVectors.Proof) throws {
        let status = try Python.run(["proof", SharingVectors.path("log.vkey"), SharingVectors.path("\(vector.name).proof")])
        #expect(status == (vector.expect == "success" ? 0 : 1))
    }

    @Test func anIndependentProgramAgreesOnTheLog() throws {
        let log = ["log", SharingVectors.path("log.vkey"), SharingVectors.path("checkpoint")]
        #expect(try Python.run(log + [SharingVectors.path("entries-000")]) == 0)
    }

    @Test func theDocumentsHaveTheirCommitmentsAndSignatures() throws {
        let vectors = try SharingVectors.load()
        let salt = try #require([UInt8](hexadecimal: vectors.salt))
        let key = try #require([UInt8](hexadecimal: vectors.signingKey))
        func bytes(_ name: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: vectors.documents[name] ?? "")) }
        for kind in DocumentCommitment.allCases {
            #expect(kind.commitment(salt: salt, document: try bytes("\(kind)")).hexadecimal == vectors.commitments["\(kind)"])
        }
        try PolicyDocument(decoding: bytes("policy")).verify(by: key)
        try EmergencyRequest(decoding: bytes("emergency")).verify(by: key)
        try EmergencyGrant(decoding: bytes("grant")).verify(by: key)
        let statement = try IssuanceStatement(decoding: bytes("statement"))
        try statement.verify(by: key)
        #expect(statement.commitment.hexadecimal == vectors.commitments["issue"])
    }
}

/// Writes the vectors anew into the folder that `PHR_WRITE_SHARING_VECTORS` names. Published ones are never replaced.
@Suite struct SharingVectorWriter {
    static let folder = ProcessInfo.processInfo.environment["PHR_WRITE_SHARING_VECTORS"]

    @Test(.enabled(if: folder != nil, "only when vectors are to be written")) func write() async throws {
        let folder = URL(fileURLWithPath: try #require(Self.folder))
        let clock = ManualClock(1_790_000_000_000)
        let test = try TestLedger(clock: { clock.now })
        let salt = Fixture.bytes(40, count: 32)
        let issuance = Fixture.bytes(41, count: 200)
        let commitment = DocumentCommitment.issue.commitment(salt: salt, document: issuance)
        let statement = try IssuanceStatement(
            commitment: commitment, epoch: 1, holder: Fixture.bytes(21, count: 32), leaf: 5, lastMonth: "2026-11",
            issuerKeyID: Fixture.bytes(22, count: 16), sign: Documents.sign)
        let documents = [
            "issue": issuance, "policy": try Documents.policy(text: "alice:care-team or 2 of (stmary:doctor, stmary:cardiology)").encoded(),
            "emergency": try Documents.request().encoded(), "grant": try Documents.grant().encoded(), "statement": statement.encoded(),
        ]
        let indices = try await submit(to: test.ledger, commitment: commitment, salt: salt, documents: documents)
        clock.now += 60_000
        _ = try await test.ledger.submit([Fixture.record(1)])

        func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        let ledger = test.ledger
        try write(ledger.checkpoint, "checkpoint")
        try write(ledger.verifierKey.text + "\n", "log.vkey")
        let entries = try #require(try ledger.tile(path: "tile/entries/000.p/\(ledger.head.size)"))
        try Data(entries).write(to: folder.appendingPathComponent("entries-000"))
        let proofs = try proofs(ledger, indices, salt, documents)
        for (name, text, _) in proofs { try write(text, "\(name).proof") }
        let vectors = SharingVectors(
            salt: salt.hexadecimal, documents: documents.mapValues(\.hexadecimal),
            commitments: Dictionary(
                uniqueKeysWithValues: DocumentCommitment.allCases.map {
                    ("\($0)", $0.commitment(salt: salt, document: documents["\($0)"] ?? []).hexadecimal)
                }), signingKey: try Documents.publicKey().hexadecimal, size: ledger.head.size, root: ledger.head.root.hexadecimal,
            proofs: proofs.map { SharingVectors.Proof(name: $0.0, expect: $0.2) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(vectors) + Data("\n".utf8)).write(to: folder.appendingPathComponent("vectors.json"))
    }

    private func submit(to ledger: Ledger, commitment: [UInt8], salt: [UInt8], documents: [String: [UInt8]]) async throws -> [UInt64] {
        let (alice, stmary) = (Fixture.bytes(-1, count: 16), Fixture.bytes(-2, count: 16))
        return try await ledger.submit([
            .authority(AuthorityTransaction(pseudonym: alice, sequence: 0, epoch: 1, record: Fixture.bytes(11, count: 500))),
            .issue(IssueTransaction(authorityPseudonym: alice, epoch: 1, commitment: commitment, issuerKeyID: Fixture.bytes(22, count: 16))),
            .policy(
                PolicyTransaction(
                    ownerPseudonym: alice, folderID: Fixture.bytes(42, count: 16), sequence: 0,
                    commitment: DocumentCommitment.policy.commitment(salt: salt, document: documents["policy"] ?? []))),
            .emergency(
                EmergencyTransaction(
                    ownerPseudonym: alice, holderPseudonym: stmary,
                    commitment: DocumentCommitment.emergency.commitment(salt: salt, document: documents["emergency"] ?? []))),
        ]).indices
    }

    private func proofs(
        _ ledger: Ledger, _ indices: [UInt64], _ salt: [UInt8], _ documents: [String: [UInt8]]
    ) throws -> [(String, String, String)] {
        func proof(_ position: Int, _ name: String, salt: [UInt8] = salt) throws -> String {
            try ledger.documentProof(index: indices[position], salt: salt, document: documents[name] ?? []).text
        }
        let policy = try proof(2, "policy")
        return [
            ("authority", try ledger.recordProof(index: indices[0], opening: nil), "success"),
            ("issue-without-document", try ledger.recordProof(index: indices[1], opening: nil), "success"),
            ("issue", try proof(1, "issue"), "success"),
            ("policy", policy, "success"),
            ("emergency", try proof(3, "emergency"), "success"),
            ("another-document", try proof(2, "emergency"), "commitmentMismatch"),
            ("another-salt", try proof(2, "policy", salt: Fixture.bytes(1, count: 32)), "commitmentMismatch"),
            ("authority-with-document", try proof(0, "policy"), "commitmentMismatch"),
            ("issue-with-record-opening", try ledger.recordProof(index: indices[1], opening: try Fixture.opening(1)), "commitmentMismatch"),
            ("no-document", policy.replacing("\ndocument ", with: "\ndocumend "), "malformedProof"),
            ("short-salt", policy.replacing("salt \(salt.base64)", with: "salt \(salt.dropLast().map { $0 }.base64)"), "malformedProof"),
            ("another-version", policy.replacing("document-proof/v1", with: "document-proof/v2"), "malformedProof"),
        ]
    }
}
