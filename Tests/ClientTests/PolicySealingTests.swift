// Sealing under policies, folder policies, and what is said about a policy that cannot be used.

import AttributeEncryption
import Client
import Crypto
import Envelope
import Foundation
import Keyring
import Ledger
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct PolicySealingTests {
    private let content = Array("a very particular text".utf8)

    private func world(nameKey: SymmetricKey? = nil) async throws -> (site: TestSite, hospital: SiteAuthority) {
        let site = try await TestSite.make()
        let hospital = try SiteAuthority(try await site.enroll("stmary"), nameKey: nameKey)
        try await site.publish(hospital)
        return (site, hospital)
    }

    private func put(_ site: TestSite, _ policies: [String], to remote: String = "alice/x", by person: Person? = nil, holding keys: [ReceivedKey] = []) async
        -> ClientError?
    {
        await failure {
            let path = site.server.folder + "/visit.json"
            try Data(content).write(to: URL(fileURLWithPath: path))
            let name = try RemoteName(remote)
            let options = PutOptions(policies: policies)
            _ = try await site.session(person ?? site.alice, holding: keys) {
                try await $0.put([path], to: name, isFolder: false, options: options) { _ in { _, _ in } }
            }
        }
    }

    private func sent(_ site: TestSite, _ name: String = "records/alice/x.phr") throws -> (layout: EnvelopeLayout, source: ArrayByteSource) {
        let source = ArrayByteSource(try #require(site.server.read(name)))
        return (try EnvelopeLayout(scanning: source), source)
    }

    private func opens(_ site: TestSite, _ key: ReceivedKey, _ name: String = "records/alice/x.phr") throws -> Bool {
        let (layout, source) = try sent(site, name)
        let key = try key.secret.withBytes { try AttributeKey(decoding: $0) }
        let reader = try? EnvelopeReader(layout: layout, source: source, identities: [.attributes([key], at: SiteAuthority.month)])
        return try reader?.readAll() == content
    }

    @Test func sealsForWhoSatisfiesThePolicy() async throws {
        let (site, hospital) = try await world()
        // The test site takes no envelopes onto its ledger; what was sent is there to be looked at.
        #expect(await put(site, ["stmary:doctor and valid now"])?.status == .notOnLedger)
        #expect(try opens(site, try hospital.key(for: site.bob, "doctor")))
        #expect(try !opens(site, try hospital.key(for: site.bob, "nurse")))
        let policy = try #require(try sent(site).layout.stanzas[1].policyFacts()).policy.text
        #expect(policy == "stmary:doctor and stmary:valid in \(SiteAuthority.month)")
        let (layout, source) = try sent(site)
        #expect(try EnvelopeReader(layout: layout, source: source, identities: try site.alice.keyring.identities()).readAll() == content)
    }

    @Test func sealsUnderSeveralPolicies() async throws {
        let (site, hospital) = try await world()
        try await site.publish(try SiteAuthority(site.alice))
        #expect(await put(site, ["stmary:doctor", "alice:care-team and stmary:nurse", " stmary:doctor "])?.status == .notOnLedger)
        #expect(try sent(site).layout.stanzas.compactMap { try $0.policyFacts()?.policy.text } == ["stmary:doctor", "alice:care-team and stmary:nurse"])
        #expect(try opens(site, try hospital.key(for: site.bob, "doctor")))
    }

    @Test func hidesNamesWithTheAuthoritysKey() async throws {
        let nameKey = SymmetricKey(size: .bits256)
        let (site, hospital) = try await world(nameKey: nameKey)
        let refused = await put(site, ["stmary:oncology"])
        #expect(refused?.status == .configuration && refused?.message.contains("hidden") == true)
        #expect(site.server.read("records/alice/x.phr") == nil)
        let own = try hospital.key(for: site.alice, "anything")
        #expect(await put(site, ["stmary:oncology"], holding: [own])?.status == .notOnLedger)
        let text = try #require(try sent(site).layout.stanzas[1].policyFacts()).policy.text
        #expect(text.hasPrefix("stmary:~h"))
        #expect(Data(try #require(site.server.read("records/alice/x.phr"))).range(of: Data("oncology".utf8)) == nil)
        #expect(try opens(site, try hospital.key(for: site.bob, "oncology")))
        // Hidden names that somebody else passed on need no key.
        #expect(await put(site, [text], to: "alice/y")?.status == .notOnLedger)
    }

    @Test func showsThePlaceInABadPolicy() async throws {
        let (site, _) = try await world()
        let error = try #require(await put(site, ["stmary:doctor and (alice: or x)"]))
        #expect(error.status == .usage && error.message.hasPrefix("the policy cannot be read: column "))
        let column = try #require(error.message.split(separator: " ").compactMap { Int($0.dropLast()) }.first)
        #expect(error.details == ["stmary:doctor and (alice: or x)", String(repeating: " ", count: column - 1) + "^"])
        let long = try #require(await put(site, [String(repeating: "stmary:doctor and ", count: 20) + "stmary:"]))
        #expect(long.details.count == 2 && long.details[0].count < 130)
        #expect(long.details[1].last == "^" && long.details[1].count <= long.details[0].count + 1)
        #expect(await put(site, ["nowhere:doctor"])?.status == .notFound)
        #expect(!site.server.log.contains { $0.hasPrefix("STOR") })
    }

    @Test func namesTheReasonWhenAPolicyCannotBeSealedFor() async throws {
        let (site, hospital) = try await world()
        try await site.publish(try hospital.next(revoked: Array(0..<64)))
        let error = try #require(await put(site, ["stmary:doctor"]))
        #expect(error.status == .usage && error.message.contains("revoked"), "\(error.message)")
    }

    @Test func sharingAddsAPolicyToTheHeader() async throws {
        let (site, hospital) = try await world()
        let record = try await site.addRecord("x", content)
        let name = try RemoteName.record("alice/x")
        let status = await failure { _ = try await site.session(site.alice) { try await $0.share(name, with: ["bob"], policies: ["stmary:doctor"]) } }?.status
        #expect(status == .tampered)
        let heads = try HeaderRewriter.split(try #require(site.server.read("records/alice/.headers/x.phr")))
        try HeaderRewriter.sameBody(record.heads, heads)
        try HeaderRewriter.verifyOwnerSignature(heads: heads, ownerPublicKey: try site.alice.keyring.signer().publicKey)
        #expect(try EnvelopeHead(parsing: heads[0]).stanzas.map(\.kind) == [.xWing, .xWing, .attributes])
        try site.write("records/alice/x.phr", heads[0] + record.envelope[record.bodyOffset...])
        #expect(try opens(site, try hospital.key(for: site.bob, "doctor")))
    }

    @Test func unsharingAPolicySealsAnew() async throws {
        let (site, hospital) = try await world()
        let recipients = [try site.alice.keyring.bundle().recipient, try hospital.recipient("stmary:doctor"), try hospital.recipient("stmary:nurse")]
        let record = try await site.addRecord("x", content, for: recipients)
        let name = try RemoteName.record("alice/x")
        func unshare(_ options: UnshareOptions) async -> CommandStatus? {
            await failure { _ = try await site.session(site.alice) { try await $0.unshare(name, options) } }?.status
        }
        #expect(await unshare(UnshareOptions(policies: ["stmary:porter"])) == .notFound)
        #expect(try #require(site.server.read("records/alice/x.phr")) == record.envelope)
        #expect(await unshare(UnshareOptions(policies: ["stmary:doctor"])) == .notOnLedger)
        #expect(try sent(site).layout.stanzas.compactMap { try $0.policyFacts()?.policy.text } == ["stmary:nurse"])
        #expect(try sent(site).layout.objectID != record.opening.objectID)
        #expect(try opens(site, try hospital.key(for: site.bob, "nurse")))
        #expect(try !opens(site, try hospital.key(for: site.bob, "doctor")))
    }

    @Test func renewingShutsOutWhomTheAuthorityRevoked() async throws {
        let (site, hospital) = try await world()
        _ = try await site.addRecord("x", content, for: [try site.alice.keyring.bundle().recipient, try hospital.recipient("stmary:doctor")])
        try await site.publish(try hospital.next(revoked: [9]))
        let name = try RemoteName.record("alice/x")
        let revoked = try hospital.key(for: site.bob, "doctor", leaf: 9)
        #expect(try opens(site, revoked))
        let status = await failure { _ = try await site.session(site.alice) { try await $0.unshare(name, UnshareOptions(renewsPolicies: true)) } }?.status
        #expect(status == .notOnLedger)
        #expect(try !opens(site, revoked))
        #expect(try opens(site, try hospital.key(for: site.bob, "doctor", leaf: 8)))
    }

    // MARK: Folders

    @Test func showsTheFolderPolicyThatTheLedgerProves() async throws {
        let (site, _) = try await world()
        let none = try await site.session(site.alice) { try await $0.showFolderPolicy("inbox") }
        #expect(none.policy == nil && none.folder == "/inbox/alice")
        try await site.publishPolicy("stmary:doctor", of: "/inbox/alice", by: site.alice, sequence: 0)
        let shown = try await site.session(site.bob) { try await $0.showFolderPolicy("/inbox/alice") }
        #expect(shown.policy == "stmary:doctor" && shown.owner == "alice" && shown.sequence == 0)
        #expect(await failure { _ = try await site.session(site.bob) { try await $0.showFolderPolicy("alice/x") } }?.status == .usage)
    }

    @Test func noticesAFolderPolicyThatIsNotTheOwners() async throws {
        let (site, _) = try await world()
        func show() async -> CommandStatus? { await failure { _ = try await site.session(site.bob) { try await $0.showFolderPolicy("/inbox/alice") } }?.status }
        try await site.publishPolicy("stmary:doctor", of: "/inbox/alice", by: site.alice, sequence: 0, signer: site.bob)
        #expect(await show() == .tampered)
        try await site.publishPolicy("stmary:doctor", of: "/inbox/bob", by: site.bob, sequence: 0)
        try site.write(".policies/alice/inbox/alice", try #require(site.server.read(".policies/bob/inbox/bob")))
        #expect(await show() == .tampered)
        try site.write(".policies/alice/inbox/alice", try #require(site.server.read(".keys/alice")))
        #expect(await show() == .notOnLedger)
    }

    @Test func noticesAFolderPolicyThatGoesBack() async throws {
        let (site, _) = try await world()
        func show() async -> CommandStatus? { await failure { _ = try await site.session(site.bob) { try await $0.showFolderPolicy("/inbox/alice") } }?.status }
        let old = try await site.publishPolicy("stmary:doctor", of: "/inbox/alice", by: site.alice, sequence: 0)
        try await site.publishPolicy("stmary:nurse", of: "/inbox/alice", by: site.alice, sequence: 1)
        #expect(await show() == nil)
        try site.show(old)
        #expect(await show() == .staleHeader)
        try FileManager.default.removeItem(atPath: site.server.root + "/.policies/alice/inbox/alice")
        #expect(await show() == .staleHeader)
        try await site.publishPolicy("stmary:nurse", of: "/inbox/alice", by: site.alice, sequence: 2, folderID: [UInt8](repeating: 8, count: 16))
        #expect(await show() == .staleHeader)
    }

    @Test func whatIsPutIntoAnInboxIsSealedUnderItsPolicy() async throws {
        let (site, hospital) = try await world()
        try FileManager.default.createDirectory(atPath: site.server.root + "/inbox/alice", withIntermediateDirectories: true)
        try await site.publishPolicy("stmary:doctor and valid now", of: "/inbox/alice", by: site.alice, sequence: 0)
        _ = await put(site, [], to: "/inbox/alice/x", by: site.bob)
        let layout = try sent(site, "inbox/alice/x.phr").layout
        #expect(layout.stanzas.map(\.kind) == [.xWing, .xWing, .attributes])
        #expect(try opens(site, try hospital.key(for: site.bob, "doctor"), "inbox/alice/x.phr"))
    }

    // MARK: Trying

    @Test func triesAPolicyWithoutANetwork() throws {
        let trial = try PolicyTrial.offline("alice:care-team or (stmary:doctor and stmary:clearance >= 3)")
        #expect(trial.ways == [["alice:care-team"], ["stmary:clearance >= 3", "stmary:doctor"]])
        #expect(trial.scheme == "decentralised" && trial.clauseCount == 3 && trial.rowCount > 3 && !trial.isUnderPublishedRecords)
        #expect(trial.headerByteCount > 240 * trial.rowCount && trial.sealMilliseconds > 0 && trial.openMilliseconds ?? 0 > 0)
        #expect(try PolicyTrial.offline("a:x and valid in 2027-01").openMilliseconds != nil)
        #expect(try PolicyTrial.offline("a:~h00112233445566778899aabbccddeeff").openMilliseconds == nil)
        #expect(throws: ClientError(.usage, "")) { _ = try PolicyTrial.offline("a:x and") }
    }
}
