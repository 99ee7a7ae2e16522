// The documents that carry requests and keys: every field counts, signatures hold for nothing else, secrets do not show.

import AttributeEncryption
import CanonicalEncoding
import Client
import Envelope
import Foundation
import Keyring
import Testing

@Suite struct AttributeMessageTests {
    private let signer = Signer.generate()
    private let heading = MessageHeading(kind: .attributeRequest, sender: "bob", receiver: "alice", site: "phr.example/test", time: 1_700_000_000)

    private func request(_ attributes: [String] = ["care-team", "role=doctor"]) throws -> AttributeRequest {
        try AttributeRequest(heading: heading, authority: "alice", attributes: attributes, signer: signer)
    }

    // MARK: Requests

    @Test func requestsSurviveTheirEncoding() throws {
        let request = try request()
        let read = try AttributeRequest(decoding: request.encoded())
        #expect(read == request && read.signingKey == signer.publicKey && read.attributes == ["care-team", "role=doctor"])
        #expect(try self.request().nonce != request.nonce)
    }

    @Test func refusesEveryChangedByteOfARequest() throws {
        let bytes = try request().encoded()
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: ClientError.self, "byte \(index)") { try AttributeRequest(decoding: changed) }
        }
        for count in [0, 1, bytes.count - 1] { #expect(throws: ClientError.self) { try AttributeRequest(decoding: Array(bytes.prefix(count))) } }
        #expect(throws: ClientError.self) { try AttributeRequest(decoding: bytes + [0]) }
    }

    @Test(arguments: [2, 3, 4, 5, 6, 7, 8, 9] as [UInt64])
    func theSignatureCoversEveryField(key: UInt64) throws {
        var fields = try #require(CBOR(decoding: request().encoded()).mapValue)
        fields[key] =
            switch fields[key] {
            case .text: .text("mallory")
            case .unsigned(let number): .unsigned(number + 1)
            case .bytes(let bytes): .bytes(bytes.map { $0 ^ 1 })
            case .array(let elements): .array(elements + [.text("owner")])
            default: nil
            }
        #expect(throws: ClientError(.tampered, "")) { try AttributeRequest(decoding: CBOR.map(fields).encoded()) }
    }

    @Test func refusesRequestsForNothingForTooMuchAndOfAnotherKind() throws {
        #expect(throws: ClientError.self) { try AttributeRequest(decoding: self.request([]).encoded()) }
        #expect(throws: ClientError.self) { try AttributeRequest(decoding: self.request((0...64).map { "a\($0)" }).encoded()) }
        let other = MessageHeading(kind: .attributeKey, sender: "bob", receiver: "alice", site: "s", time: 1)
        let bytes = try AttributeRequest(heading: other, authority: "alice", attributes: ["a"], signer: signer).encoded()
        #expect(throws: ClientError.self) { try AttributeRequest(decoding: bytes) }
    }

    // MARK: Sealed messages

    @Test func messagesAreForTheirReceiverAlone() throws {
        let receiver = try Identity.generateXWing(), other = try Identity.generateXWing()
        let content = Array("what only alice may read".utf8)
        let envelope = try SealedMessage.seal(content, kind: .attributeKey, for: try #require(receiver.recipient), signer: signer)
        #expect(Data(envelope).range(of: Data(content)) == nil)
        let opened = try SealedMessage(opening: envelope, with: [receiver])
        #expect(opened.document.withBytes { $0 } == content && opened.mediaType == MessageKind.attributeKey.mediaType)
        try opened.requireSigner(signer.publicKey, name: "bob")
        #expect(throws: ClientError(.tampered, "")) { try opened.requireSigner(Signer.generate().publicKey, name: "bob") }
        #expect(throws: EnvelopeError.self) { try SealedMessage(opening: envelope, with: [other]) }
        #expect(throws: ClientError.self) {
            try SealedMessage(opening: [UInt8](repeating: 0, count: SealedMessage.maximumByteCount + 1), with: [receiver])
        }
    }

    @Test func sizesOfMessagesTellLittle() throws {
        let receiver = try #require(Identity.generateXWing().recipient)
        let sizes = try [1, 100, 3000].map { try SealedMessage.seal(Array(repeating: 1, count: $0), kind: .attributeKey, for: receiver, signer: signer).count }
        #expect(Set(sizes).count == 1)
    }

    // MARK: Messages with keys

    @Test func keyMessagesSurviveTheirEncoding() throws {
        let salt = Array(repeating: UInt8(3), count: 32)
        let delivery = KeyDelivery(heading: heading, document: [1, 2], salt: salt, key: Secret([9, 9, 9]))
        let read = try delivery.withEncoded { try KeyDelivery(decoding: $0) }
        #expect(read.heading == heading && read.document == [1, 2] && read.salt == salt && read.key.withBytes { $0 } == [9, 9, 9])

        let grant = IssuerGrant(
            heading: heading, epoch: 4, created: 5, depth: 3, leaves: 2..<4, record: [7], secret: Secret([8]), nameKey: Secret(Array(repeating: 1, count: 32)))
        let readGrant = try grant.withEncoded { try IssuerGrant(decoding: $0) }
        #expect(readGrant.leaves == 2..<4 && readGrant.depth == 3 && readGrant.epoch == 4 && readGrant.nameKey?.byteCount == 32)
        for leaves in [2..<9, 8..<16] as [Range<UInt32>] {
            let bad = IssuerGrant(heading: heading, epoch: 4, created: 5, depth: 3, leaves: leaves, record: [7], secret: Secret([8]), nameKey: nil)
            #expect(throws: ClientError.self) { try bad.withEncoded { try IssuerGrant(decoding: $0) } }
        }

        let report = IssuanceReport(heading: heading, holder: "bob", document: [1], salt: salt, requestNonce: Array(repeating: 4, count: 16))
        #expect(try IssuanceReport(decoding: report.encoded()) == report)
        let emergency = EmergencyDelivery(heading: heading, document: [1], salt: salt, sealedKey: [2, 3], half: Secret(Array(repeating: 6, count: 32)))
        let readEmergency = try emergency.withEncoded { try EmergencyDelivery(decoding: $0) }
        #expect(readEmergency.sealedKey == [2, 3] && readEmergency.half.withBytes { $0 } == Array(repeating: 6, count: 32))
        // One is never taken for another.
        #expect(throws: ClientError.self) { try delivery.withEncoded { try EmergencyDelivery(decoding: $0) } }
        #expect(throws: ClientError.self) { try emergency.withEncoded { try KeyDelivery(decoding: $0) } }
        var shown = ""
        dump((read, readGrant, readEmergency), to: &shown)
        #expect(!shown.contains("[9, 9, 9]"))
    }

    // MARK: Issuances and emergencies

    @Test func refusesEveryChangedByteOfAnIssuance() throws {
        let key = try Handmade.attributeKey()
        let document = IssuanceDocument(
            site: "s", summary: key.summary, keyID: key.keyID, purpose: .ordinary, issuer: "alice", issuerKey: signer.publicKey)
        let bytes = try document.signed(by: signer)
        #expect(try IssuanceDocument(decoding: bytes) == document)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: ClientError.self, "byte \(index)") { try IssuanceDocument(decoding: changed) }
        }
        let forged = try document.signed(by: Signer.generate())
        #expect(throws: ClientError(.tampered, "")) { try IssuanceDocument(decoding: forged) }
    }

    @Test func bothHalvesAndTheRightIssuanceOpenAnEmergencyKey() throws {
        let key = try Handmade.attributeKey()
        let (one, two) = (Secret.random(byteCount: 32), Secret.random(byteCount: 32))
        let commitment = Array(repeating: UInt8(1), count: 32)
        let sealed = try EmergencySeal(one, two).seal(key, commitment: commitment)
        let opened = try EmergencySeal(two, one).open(sealed, commitment: commitment, owner: "alice")
        #expect(opened.keyID == key.keyID && opened.summary == key.summary)
        let zero = Secret([UInt8](repeating: 0, count: 32))
        for (a, b) in [(one, one), (two, two), (one, zero), (two, zero), (one, Secret.random(byteCount: 32))] {
            #expect(throws: ClientError(.tampered, "")) { try EmergencySeal(a, b).open(sealed, commitment: commitment, owner: "alice") }
        }
        #expect(throws: ClientError.self) { try EmergencySeal(one, two).open(sealed, commitment: Array(repeating: 2, count: 32), owner: "alice") }
        for index in [0, sealed.count / 2, sealed.count - 1] {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: ClientError.self) { try EmergencySeal(one, two).open(changed, commitment: commitment, owner: "alice") }
        }
        #expect(throws: ClientError.self) { try EmergencySeal(one, two).open([], commitment: commitment, owner: "alice") }
    }
}

/// Keys without a site.
enum Handmade {
    static func attributeKey(
        secret: AuthoritySecretKey = .generate(epoch: 1, owner: Array(repeating: 1, count: 32)), to identity: [UInt8] = Array(repeating: 5, count: 32),
        attributes: [String] = ["care-team"]
    ) throws -> AttributeKey {
        let month = Month(secondsSince1970: Int64(Date().timeIntervalSince1970))
        return try secret.issue(
            to: identity, attributes: attributes.map { try GrantedAttribute(parsing: $0) }, authority: "alice", member: (0, 4), validity: month...month,
            issuedAt: 1)
    }
}
