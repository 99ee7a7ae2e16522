// What the client remembers of ledger and people, against a site that changes its story.

import Client
import Envelope
import FTPProtocol
import Foundation
import Keyring
import Ledger
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct LedgerMemoryTests {
    private func status(_ body: () async throws -> Void) async -> CommandStatus? {
        do {
            try await body()
            return nil
        } catch {
            return ClientError(error).status
        }
    }

    private func visit(_ site: TestSite, as person: Person? = nil) async -> CommandStatus? {
        await status { _ = try await site.session(person ?? site.alice) { _ in } }
    }

    @Test func loginPinsEverything() async throws {
        let site = try await TestSite.make()
        let report = try await site.logIn(site.alice)
        #expect(report.keysRegistered && !report.keysAreNew && report.ledgerSize == site.ledger.head.size)
        let profile = try site.alice.store.load("default")
        #expect(profile.ledgerKey == site.ledger.verifierKey.text)
        #expect(profile.checkpoint == site.ledger.checkpoint)
        #expect(profile.contacts["alice"]?.sequence == 0)
        let stored = try Data(contentsOf: URL(fileURLWithPath: site.alice.home + "/profiles/default.json"))
        #expect(stored.range(of: Data("secret".utf8)) == nil)
        let keyring = try Keyring.open(in: site.alice.home, passphrase: Secret(Array("passphrase".utf8)))
        #expect(keyring.password(profile: "default")?.withBytes { $0 } == Array("secret".utf8))
    }

    @Test func aFailedLoginKeepsNothing() async throws {
        let site = try await TestSite.make()
        #expect(await status { try await site.logIn(site.alice, password: "wrong") } == .denied)
        #expect(!site.alice.store.exists("default"))
        #expect(await status { try await site.logIn(site.alice, password: "sec\r\nret") } == .usage)
    }

    @Test func refusesKeysOfAnotherIdentity() async throws {
        let site = try await TestSite.make()
        try await site.publishKeys(of: site.bob, as: "alice")
        #expect(await status { try await site.logIn(site.alice) } == .configuration)
    }

    @Test func refusesAnotherLedgerKey() async throws {
        let site = try await TestSite.make()
        try await site.logIn(site.alice)
        let other = try await TestSite.make()
        try site.write(".ledger/vkey", Array((other.ledger.verifierKey.text + "\n").utf8))
        #expect(await status { try await site.logIn(site.alice) } == .logMisbehaviour)
        try site.write(".ledger/checkpoint", Array(other.ledger.checkpoint.utf8))
        #expect(await visit(site) == .notOnLedger)
    }

    @Test func followsAGrowingLedger() async throws {
        let site = try await TestSite.make()
        for number in 0..<4 {
            _ = try await site.addRecord("r\(number)", [1])
            #expect(await visit(site) == nil)
            #expect(try site.alice.store.load("default").checkpoint == site.ledger.checkpoint)
        }
    }

    @Test func refusesARollbackAndKeepsTheEvidence() async throws {
        let site = try await TestSite.make()
        let old = site.ledger.checkpoint
        _ = try await site.addRecord("a", [1])
        #expect(await visit(site) == nil)
        let new = site.ledger.checkpoint
        try site.write(".ledger/checkpoint", Array(old.utf8))
        #expect(await visit(site) == .logMisbehaviour)
        #expect(try site.alice.store.load("default").checkpoint == new)
        let evidence = try FileManager.default.contentsOfDirectory(atPath: site.alice.home).filter { $0.hasPrefix("evidence") }
        let text = try String(contentsOfFile: site.alice.home + "/" + (#require(evidence.first)), encoding: .utf8)
        #expect(text.contains(old) && text.contains(new))
        try site.showCheckpoint()
        #expect(await visit(site) == nil)
    }

    @Test func refusesALedgerThatDoesNotContinue() async throws {
        let site = try await TestSite.make()
        try await site.logIn(site.alice)
        let size = site.ledger.head.size
        _ = try await site.addRecord("a", [1])
        let name = ".ledger/proof/consistency/\(size)-\(site.ledger.head.size)"
        let good = try #require(site.server.read(name))
        try site.write(name, Array(good.dropFirst(45)))
        #expect(await visit(site) == .logMisbehaviour)
        try site.write(name, Array("bm90IGEgaGFzaA==\n".utf8))
        #expect(await visit(site) == .notOnLedger)
        try FileManager.default.removeItem(atPath: site.server.root + "/" + name)
        #expect(await visit(site) == .logMisbehaviour)
        try site.write(name, good)
        #expect(await visit(site) == nil)
    }

    @Test func refusesWhatIsNoCheckpoint() async throws {
        let site = try await TestSite.make()
        try await site.logIn(site.alice)
        for text in ["", "nonsense", "phr.example/test\n1\nAAAA\n\n— x y\n"] {
            try site.write(".ledger/checkpoint", Array(text.utf8))
            #expect(await visit(site) == .notOnLedger)
        }
    }

    @Test func refusesAChangedCheckpoint() async throws {
        let site = try await TestSite.make()
        try await site.logIn(site.alice)
        let changed = site.ledger.checkpoint.replacing("\n\(site.ledger.head.size)\n", with: "\n\(site.ledger.head.size + 1)\n")
        try site.write(".ledger/checkpoint", Array(changed.utf8))
        #expect(await visit(site) == .notOnLedger)
    }

    // MARK: People

    @Test func acceptsNewKeysOnlyWithTheOldSignature() async throws {
        let site = try await TestSite.make()
        let name = try RemoteName.record("alice/a")
        let record = try await site.addRecord("a", [1])
        let both = [try site.alice.keyring.bundle().recipient, try site.bob.keyring.bundle().recipient]
        _ = try await site.rewrap(record, for: both, by: site.alice)
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: false) } } == nil)

        let stranger = Signer.generate()
        let identity = try Identity.generateXWing()
        let forged = try KeyBundle(signer: stranger, xWingKey: identity.publicKey, created: 1)
        try await site.publishKeys(of: site.alice, bundle: forged)
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: false) } } == .tampered)

        let own = (bundle: try site.alice.keyring.bundle(), signer: try site.alice.keyring.signer())
        let next = try KeyBundle(signer: stranger, xWingKey: identity.publicKey, created: 2, following: own)
        try await site.publishKeys(of: site.alice, bundle: next)
        // The keys are hers now; the header was signed with her former key and must be made anew.
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: false) } } == .tampered)
        #expect(try site.bob.store.load("default").contacts["alice"]?.sequence == 1)
        try await site.publishKeys(of: site.alice)
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: false) } } == .staleHeader)
    }

    @Test func refusesKeysThatAreNotOnTheLedger() async throws {
        let site = try await TestSite.make()
        let bundle = try site.bob.keyring.bundle()
        try site.write(".keys/bob", bundle.encoded())
        let file = site.server.folder + "/file"
        try Data([1]).write(to: URL(fileURLWithPath: file))
        let put: @Sendable (ClientSession) async throws -> Void = { session in
            _ = try await session.put([file], to: nil, isFolder: false, options: PutOptions(recipients: ["bob"])) { _ in { _, _ in } }
        }
        #expect(await status { try await site.session(site.alice, put) } == .notOnLedger)
        try FileManager.default.removeItem(atPath: site.server.root + "/.keys/bob")
        #expect(await status { try await site.session(site.alice, put) } == .notFound)
        #expect(!site.server.log.contains { $0.hasPrefix("STOR") })
    }
}
