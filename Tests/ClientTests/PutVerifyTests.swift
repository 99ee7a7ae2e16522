// Putting, verifying and explaining.

import Client
import Envelope
import Foundation
import Keyring
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct PutVerifyTests {
    private func status(_ body: () async throws -> Void) async -> CommandStatus? {
        do {
            try await body()
            return nil
        } catch {
            return ClientError(error).status
        }
    }

    private func put(_ site: TestSite, _ files: [String], to remote: String? = nil, options: PutOptions = PutOptions()) async throws {
        let name = try remote.map { try RemoteName($0) }
        let isFolder = remote?.hasSuffix("/") ?? false
        _ = try await site.session(site.alice) { try await $0.put(files, to: name, isFolder: isFolder, options: options) { _ in { _, _ in } } }
    }

    private func file(_ site: TestSite, _ bytes: [UInt8], name: String = "visit.json") throws -> String {
        let path = site.server.folder + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static let zeros = String(repeating: "0", count: 64)

    @Test(
        arguments: [
            ("final-STOR=226 done", .notOnLedger), ("final-STOR=226 Stored. sha256=\(zeros) size=1 root=\(zeros) index=1 height=1", .tampered),
            ("final-STOR=552 quota exceeded", .denied), ("final-STOR=452 disk full", .tryLater), ("final-STOR=451 failed", .tryLater),
            ("final-STOR=553 not here", .denied),
        ] as [(String, CommandStatus)])
    func believesOnlyAReceiptForWhatItSent(fault: String, expected: CommandStatus) async throws {
        let site = try await TestSite.make(faults: [fault])
        let path = try file(site, Array(repeating: 1, count: 100_000))
        let result = await status { try await put(site, [path]) }
        #expect(result == expected)
    }

    @Test func sendsOnlyWhatOpensForTheRecipients() async throws {
        let site = try await TestSite.make()
        let content = Array("a very particular text".utf8)
        let path = try file(site, content)
        #expect(await status { try await put(site, [path], to: "alice/x", options: PutOptions(recipients: ["bob"])) } == .notOnLedger)
        let sent = try #require(site.server.read("records/alice/x.phr"))
        #expect(Data(sent).range(of: Data(content)) == nil)
        let source = ArrayByteSource(sent)
        let layout = try EnvelopeLayout(scanning: source)
        for person in [site.alice, site.bob] {
            let reader = try EnvelopeReader(layout: layout, source: source, identities: try person.keyring.identities())
            #expect(try reader.readAll() == content)
            #expect(reader.metadata.originalName == "visit.json" && reader.metadata.mediaType == "application/json")
        }
        try EnvelopeVerifier.verifySignatures(layout, signerKeys: [try site.alice.keyring.signer().publicKey])
        #expect(layout.members[0].prefix.flags.contains(.sealedOnIngest) == false)
    }

    @Test func hidesTheSizeWhenAsked() async throws {
        let site = try await TestSite.make()
        let path = try file(site, Array(repeating: 1, count: 5))
        _ = await status { try await put(site, [path], to: "alice/x", options: PutOptions(isPadded: true)) }
        let sent = try #require(site.server.read("records/alice/x.phr"))
        #expect(try EnvelopeLayout(scanning: ArrayByteSource(sent)).totalPlaintextUpperBound == 4096)
    }

    @Test func refusesBadSourcesAndTargets() async throws {
        let site = try await TestSite.make()
        let path = try file(site, [1])
        #expect(await status { try await put(site, [site.server.folder + "/none"]) } == .notFound)
        #expect(await status { try await put(site, [site.server.folder]) } == .usage)
        #expect(await status { try await put(site, ["/dev/zero"]) } == .usage)
        #expect(await status { try await put(site, [path], to: "/other/x") } == .usage)
        let odd = try file(site, [1], name: "a\nb")
        #expect(await status { try await put(site, [odd]) } == .usage)
        #expect(!site.server.log.contains { $0.hasPrefix("STOR") })
    }

    @Test func makesFoldersThatAreMissing() async throws {
        let site = try await TestSite.make()
        let path = try file(site, [1])
        _ = await status { try await put(site, [path], to: "alice/2026/11/") }
        #expect(site.server.log.filter { $0.hasPrefix("MKD") } == ["MKD /records/alice/2026", "MKD /records/alice/2026/11"])
        #expect(site.server.read("records/alice/2026/11/visit.json.phr") != nil)
    }

    // MARK: Verifying

    @Test func verifiesRemotely() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", Array(repeating: 9, count: 150_000))
        let name = try RemoteName.record("alice/a")
        let report = try await site.session(site.bob) { try await $0.verify(name, withBody: true) }
        #expect(report.checkedByteCount == UInt64(record.envelope.count) && report.ledgerOrigin == TestSite.origin)
        var bytes = record.envelope
        bytes[record.bodyOffset + 70_000] ^= 1
        try site.write("records/alice/a.phr", bytes)
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: true) } } == .tampered)
        #expect(await status { _ = try await site.session(site.bob) { try await $0.verify(name, withBody: false) } } == nil)
    }

    @Test func verifiesOffline() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", Array(repeating: 9, count: 150_000))
        let other = try await site.addRecord("b", [1])
        let name = try RemoteName.record("alice/a")
        let folder = site.server.folder
        let envelope = folder + "/a.phr"
        try Data(record.envelope).write(to: URL(fileURLWithPath: envelope))
        let proof = try await site.session(site.alice) { try await $0.exportProof(name, to: envelope + ".proof", mayReplace: false) }
        let profile = try site.alice.store.load("default")
        #expect(try LocalEnvelope.verify(envelope, proofPath: nil, profile: profile).ledgerIndex == record.index)

        func status(_ path: String = envelope, _ proof: String? = nil) -> CommandStatus? {
            do {
                _ = try LocalEnvelope.verify(path, proofPath: proof, profile: profile)
                return nil
            } catch {
                return ClientError(error).status
            }
        }
        try Data(record.envelope).write(to: URL(fileURLWithPath: folder + "/c.phr"))
        #expect(status(folder + "/c.phr") == .notOnLedger)
        #expect(status(folder + "/c.phr", proof) == nil)
        #expect(status(folder + "/none.phr") == .notFound)
        try Data(other.envelope).write(to: URL(fileURLWithPath: folder + "/b.phr"))
        #expect(status(folder + "/b.phr", proof) == .notOnLedger)
        for place in [record.bodyOffset + 1, record.envelope.count - 10] {
            var bytes = record.envelope
            bytes[place] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/c.phr"))
            #expect(status(folder + "/c.phr", proof) != nil)
        }
        var changed = try String(contentsOfFile: proof, encoding: .utf8)
        changed = changed.replacing("\nindex ", with: "\nindex 1")
        try changed.write(toFile: folder + "/changed", atomically: true, encoding: .utf8)
        #expect(status(envelope, folder + "/changed") == .notOnLedger)
    }

    // MARK: Explaining

    @Test func explainsEnvelopes() async throws {
        let site = try await TestSite.make()
        let both = [try site.alice.keyring.bundle().recipient, try site.bob.keyring.bundle().recipient]
        let record = try await site.addRecord("a", Array(repeating: 9, count: 100), for: both)
        let name = try RemoteName.record("alice/a")
        let info = try await site.session(site.alice) { try await $0.info(name) }
        #expect(info.facts.recipients.map(\.name) == ["alice", "bob"])
        #expect(info.facts.recipients.map(\.isOwn) == [true, false])
        #expect(info.facts.isSealedByServer && info.byteCount == UInt64(record.envelope.count) && info.version == 1)
        let path = site.server.folder + "/a.phr"
        try Data(record.envelope).write(to: URL(fileURLWithPath: path))
        let facts = try LocalEnvelope.facts(of: path, ownKeyIDs: try site.bob.keyring.bundle().keyIDs)
        #expect(facts.recipients.map(\.isOwn) == [false, true] && facts.plaintextUpperBound == 100 && facts.memberCount == 1)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        #expect(await self.status { _ = try LocalEnvelope.facts(of: path, ownKeyIDs: []) } == .tampered)
    }

    @Test func lists() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("b", [1])
        _ = try await site.addRecord("a", [1])
        try FileManager.default.createDirectory(atPath: site.server.root + "/records/alice/sub", withIntermediateDirectories: false)
        let entries = try await site.session(site.alice) { try await $0.list(nil) }
        #expect(entries.map(\.name).filter { !$0.hasPrefix(".") } == ["a.phr", "b.phr", "sub"])
        #expect(entries.last?.isFolder == true)
    }

    // MARK: Sharing

    @Test func onlyTheOwnerShares() async throws {
        let site = try await TestSite.make()
        let both = [try site.alice.keyring.bundle().recipient, try site.bob.keyring.bundle().recipient]
        _ = try await site.addRecord("a", [1], for: both)
        let name = try RemoteName.record("alice/a")
        #expect(await status { _ = try await site.session(site.bob) { try await $0.share(name, with: ["bob"]) } } == .denied)
        #expect(await status { _ = try await site.session(site.alice) { try await $0.unshare(name, UnshareOptions(people: ["alice"])) } } == .usage)
        let report = try await site.session(site.alice) { try await $0.share(name, with: ["bob"]) }
        #expect(report.wasAlreadySo && report.recipients == ["alice", "bob"])
    }

    @Test func sendsASignedHeaderForTheSameBody() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", [1])
        let name = try RemoteName.record("alice/a")
        // The site takes the header but does not put it on its ledger: that is noticed, and the header is right.
        #expect(await status { _ = try await site.session(site.alice) { try await $0.share(name, with: ["bob"]) } } == .tampered)
        let sent = try HeaderRewriter.split(try #require(site.server.read("records/alice/.headers/a.phr")))
        try HeaderRewriter.sameBody(record.heads, sent)
        try HeaderRewriter.verifyOwnerSignature(heads: sent, ownerPublicKey: try site.alice.keyring.signer().publicKey)
        #expect(
            try EnvelopeHead(parsing: sent[0]).stanzas.map(\.keyID) == [
                try site.alice.keyring.bundle().recipient.keyID, try site.bob.keyring.bundle().recipient.keyID,
            ])
    }
}
