// Accepting keys from a site and from people that lie: nothing is kept unless every check passes.

import AttributeEncryption
import CanonicalEncoding
import Client
import Envelope
import Foundation
import Keyring
import Ledger
import Testing

/// An authority made by hand, with every step of an issuance in the test's hands.
private struct World {
    let site: TestSite
    let carol: Person
    let secret: AuthoritySecretKey
    let record: AuthorityRecord
    static let depth = 4

    static func make(revoked: [UInt32] = [], epoch: UInt64 = 1, listsCarol: Bool = false) async throws -> World {
        let site = try await TestSite.make()
        let carol = try Person("carol", in: site.server.folder)
        try await site.publishKeys(of: carol)
        let signer = try site.alice.keyring.signer()
        let secret = AuthoritySecretKey.generate(epoch: epoch, owner: signer.publicKey)
        let record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: try RevocationList(depth: depth, revoked: revoked),
            issuers: listsCarol ? [try carol.keyring.signer().keyID] : [], created: 1, sign: { try signer.sign($0) })
        try await site.publishAuthority(record, of: site.alice)
        return World(site: site, carol: carol, secret: secret, record: record)
    }

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    /// Everything that an honest issuer does, each part of which a test can replace.
    struct Issue {
        var issuer: Person
        var secret: AuthoritySecretKey
        var identity: [UInt8]
        var leaf: UInt32 = 2
        var validity: ClosedRange<Month>
        var purpose = IssuanceDocument.Purpose.ordinary
        /// Stands in the document in place of the key's own.
        var keyID: [UInt8]?
        var summary: AttributeKey.Summary?
        var documentIssuer: String?
        var salt = Array(repeating: UInt8(7), count: 32)
        var isOnLedger = true
        var ledgerEpoch: UInt64?
        var ledgerPseudonym: [UInt8]?
        var ledgerIssuer: [UInt8]?
        var sender: Person
        var heading: (sender: String, receiver: String, site: String, time: UInt64)
        /// Comes in place of the key that the document describes.
        var delivered: AttributeKey?
    }

    func honest(by issuer: Person? = nil) throws -> Issue {
        let issuer = issuer ?? site.alice
        let month = Month(secondsSince1970: Int64(Self.now))
        return Issue(
            issuer: issuer, secret: secret, identity: GlobalIdentifier.of(signingKey: try site.bob.keyring.signer().publicKey),
            validity: month...month.advanced(by: 12), sender: issuer, heading: (issuer.name, "bob", TestSite.origin, Self.now))
    }

    func key(_ issue: Issue) throws -> AttributeKey {
        try issue.secret.issue(
            to: issue.identity, attributes: [try GrantedAttribute(parsing: "care-team")], authority: "alice", member: (issue.leaf, Self.depth),
            validity: issue.validity, issuedAt: Self.now)
    }

    /// A sealed message for bob, as a file.
    func deliver(_ issue: Issue) async throws -> String {
        let key = try key(issue)
        let signer = try issue.issuer.keyring.signer()
        let document = try IssuanceDocument(
            site: TestSite.origin, summary: issue.summary ?? key.summary, keyID: issue.keyID ?? key.keyID, purpose: issue.purpose,
            issuer: issue.documentIssuer ?? issue.issuer.name, issuerKey: signer.publicKey
        ).signed(by: signer)
        let commitment = DocumentCommitment.issue.commitment(salt: issue.salt, document: document)
        if issue.isOnLedger {
            try await site.publishIssuance(
                IssueTransaction(
                    authorityPseudonym: issue.ledgerPseudonym ?? site.alice.pseudonym, epoch: issue.ledgerEpoch ?? key.epoch, commitment: commitment,
                    issuerKeyID: issue.ledgerIssuer ?? signer.keyID), of: "alice")
        }
        let heading = MessageHeading(
            kind: .attributeKey, sender: issue.heading.sender, receiver: issue.heading.receiver, site: issue.heading.site, time: issue.heading.time)
        let delivery = KeyDelivery(
            heading: heading, document: document, salt: Array(repeating: 7, count: 32), key: (issue.delivered ?? key).withEncoded { Secret($0) })
        let envelope = try delivery.withEncoded {
            try SealedMessage.seal($0, kind: .attributeKey, for: try site.bob.keyring.bundle().recipient, signer: try issue.sender.keyring.signer())
        }
        let path = site.server.folder + "/key.phr"
        try Data(envelope).write(to: URL(fileURLWithPath: path))
        return path
    }

    func accept(_ issue: Issue) async throws -> AcceptReport {
        let path = try await deliver(issue)
        return try await site.session(site.bob) { try await $0.accept(file: path) }
    }

    /// What bob's keyring on the disk holds.
    func held(asksLedger: Bool) async throws -> [AttributeReport] {
        let keyring = try Keyring.open(in: site.bob.home, passphrase: Secret(Array("passphrase".utf8)))
        return try await ClientRuntime.session(site.bob.options, keyring: keyring) { try await $0.heldAttributes(asksLedger: asksLedger) }
    }

    /// The status with which bob refuses, and that he keeps nothing.
    func refusal(_ change: (inout Issue) throws -> Void) async throws -> CommandStatus? {
        var issue = try honest()
        try change(&issue)
        do {
            _ = try await accept(issue)
            return nil
        } catch {
            let kept = try Keyring.open(in: site.bob.home, passphrase: Secret(Array("passphrase".utf8)))
            #expect(kept.receivedKeys(site: TestSite.origin, now: 0).isEmpty)
            return ClientError(error).status
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct AcceptTests {
    @Test func keepsAnHonestKeyOnce() async throws {
        let world = try await World.make()
        let issue = try world.honest()
        let first = try #require(try await world.accept(issue).accepted.first)
        #expect(first.kind == .attributeKey && first.authority == "alice" && first.attributes == ["care-team"] && !first.wasKnown)
        let keyring = try Keyring.open(in: world.site.bob.home, passphrase: Secret(Array("passphrase".utf8)))
        let key = try #require(keyring.attributeKeys(site: TestSite.origin, now: World.now).first)
        #expect(key.authority == "alice" && key.leaf == 2)
        try key.verify(with: world.secret.publicKey, for: issue.identity)
        #expect(keyring.attributeKeys(site: TestSite.origin, authorities: ["stmary"], now: World.now).isEmpty)
        let path = world.site.server.folder + "/key.phr"
        let again = try await world.site.session(world.site.bob) { try await $0.accept(file: path) }
        #expect(again.accepted.first?.wasKnown == true)
        let held = try await world.held(asksLedger: true)
        #expect(held.map(\.state) == [.current] && held.first?.attributes == ["care-team"] && held.first?.issuer == nil)
        let unasked = try await world.held(asksLedger: false)
        #expect(unasked.map(\.state) == [.unknown])
    }

    @Test func refusesAKeyForAnotherIdentity() async throws {
        let world = try await World.make()
        #expect(try await world.refusal { $0.identity = GlobalIdentifier.of(signingKey: try world.carol.keyring.signer().publicKey) } == .wrongKey)
    }

    @Test func refusesAKeyThatDoesNotBelongToThePublishedOne() async throws {
        let world = try await World.make()
        let other = AuthoritySecretKey.generate(epoch: 1, owner: try world.site.alice.keyring.signer().publicKey)
        // Honest about another key pair; and the honest document with a key of another pair.
        #expect(try await world.refusal { $0.secret = other } == .tampered)
        #expect(
            try await world.refusal { issue in
                let honest = try world.key(issue)
                var foreign = issue
                foreign.secret = other
                issue.summary = honest.summary
                issue.delivered = try world.key(foreign)
                issue.keyID = issue.delivered?.keyID
            } == .tampered)
        // The key of another issuance with the same attributes.
        #expect(try await world.refusal { issue in issue.delivered = try world.key(issue) } == .tampered)
    }

    @Test func refusesAKeyWithADamagedElement() async throws {
        let world = try await World.make()
        for place in [10, 100, 1000] {
            #expect(
                try await world.refusal { issue in
                    var bytes = try world.key(issue).withEncoded { $0 }
                    // Swap two elements: all are points, and two stand in the wrong place.
                    let (a, b) = (bytes.count - 144, bytes.count - 288)
                    for offset in 0..<48 { bytes.swapAt(a + offset, b + offset) }
                    if place > 10 { bytes[bytes.count - place] ^= 1 }
                    let damaged = try AttributeKey(decoding: bytes)
                    issue.delivered = damaged
                    issue.summary = damaged.summary
                    issue.keyID = damaged.keyID
                } != nil)
        }
    }

    @Test func refusesIssuersThatNobodyListed() async throws {
        let world = try await World.make()
        let byCarol = try world.honest(by: world.carol)
        #expect(try await world.refusal { $0 = byCarol } == .tampered)
        // In alice's name, with carol's key; and by alice, passed on by carol.
        #expect(
            try await world.refusal {
                $0 = byCarol
                $0.documentIssuer = "alice"
            } == .tampered)
        #expect(try await world.refusal { $0.sender = world.carol } == .tampered)
        #expect(
            try await world.refusal {
                $0.sender = world.carol
                $0.heading.sender = "carol"
            } == .tampered)
        let listed = try await World.make(listsCarol: true)
        let report = try await listed.accept(try listed.honest(by: listed.carol))
        #expect(report.accepted.first?.sender == "carol" && report.accepted.first?.authority == "alice")
    }

    @Test func refusesMessagesForSomebodyElseOrAnotherSite() async throws {
        let world = try await World.make()
        #expect(try await world.refusal { $0.heading.receiver = "carol" } == .tampered)
        #expect(try await world.refusal { $0.heading.site = "phr.example/other" } == .tampered)
        #expect(try await world.refusal { $0.heading.time += 3 * 86_400 } == .tampered)
        #expect(try await world.refusal { $0.purpose = .emergency } == .tampered)
    }

    @Test func demandsTheLedgersEntry() async throws {
        let world = try await World.make()
        #expect(try await world.refusal { $0.isOnLedger = false } == .notOnLedger)
        #expect(try await world.refusal { $0.ledgerEpoch = 2 } == .notOnLedger)
        #expect(try await world.refusal { $0.ledgerPseudonym = world.carol.pseudonym } == .notOnLedger)
        #expect(try await world.refusal { $0.ledgerIssuer = try world.carol.keyring.signer().keyID } == .notOnLedger)
        // The commitment was made with another salt than the one that came.
        #expect(try await world.refusal { $0.salt = Array(repeating: 8, count: 32) } == .notOnLedger)
    }

    @Test func refusesRevokedExpiredAndFutureEpochs() async throws {
        let world = try await World.make(revoked: [2])
        #expect(try await world.refusal { _ in } == .denied)
        #expect(try await world.refusal { $0.leaf = 3 } == nil)
        let other = try await World.make()
        let month = Month(secondsSince1970: Int64(World.now))
        #expect(try await other.refusal { $0.validity = month.advanced(by: -5)...month.advanced(by: -1) } == .denied)
        #expect(try await other.refusal { $0.secret = .generate(epoch: 2, owner: try other.site.alice.keyring.signer().publicKey) } == .staleHeader)
    }

    @Test func takesAKeyOfAnOlderEpochAndSaysSo() async throws {
        let world = try await World.make()
        let signer = try world.site.alice.keyring.signer()
        let next = AuthoritySecretKey.generate(epoch: 2, owner: signer.publicKey)
        let record = try AuthorityRecord(
            publicKey: next.publicKey, revocations: try RevocationList(depth: World.depth), created: 2, following: world.record, sign: { try signer.sign($0) })
        try await world.site.publishAuthority(record, of: world.site.alice)
        let report = try await world.accept(try world.honest())
        #expect(report.accepted.first?.epoch == 1)
        let held = try await world.held(asksLedger: true)
        #expect(held.map(\.state) == [.oldEpoch] && held.first?.currentEpoch == 2)
    }

    @Test func refusesFilesThatAreNoMessages() async throws {
        let world = try await World.make()
        let (site, bob) = (world.site, world.site.bob)
        func status(_ path: String) async -> CommandStatus? {
            do {
                _ = try await site.session(bob) { try await $0.accept(file: path) }
                return nil
            } catch {
                return ClientError(error).status
            }
        }
        #expect(await status(site.server.folder + "/none") == .notFound)
        let path = site.server.folder + "/plain"
        try Data("not an envelope".utf8).write(to: URL(fileURLWithPath: path))
        let plain = await status(path)
        #expect(plain == .tampered || plain == .truncated)
        // A record that bob can open is no message about keys.
        let record = try await site.addRecord("letter", [1], owner: site.alice, for: [try bob.keyring.bundle().recipient])
        try Data(record.envelope).write(to: URL(fileURLWithPath: path))
        #expect(await status(path) == .usage)
        // A key for carol does not open for bob.
        let key = try await world.deliver(try world.honest())
        let carol = world.carol
        do {
            _ = try await site.session(carol) { try await $0.accept(file: key) }
            Issue.record("carol took a key that was sealed for bob")
        } catch {
            #expect(ClientError(error).status == .wrongKey)
        }
    }
}
