// Authorities as the client takes them: proven, signed by the pinned contact, never older than before.

import AttributeEncryption
import Client
import Envelope
import Foundation
import Keyring
import Ledger
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct AuthorityRecordTests {
    private func world() async throws -> (site: TestSite, hospital: SiteAuthority) {
        let site = try await TestSite.make()
        return (site, try SiteAuthority(try await site.enroll("stmary")))
    }

    /// Trying a policy resolves its authorities, and sends nothing.
    private func resolve(_ site: TestSite, files: [AuthorityFile] = []) async -> CommandStatus? {
        await failure {
            _ = try await site.session(site.alice) { session in
                try await session.use(files)
                return try await session.tryPolicy("stmary:doctor", ofFolder: nil, asMe: true)
            }
        }?.status
    }

    @Test func takesWhatTheLedgerProves() async throws {
        let (site, hospital) = try await world()
        #expect(await resolve(site) == .notFound)
        try await site.publish(hospital)
        #expect(await resolve(site) == nil)
        let trial = try await site.session(site.alice) { try await $0.tryPolicy("stmary:doctor and stmary:nurse", ofFolder: nil, asMe: true) }
        #expect(trial.isUnderPublishedRecords && trial.ways == [["stmary:doctor", "stmary:nurse"]] && trial.scheme == "FABEO" && trial.rowCount == 2)
        #expect(trial.mine?.isSatisfied == false && trial.headerByteCount > 96 && trial.sealMilliseconds > 0)
        #expect(try #require(site.alice.store.load("default").authorities?["stmary"]).sequence == 0)
    }

    @Test func followsTheChainOfRecords() async throws {
        let (site, hospital) = try await world()
        try await site.publish(hospital)
        #expect(await resolve(site) == nil)
        let second = try hospital.next(revoked: [1])
        let third = try second.next(revoked: [1, 2])
        for authority in [second, third] { try await site.publish(authority) }
        #expect(await resolve(site) == nil)
        #expect(try site.alice.store.load("default").authorities?["stmary"]?.sequence == 2)
        let trial = try await site.session(site.alice) { try await $0.tryPolicy("stmary:doctor", ofFolder: nil, asMe: false) }
        #expect(trial.rowCount > 1 && trial.mine == nil)
    }

    @Test func noticesAMissingLink() async throws {
        let (site, hospital) = try await world()
        try await site.publish(hospital)
        #expect(await resolve(site) == nil)
        let second = try hospital.next(revoked: [1])
        let third = try second.next(revoked: [1, 2])
        try await site.publish(second)
        try await site.publish(third)
        try FileManager.default.removeItem(atPath: site.server.root + "/.authorities/stmary.history/1")
        #expect(await resolve(site) == .tampered)
    }

    @Test func noticesARecordThatGoesBack() async throws {
        let (site, hospital) = try await world()
        try await site.publish(hospital)
        try await site.publish(try hospital.next(revoked: [1]))
        #expect(await resolve(site) == nil)
        try site.write(".authorities/stmary", try #require(site.server.read(".authorities/stmary.history/0")))
        #expect(await resolve(site) == .staleHeader)
        try FileManager.default.removeItem(atPath: site.server.root + "/.authorities/stmary")
        #expect(await resolve(site) == .staleHeader)
    }

    @Test func noticesAKeyThatChangedWithoutANewEpoch() async throws {
        let (site, hospital) = try await world()
        try await site.publish(hospital)
        #expect(await resolve(site) == nil)
        // A second first record, and one that follows nothing, with keys of the same epoch.
        try await site.publish(try SiteAuthority(hospital.person))
        #expect(await resolve(site) == .tampered)
        try await site.publish(try SiteAuthority(hospital.person).next())
        #expect(await resolve(site) == .tampered)
        let newEpoch = try SiteAuthority(hospital.person, epoch: 2, following: hospital.record)
        try await site.publish(newEpoch)
        #expect(await resolve(site) == nil)
    }

    @Test func noticesAnotherSigner() async throws {
        let (site, hospital) = try await world()
        try await site.publish(try SiteAuthority(hospital.person, signer: .generate()))
        #expect(await resolve(site) == .tampered)
        // Somebody else's record under this name.
        let other = try SiteAuthority(site.bob)
        try await site.publish(other)
        try site.write(".authorities/stmary", try #require(site.server.read(".authorities/bob")))
        #expect(await resolve(site) == .tampered)
    }

    @Test func noticesAnEntryThatSaysSomethingElse() async throws {
        let (site, hospital) = try await world()
        let index = try await site.submit(
            .authority(
                AuthorityTransaction(pseudonym: hospital.person.pseudonym, sequence: 5, epoch: 1, record: hospital.record.encoded())))
        try site.showProof(".authorities/stmary", index: index, opening: nil)
        #expect(await resolve(site) == .tampered)
        try site.write(".authorities/stmary", try #require(site.server.read(".keys/stmary")))
        #expect(await resolve(site) == .notOnLedger)
        try site.write(".authorities/stmary", Array("nothing".utf8))
        #expect(await resolve(site) == .notOnLedger)
    }

    @Test func takesARecordFromAPinnedFile() async throws {
        let (site, hospital) = try await world()
        func file(_ record: AuthorityRecord, _ name: String = "stmary") throws -> AuthorityFile {
            let path = site.server.folder + "/record"
            try Data(record.encoded()).write(to: URL(fileURLWithPath: path))
            return try AuthorityFile("\(name)=\(path)")
        }
        #expect(await resolve(site, files: [try file(hospital.record)]) == nil)
        #expect(!site.server.log.contains { $0.contains("/.authorities/") })
        #expect(await resolve(site, files: [try file(try SiteAuthority(site.bob).record)]) == .tampered)
        try await site.publish(hospital)
        try await site.publish(try hospital.next(revoked: [1]))
        #expect(await resolve(site) == nil)
        #expect(await resolve(site, files: [try file(hospital.record)]) == .staleHeader)
        #expect(throws: ClientError(.usage, "")) { _ = try AuthorityFile("record") }
        #expect(throws: ClientError(.configuration, "")) { _ = try AuthorityFile("stmary=/none") }
    }
}
