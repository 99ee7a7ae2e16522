// Attribute checks before a byte of the body moves: who opens, and what is said to who does not.

import AttributeEncryption
import Client
import Crypto
import Envelope
import Foundation
import Keyring
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct AccessTests {
    private let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 1) }
    private static let month = SiteAuthority.month

    /// A site with a hospital and a record of alice's under its policy.
    private func world(_ policy: String = "stmary:doctor and stmary:cardiology") async throws -> (site: TestSite, hospital: SiteAuthority) {
        let site = try await TestSite.make()
        let hospital = try SiteAuthority(try await site.enroll("stmary"))
        try await site.publish(hospital)
        _ = try await site.addRecord("a", content, for: [try site.alice.keyring.bundle().recipient, try hospital.recipient(policy)])
        return (site, hospital)
    }

    private func get(_ site: TestSite, holding keys: [ReceivedKey]) async -> ClientError? {
        await failure {
            let (name, target) = (try RemoteName.record("alice/a"), site.server.folder + "/out")
            _ = try await site.session(site.bob, holding: keys) { try await $0.get(name, to: target, mayReplace: true) }
        }
    }

    private func wasAskedForBody(_ site: TestSite) -> Bool { site.server.log.contains { $0.hasPrefix("RETR /records/alice/a.phr") } }

    @Test func opensForWhoSatisfiesThePolicy() async throws {
        let (site, hospital) = try await world()
        #expect(await get(site, holding: [try hospital.key(for: site.bob, "cardiology", "doctor")]) == nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: site.server.folder + "/out")) == Data(content))
    }

    @Test func saysWhatIsMissingBeforeTheBodyMoves() async throws {
        let (site, hospital) = try await world()
        let error = try #require(await get(site, holding: [try hospital.key(for: site.bob, "doctor")]))
        #expect(error.status == .policyNotSatisfied)
        #expect(error.message == "alice/a.phr needs stmary:cardiology")
        #expect(error.hint == "ask with: phr request stmary cardiology")
        #expect(error.details.contains("policy: stmary:cardiology and stmary:doctor") && error.details.contains("held: stmary:doctor"))
        #expect(!wasAskedForBody(site))
        let none = try #require(await get(site, holding: []))
        #expect(none.status == .policyNotSatisfied && none.message == "alice/a.phr needs stmary:cardiology and stmary:doctor")
        #expect(!wasAskedForBody(site))
    }

    @Test func tellsExpiredRevokedAndOldKeysApart() async throws {
        let (site, hospital) = try await world("stmary:doctor")
        let past = Self.month.advanced(by: -1)
        let expired = try #require(await get(site, holding: [try hospital.key(for: site.bob, "doctor", validity: past...past)]))
        #expect(expired.status == .policyNotSatisfied && expired.message.contains("has run out"), "\(expired.message)")
        let other = try SiteAuthority(hospital.person, epoch: 2)
        let wrongEpoch = try #require(await get(site, holding: [try other.key(for: site.bob, "doctor")]))
        #expect(wrongEpoch.status == .policyNotSatisfied && wrongEpoch.message.contains("of another epoch"), "\(wrongEpoch.message)")
        let key = try hospital.key(for: site.bob, "doctor", leaf: 9)
        #expect(await get(site, holding: [key]) == nil)
        _ = try await site.addRecord(
            "a", content, for: [try site.alice.keyring.bundle().recipient, try hospital.next(revoked: [9]).recipient("stmary:doctor")], version: 2)
        let revoked = try #require(await get(site, holding: [key]))
        #expect(revoked.status == .policyNotSatisfied && revoked.message.contains("not revoked"), "\(revoked.message)")
    }

    @Test func twoReadersWhoPoolTheirKeysGetNothing() async throws {
        let (site, hospital) = try await world()
        let keys = [try hospital.key(for: site.bob, "doctor"), try hospital.key(for: site.alice, "cardiology", leaf: 2)]
        #expect(await get(site, holding: keys)?.status == .policyNotSatisfied)
        #expect(!wasAskedForBody(site))
    }

    @Test func aSpoiltHeaderIsNoticed() async throws {
        let (site, hospital) = try await world("stmary:doctor")
        let heads = try #require(site.server.read("records/alice/.headers/a.phr"))
        var changed = heads
        changed[heads.count / 2] ^= 1
        try site.write("records/alice/.headers/a.phr", changed)
        #expect(await get(site, holding: [try hospital.key(for: site.bob, "doctor")])?.status == .tampered)
        #expect(!wasAskedForBody(site))
    }

    @Test func listsWhatOpens() async throws {
        let (site, hospital) = try await world()
        _ = try await site.addRecord("b", [1], for: [try site.alice.keyring.bundle().recipient])
        _ = try await site.addRecord("c", [1], for: [try hospital.recipient("stmary:doctor")])
        let folder = try RemoteName("/records/alice")
        let key = try hospital.key(for: site.bob, "doctor")
        let entries = try await site.session(site.bob, holding: [key]) { try await $0.list(folder) }.filter { !$0.isFolder }
        #expect(entries.map(\.name) == ["a.phr", "b.phr", "c.phr"])
        #expect(entries.map(\.isOpenForMe) == [false, false, true])
        #expect(entries.map(\.needs) == ["stmary:cardiology", nil, nil])
        #expect(!wasAskedForBody(site))
        let plain = try await site.session(site.bob, holding: [key]) { try await $0.list(folder, withAccess: false) }
        #expect(plain.allSatisfy { $0.isOpenForMe == nil })
        let own = try await site.session(site.alice) { try await $0.list(nil, withAccess: true) }.filter { !$0.isFolder }
        #expect(own.map(\.isOpenForMe) == [true, true, false])
    }

    @Test func infoStatesWhatEveryoneCanRead() async throws {
        let (site, hospital) = try await world()
        let name = try RemoteName.record("alice/a")
        let key = try hospital.key(for: site.bob, "doctor")
        let facts = try await site.session(site.bob, holding: [key]) { try await $0.info(name) }.facts
        #expect(!facts.isPostQuantum && facts.isOpenForMe == false)
        #expect(facts.recipients.map(\.kind) == ["X-Wing", "policy"])
        #expect(facts.recipients[0].name == "alice")
        let policy = try #require(facts.recipients[1].policy)
        #expect(policy.text == "stmary:cardiology and stmary:doctor" && policy.scheme == "FABEO" && !policy.hasHiddenNames)
        #expect(policy.authorities.map(\.name) == ["stmary"] && policy.authorities.map(\.epoch) == [1])
        #expect(policy.isSatisfied == false && policy.usable == ["stmary:doctor"])
        #expect(policy.missing.map { $0.map(\.text) } == [["stmary:cardiology"]] && policy.missing[0][0].reason == "notHeld")
        let own = try await site.session(site.alice) { try await $0.info(name) }.facts
        #expect(own.isOpenForMe == true)
        // A file on this machine says the same, but nothing about keys, which it does not look at.
        let path = site.server.folder + "/a.phr"
        try Data(try #require(site.server.read("records/alice/a.phr"))).write(to: URL(fileURLWithPath: path))
        let local = try LocalEnvelope.facts(of: path, ownKeyIDs: [])
        #expect(local.recipients[1].policy?.text == policy.text && local.recipients[1].policy?.isSatisfied == nil && local.isOpenForMe == nil)
    }

    @Test func infoKeepsHiddenNamesHidden() async throws {
        let site = try await TestSite.make()
        let nameKey = SymmetricKey(size: .bits256)
        let clinic = try SiteAuthority(try await site.enroll("clinic"), nameKey: nameKey)
        let policy = try Policy(parsing: "clinic:oncology").hidingNames { _ in nameKey }
        _ = try await site.addRecord("a", content, for: [.policy(policy, ["clinic": clinic.record])])
        let name = try RemoteName.record("alice/a")
        let fact = try #require(try await site.session(site.bob) { try await $0.info(name) }.facts.recipients[0].policy)
        #expect(fact.hasHiddenNames && !fact.text.contains("oncology") && fact.isSatisfied == false)
        let mine = try #require(
            try await site.session(site.bob, holding: [try clinic.key(for: site.bob, "oncology")]) { try await $0.info(name) }.facts.recipients[0].policy)
        #expect(mine.isSatisfied == true && mine.usable == ["clinic:oncology"])
        #expect(await get(site, holding: [try clinic.key(for: site.bob, "oncology")]) == nil)
        let other = try #require(await get(site, holding: [try clinic.key(for: site.bob, "cardiology")]))
        #expect(other.status == .policyNotSatisfied && !other.message.contains("oncology"))
    }
}
