// Documents about sharing: strict reading, signatures, and what the log says of them.

import CanonicalEncoding
import Crypto
import Foundation
import Ledger
import Testing

/// Documents by a key of the tests.
enum Documents {
    static let seed = [UInt8](64..<96)

    static func sign(_ message: [UInt8]) throws -> [UInt8] {
        Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: message))
    }

    static func publicKey() throws -> [UInt8] {
        Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation)
    }

    static func statement() throws -> IssuanceStatement {
        try IssuanceStatement(
            commitment: Fixture.bytes(20, count: 32), epoch: 3, holder: Fixture.bytes(21, count: 32), leaf: 5, lastMonth: "2026-11",
            issuerKeyID: Fixture.bytes(22, count: 16), sign: sign)
    }

    static func policy(sequence: UInt64 = 0, text: String = "alice:care-team") throws -> PolicyDocument {
        try PolicyDocument(folder: "/inbox/alice", sequence: sequence, policy: text, created: 1_790_000_000, sign: sign)
    }

    static func grant(half: [UInt8] = Fixture.bytes(23, count: 32)) throws -> EmergencyGrant {
        try EmergencyGrant(owner: "alice", holder: "stmary", half: half, sequence: 0, created: 1_790_000_000, note: "call bob first", sign: sign)
    }

    static func request(reason: String = "unconscious") throws -> EmergencyRequest {
        try EmergencyRequest(
            owner: "alice", holder: "stmary", reason: reason, time: 1_790_000_000, nonce: Fixture.bytes(24, count: 16), sign: sign)
    }
}

@Suite struct DocumentTests {
    /// A kind of document: how it is read and checked.
    struct Kind: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let domain: String
        let bytes: @Sendable () throws -> [UInt8]
        /// Reads, verifies and encodes again.
        let check: @Sendable (_ bytes: [UInt8], _ key: [UInt8]) throws -> [UInt8]
    }

    static let kinds: [Kind] = [
        Kind(testDescription: "issuance statement", domain: "phr/v1/issuance", bytes: { try Documents.statement().encoded() }) { bytes, key in
            let document = try IssuanceStatement(decoding: bytes)
            try document.verify(by: key)
            return document.encoded()
        },
        Kind(testDescription: "policy", domain: "phr/v1/folder-policy", bytes: { try Documents.policy().encoded() }) { bytes, key in
            let document = try PolicyDocument(decoding: bytes)
            try document.verify(by: key)
            return document.encoded()
        },
        Kind(testDescription: "grant", domain: "phr/v1/emergency-grant", bytes: { try Documents.grant().encoded() }) { bytes, key in
            let document = try EmergencyGrant(decoding: bytes)
            try document.verify(by: key)
            return document.encoded()
        },
        Kind(testDescription: "request", domain: "phr/v1/emergency-request", bytes: { try Documents.request().encoded() }) { bytes, key in
            let document = try EmergencyRequest(decoding: bytes)
            try document.verify(by: key)
            return document.encoded()
        },
    ]

    @Test(arguments: kinds) func readsBackAsWritten(kind: Kind) throws {
        let bytes = try kind.bytes()
        #expect(try kind.check(bytes, try Documents.publicKey()) == bytes)
    }

    @Test(arguments: kinds) func isSignedAsTheSpecificationSays(kind: Kind) throws {
        var fields = try #require(try CBOR(decoding: kind.bytes()).mapValue)
        let signature = try #require(fields.removeValue(forKey: 15)?.bytesValue)
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: Documents.publicKey())
        #expect(key.isValidSignature(signature, for: Array("\(kind.domain)\n".utf8) + CBOR.map(fields).encoded()))
    }

    @Test(arguments: kinds) func everyFlippedBitIsNoticed(kind: Kind) throws {
        let bytes = try kind.bytes()
        let key = try Documents.publicKey()
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1 << UInt8.random(in: 0..<8)
            #expect(codeThrown { _ = try kind.check(changed, key) } != nil, "byte \(position)")
        }
    }

    @Test(arguments: kinds) func refusesAnotherKeyAndMissingOrUnknownFields(kind: Kind) throws {
        let bytes = try kind.bytes()
        #expect(codeThrown { _ = try kind.check(bytes, [UInt8](repeating: 9, count: 32)) } == .badSignature)
        #expect(codeThrown { _ = try kind.check(bytes, [1]) } == .badSignature)
        let key = try Documents.publicKey()
        let fields = try #require(try CBOR(decoding: bytes).mapValue)
        for name in fields.keys {
            var changed = fields
            changed[name] = nil
            #expect(codeThrown { _ = try kind.check(CBOR.map(changed).encoded(), key) } == .malformedEntry)
        }
        var changed = fields
        changed[20] = .unsigned(1)
        #expect(codeThrown { _ = try kind.check(CBOR.map(changed).encoded(), key) } == .malformedEntry)
        #expect(codeThrown { _ = try kind.check(bytes + [0], key) } == .malformedEntry)
    }

    @Test(arguments: ["2026-1", "2026-13", "2026-00", "26-11", "2026/11", "２０２６-11", "2026-11-01", ""]) func refusesWhatIsNoMonth(text: String) {
        #expect(
            codeThrown {
                _ = try IssuanceStatement(
                    commitment: Fixture.bytes(20, count: 32), epoch: 3, holder: Fixture.bytes(21, count: 32), leaf: 5, lastMonth: text,
                    issuerKeyID: Fixture.bytes(22, count: 16), sign: Documents.sign)
            } == .malformedEntry)
    }

    @Test func refusesWhatIsTooLongOrEmpty() throws {
        #expect(codeThrown { _ = try Documents.request(reason: "") } == .malformedEntry)
        #expect(codeThrown { _ = try Documents.request(reason: String(repeating: "a", count: 1001)) } == .malformedEntry)
        #expect(codeThrown { _ = try Documents.policy(text: String(repeating: "a", count: PolicyDocument.largestPolicyByteCount + 1)) } == .malformedEntry)
        #expect(codeThrown { _ = try Documents.grant(half: [1, 2, 3]) } == .malformedEntry)
    }

    @Test func theGrantKnowsItsHalf() throws {
        let half = Fixture.bytes(23, count: 32)
        let grant = try Documents.grant(half: half)
        try grant.verify(half: half)
        #expect(codeThrown { try grant.verify(half: Fixture.bytes(24, count: 32)) } == .commitmentMismatch)
        #expect(codeThrown { try grant.verify(half: Array(half.dropLast())) } == .commitmentMismatch)
    }

    @Test(arguments: DocumentCommitment.allCases) func theCommitmentFollowsItsDefinition(kind: DocumentCommitment) {
        let (salt, document) = (Fixture.bytes(30, count: 32), Fixture.bytes(31, count: 100))
        let input = Array("phr/v1/\(kind)".utf8) + salt + Array(SHA256.hash(data: document))
        #expect(kind.commitment(salt: salt, document: document) == Array(SHA256.hash(data: input)))
    }
}

@Suite struct DocumentProofTests {
    /// One entry of each kind that commits to a document, and its proof.
    static func proofs(_ test: TestLedger) async throws -> [DocumentProof] {
        let salt = Fixture.bytes(40, count: 32)
        let (issuance, policy, request) = (Fixture.bytes(41, count: 300), try Documents.policy().encoded(), try Documents.request().encoded())
        let receipt = try await test.ledger.submit([
            .issue(
                IssueTransaction(
                    authorityPseudonym: Fixture.bytes(-1, count: 16), epoch: 0, commitment: DocumentCommitment.issue.commitment(salt: salt, document: issuance),
                    issuerKeyID: Fixture.bytes(22, count: 16))),
            .policy(
                PolicyTransaction(
                    ownerPseudonym: Fixture.bytes(-1, count: 16), folderID: Fixture.bytes(42, count: 16), sequence: 0,
                    commitment: DocumentCommitment.policy.commitment(salt: salt, document: policy))),
            .emergency(
                EmergencyTransaction(
                    ownerPseudonym: Fixture.bytes(-1, count: 16), holderPseudonym: Fixture.bytes(-2, count: 16),
                    commitment: DocumentCommitment.emergency.commitment(salt: salt, document: request))),
        ])
        return try zip(receipt.indices, [issuance, policy, request]).map { try test.ledger.documentProof(index: $0, salt: salt, document: $1) }
    }

    @Test func provesWhatItSays() async throws {
        let test = try TestLedger()
        try await test.fill(20)
        for proof in try await Self.proofs(test) {
            let again = try DocumentProof(parsing: proof.text)
            #expect(again == proof)
            let verified = try again.verify(log: test.ledger.verifierKey, chainID: test.ledger.chainID)
            #expect(verified.index == proof.proof.index)
        }
    }

    @Test func refusesAnotherDocumentSaltEntryOrChain() async throws {
        let test = try TestLedger()
        try await test.fill(20)
        let key = test.ledger.verifierKey
        let proofs = try await Self.proofs(test)
        for (number, proof) in proofs.enumerated() {
            let other = proofs[(number + 1) % proofs.count]
            func code(_ changed: DocumentProof, chainID: [UInt8]? = nil) -> LedgerError.Code? {
                codeThrown { _ = try DocumentProof(parsing: changed.text).verify(log: key, chainID: chainID) }
            }
            #expect(code(DocumentProof(salt: proof.salt, document: other.document, entry: proof.entry, proof: proof.proof)) == .commitmentMismatch)
            #expect(
                code(DocumentProof(salt: Fixture.bytes(1, count: 32), document: proof.document, entry: proof.entry, proof: proof.proof)) == .commitmentMismatch)
            #expect(code(DocumentProof(salt: proof.salt, document: proof.document, entry: other.entry, proof: proof.proof)) == .proofMismatch)
            #expect(code(proof, chainID: Fixture.bytes(1, count: 32)) == .proofMismatch)
        }
        let record = try RecordProof(parsing: test.ledger.recordProof(index: 2, opening: nil))
        let wrongKind = DocumentProof(salt: proofs[0].salt, document: proofs[0].document, entry: record.entry, proof: record.proof)
        #expect(codeThrown { _ = try wrongKind.verify(log: key) } == .commitmentMismatch)
    }

    @Test func refusesOtherForms() async throws {
        let test = try TestLedger()
        let text = try await Self.proofs(test)[0].text
        for changed in [
            text.replacing("document-proof/v1", with: "document-proof/v2"), text.replacing("\nsalt ", with: "\nsalz "),
            text.replacing("\ndocument ", with: "\ndocument  "), text.replacing("\nentry ", with: "\n"), text.replacing("\n\nc2sp", with: "\nmore\n\nc2sp"),
            text.replacing(text.split(separator: "\n")[1], with: "salt AAAA"), "",
        ] { #expect(codeThrown { _ = try DocumentProof(parsing: changed) } == .malformedProof) }
    }

    @Test func theReleaseCarriesHalfAndProof() async throws {
        let test = try TestLedger()
        let proof = try #require(try await Self.proofs(test).last)
        let release = EmergencyRelease(half: Fixture.bytes(23, count: 32), proof: proof)
        #expect(try EmergencyRelease(parsing: release.text) == release)
        for changed in [release.text.replacing("release/v1", with: "release/v2"), release.text.replacing("\nhalf ", with: "\nhalf A"), proof.text] {
            #expect(codeThrown { _ = try EmergencyRelease(parsing: changed) } == .malformedProof)
        }
    }
}
