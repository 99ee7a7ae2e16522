/// Emergency access: nobody gets the half before the ledger and the owner know why.
import CanonicalEncoding
import Envelope
import Exchange
import Foundation
import GRDB
import Ledger
import Testing

private let half = [UInt8](0..<32)
private let place = "/.emergency/alice/stmary"

private extension TestSite {
    func grant(_ sequence: UInt64 = 0, half: [UInt8] = half, by signer: String = "alice", holder: String = "stmary", signed owner: String = "alice") throws
        -> [UInt8]
    {
        let signer = try person(signer)
        let grant = try EmergencyGrant(
            owner: owner, holder: holder, half: half, sequence: sequence, created: 1_790_000_000, note: "call bob first"
        ) { try signer.sign($0) }
        return half + grant.encoded()
    }

    func request(
        _ reason: String = "unconscious, blood type needed", by signer: String = "stmary", owner: String = "alice", holder: String = "stmary",
        secondsOff: Int = 0
    ) throws -> [UInt8] {
        let signer = try person(signer)
        let time = UInt64(Int(Date().timeIntervalSince1970) + secondsOff)
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...255) }
        return try EmergencyRequest(owner: owner, holder: holder, reason: reason, time: time, nonce: nonce) { try signer.sign($0) }.encoded()
    }

    func releaseIsRefused() async -> String { await refusal { _ = try await retrieve(place + "/release", as: "stmary") } ?? "released" }

    func notices() async throws -> [String] { try await list("/mail/alice", as: "alice").filter { $0.hasPrefix("emergency-") } }
}

private struct Notice: Decodable {
    let type: String
    let owner: String
    let holder: String
    let reason: String
    let time: UInt64
    let commitment: String
    let salt: String
    let document: Data
}

extension SiteTests {
    @Suite struct EmergencyTests {
        @Test func releasesTheHalfOnceLedgerAndOwnerKnow() async throws {
            try await withSite { site in
                let prepared = try await site.store(try site.grant(), at: place, as: "alice")
                #expect(prepared == "Emergency access prepared. sequence=0")
                let signed = try EmergencyGrant(decoding: try #require(try await site.retrieve(place, as: "stmary")))
                try signed.verify(by: try site.person("alice").bundle.signingKey)
                #expect(signed.note == "call bob first")

                let request = try site.request()
                let reply = try await site.store(request, at: place + "/request", as: "stmary")
                #expect(reply.hasPrefix("Emergency access recorded, alice has been told. index="))
                let release = try EmergencyRelease(parsing: try await site.text(place + "/release", as: "stmary"))
                #expect(release.half == half)
                try signed.verify(half: release.half)
                #expect(release.proof.document == request)
                let verified = try release.proof.verify(log: try await site.log())
                guard case .emergency(let entry) = verified.transaction.body else {
                    Issue.record("the proof is of another entry")
                    return
                }
                #expect(reply.contains("index=\(verified.index) "))

                // The owner's side: the notice, sealed to her and signed by the site, and the request with its proof.
                let name = try #require(try await site.notices().first)
                #expect(try await site.notices().count == 1 && name.hasPrefix("emergency-stmary-") && name.hasSuffix(".json.phr"))
                let (content, metadata, layout) = try await site.open("/mail/alice/\(name)", as: "alice", with: [try site.person("alice").identity])
                #expect(metadata.mediaType == "application/vnd.phr.emergency-notice+json" && metadata.source?.uploader == "@site")
                guard case .key(let siteKeys) = try await site.provenEntry("/.keys/@site", as: "alice") else {
                    Issue.record("@site has no keys")
                    return
                }
                let source = ArrayByteSource(try #require(try await site.retrieve("/mail/alice/\(name)", as: "alice")))
                try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: [try KeyBundle(decoding: siteKeys.bundle).signingKey])
                let notice = try JSONDecoder().decode(Notice.self, from: Data(content))
                #expect(notice.type == "phr/v1/emergency-notice" && notice.owner == "alice" && notice.holder == "stmary")
                #expect(notice.reason == "unconscious, blood type needed" && Array(notice.document) == request)
                #expect(notice.commitment == entry.commitment.hexadecimal)
                let salt = try #require([UInt8](hexadecimal: notice.salt))
                #expect(DocumentCommitment.emergency.commitment(salt: salt, document: request) == entry.commitment)
                #expect(try await site.list(place + "/requests", as: "alice") == ["0"])
                #expect(try await site.provenDocument(place + "/requests/0", as: "alice").document == request)
                #expect(try await site.list("/mail/alice", as: "stmary") == [], "the holder could rename or replace the notice")

                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func releasesNothingWithoutARequest() async throws {
            try await withSite { site in
                #expect(try await site.retrieve(place + "/release", as: "stmary") == nil)
                #expect(await site.storingIsRefused(try site.request(), at: place + "/request", as: "stmary").hasPrefix("550"))
                try await site.store(try site.grant(), at: place, as: "alice")
                #expect(await site.releaseIsRefused().hasPrefix("553 Ask first"))
                #expect(try await site.notices() == [])
            }
        }

        @Test func showsStrangersNothing() async throws {
            try await withSite { site in
                try await site.store(try site.grant(), at: place, as: "alice")
                try await site.store(try site.request(), at: place + "/request", as: "stmary")
                for path in [place, place + "/release", place + "/requests/0"] { #expect(try await site.retrieve(path, as: "bob") == nil, "\(path)") }
                #expect(try await site.list("/.emergency", as: "bob") == [])
                #expect(try await site.list("/.emergency/alice", as: "bob") == [])
                #expect(try await site.retrieve(place + "/release", as: "alice") == nil, "not even the owner")
                #expect(try await site.list("/.emergency", as: "stmary") == ["alice"])
                #expect(try await site.list("/.emergency/alice", as: "stmary") == ["stmary"])
                #expect(await site.storingIsRefused(try site.request(), at: place + "/request", as: "bob").hasPrefix("550"))
                #expect(await site.storingIsRefused(try site.request(by: "alice"), at: place + "/request", as: "alice").hasPrefix("550"))
                #expect(await site.storingIsRefused(try site.grant(1, by: "stmary"), at: place, as: "stmary").hasPrefix("550"))
            }
        }

        @Test func refusesWhatIsNotAsItMustBe() async throws {
            try await withSite { site in
                func refused(_ bytes: [UInt8], as name: String = "alice", at path: String = place) async -> String {
                    await site.storingIsRefused(bytes, at: path, as: name)
                }
                #expect(await refused(try site.grant(by: "mallory")).contains("not signed"))
                #expect(await refused(try site.grant(1)).contains("but sequence=0 is expected"))
                #expect(await refused(try site.grant(holder: "bob")).contains("from alice to bob"))
                #expect(await refused(try site.grant(signed: "bob")).contains("from bob to stmary"))
                #expect(await refused([UInt8](repeating: 9, count: 32) + (try site.grant().dropFirst(32))).contains("half is not the one"))
                #expect(await refused(Array(try site.grant().dropLast())).hasPrefix("553"))
                #expect(await refused([]).hasPrefix("553"))
                #expect(await refused([UInt8](repeating: 0, count: 5000)).contains("At most"))
                #expect(await refused(try site.grant(holder: "nobody"), at: "/.emergency/alice/nobody").contains("no account"))
                #expect(await refused(try site.grant(holder: "alice"), at: "/.emergency/alice/alice").hasPrefix("550"))
                try await site.store(try site.grant(), at: place, as: "alice")
                #expect(try await site.store(try site.grant(), at: place, as: "alice").contains("already"))

                func asked(_ bytes: [UInt8]) async -> String { await refused(bytes, as: "stmary", at: place + "/request") }
                #expect(await asked(try site.request(by: "mallory")).contains("not signed"))
                #expect(await asked(try site.request(owner: "bob")).contains("for records of bob"))
                #expect(await asked(try site.request(holder: "bob")).contains("by bob"))
                #expect(await asked(try site.request(secondsOff: 700)).contains("10 minutes"))
                #expect(await asked(try site.request(secondsOff: -700)).contains("10 minutes"))
                #expect(await asked([1, 2, 3]).hasPrefix("553"))
                #expect(try await site.notices() == [])
                #expect(try await site.list(place + "/requests", as: "alice") == [])
            }
        }

        @Test func takesAResentRequestOnce() async throws {
            try await withSite { site in
                try await site.store(try site.grant(), at: place, as: "alice")
                let request = try site.request()
                try await site.store(request, at: place + "/request", as: "stmary")
                let size = try await site.ledgerSize()
                #expect(try await site.store(request, at: place + "/request", as: "stmary").contains("already"))
                #expect(try await site.ledgerSize() == size)
                #expect(try await site.notices().count == 1)
                try await site.store(try site.request("again"), at: place + "/request", as: "stmary")
                #expect(try await site.notices().count == 2)
                #expect(try await site.list(place + "/requests", as: "stmary") == ["0", "1"])
            }
        }

        @Test func aWithdrawnOrReplacedGrantReleasesNothing() async throws {
            try await withSite { site in
                try await site.store(try site.grant(), at: place, as: "alice")
                try await site.store(try site.request(), at: place + "/request", as: "stmary")
                let other = [UInt8](repeating: 7, count: 32)
                try await site.store(try site.grant(1, half: other), at: place, as: "alice")
                #expect(await site.releaseIsRefused().hasPrefix("553"))
                try await site.store(try site.request(), at: place + "/request", as: "stmary")
                #expect(try EmergencyRelease(parsing: try await site.text(place + "/release", as: "stmary")).half == other)

                #expect(await site.refusal { try await site.delete(place, as: "stmary") }?.hasPrefix("550") == true)
                try await site.delete(place, as: "alice")
                #expect(try await site.retrieve(place + "/release", as: "stmary") == nil)
                #expect(await site.storingIsRefused(try site.request(), at: place + "/request", as: "stmary").hasPrefix("550"))
                #expect(await site.storingIsRefused(try site.grant(), at: place, as: "alice").contains("but sequence=2 is expected"))
            }
        }

        @Test func theReleaseEnds() async throws {
            let site = try await TestSite.start()
            try await site.store(try site.grant(), at: place, as: "alice")
            try await site.store(try site.request(), at: place + "/request", as: "stmary")
            await site.stop()
            try await site.execute("UPDATE emergency_use SET created = created - 59 * 60000")
            let early = try await site.restarted()
            #expect(try await early.retrieve(place + "/release", as: "stmary") != nil)
            await early.stop()
            try await site.execute("UPDATE emergency_use SET created = created - 2 * 60000")
            let late = try await early.restarted()
            #expect(await late.releaseIsRefused().hasPrefix("553"))
            await late.stop()
            late.remove()
        }

        /// The notice cannot be written, or the commit fails: no entry, no message, no half.
        @Test(arguments: ["notice", "commit"]) func aFailureReleasesNothing(of part: String) async throws {
            // The end of a server with an audit log is an entry of its own.
            var site = try await TestSite.start { $0.audit.enabled = false }
            try await site.store(try site.grant(), at: place, as: "alice")
            let size = try await site.ledgerSize()
            let database = try site.database()
            if part == "notice" {
                try FileManager.default.removeItem(atPath: site.folder + "/data/records/staging")
            } else {
                try await database.write { try $0.execute(sql: "ALTER TABLE emergency_use RENAME COLUMN salt TO pepper") }
            }
            let request = try site.request()
            #expect(await site.storingIsRefused(request, at: place + "/request", as: "stmary").hasPrefix("451"))
            if part == "notice" {
                site = try await site.restarted()
            } else {
                try await database.write { try $0.execute(sql: "ALTER TABLE emergency_use RENAME COLUMN pepper TO salt") }
            }
            #expect(try await site.ledgerSize() == size)
            #expect(try await site.notices() == [])
            #expect(site.storedEnvelopes() == [])
            #expect(await site.releaseIsRefused().hasPrefix("553"))
            // The same request goes through once the server is well.
            try await site.store(request, at: place + "/request", as: "stmary")
            #expect(try await site.notices().count == 1)
            #expect(try await site.retrieve(place + "/release", as: "stmary") != nil)
            await site.stop()
            site.remove()
        }
    }
}
