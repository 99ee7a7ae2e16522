/// Folder policies: what clinics push is sealed for whoever satisfies the policy, with the authorities as they are now.
import AttributeEncryption
import CanonicalEncoding
import Envelope
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Ledger
import Testing

private let inbox = "/.policies/alice/inbox/alice"

private extension TestSite {
    /// The stanzas of a record's newest member as its owner reads it.
    func stanzas(_ name: String) async throws -> [Stanza] {
        let bytes = try #require(try await retrieve("/records/alice/\(name).phr", as: "alice"))
        return try EnvelopeLayout(scanning: ArrayByteSource(bytes)).stanzas
    }

    func append(_ text: String, to path: String, as name: String) async throws {
        try await session(name) { session in
            var rest = Array(text.utf8)
            try await unsafe session.store(VirtualPath(absolute: path), append: true) { buffer in
                defer { rest = [] }
                unsafe buffer.copyBytes(from: rest)
                return rest.count
            }
        }
    }

    /// Whether somebody with attribute keys alone opens a record.
    func opens(_ name: String, _ person: String, _ keys: [AttributeKey]) async throws -> Bool {
        let bytes = try #require(try await retrieve("/records/alice/\(name).phr", as: "alice"))
        let source = ArrayByteSource(bytes)
        let layout = try EnvelopeLayout(scanning: source)
        do {
            _ = try EnvelopeReader(layout: layout, source: source, identities: [.attributes(keys, at: .now)]).readAll()
            return true
        } catch let error as EnvelopeError where error.code == .notSatisfied {
            return false
        }
    }
}

extension SiteTests {
    @Suite struct PolicyTests {
        @Test func sealsForOwnerAndPolicy() async throws {
            try await withSite { site in
                let (alice, stmary) = (try await site.authority("alice"), try await site.authority("stmary"))
                let friend = try await site.issue(alice, to: "bob", ["care-team"])
                let doctor = try await site.issue(stmary, to: "mallory", ["doctor"])
                let cardiologist = try await site.issue(stmary, to: "bob", ["doctor", "cardiology"], leaf: 2)
                try await site.setPolicy("alice:care-team or (stmary:doctor and stmary:cardiology)")
                try await site.store(Array("a result".utf8), at: "/inbox/alice/result.txt", as: "stmary")

                let stanzas = try await site.stanzas("result.txt")
                #expect(stanzas.map(\.kind) == [.xWing, .attributes])
                #expect(stanzas[0].keyID == (try site.person("alice").bundle.keyIDs[0]))
                #expect(try stanzas[1].policyFacts()?.policy.text == Policy(parsing: "alice:care-team or (stmary:doctor and stmary:cardiology)").text)
                let (content, _, _) = try await site.open("/records/alice/result.txt.phr", as: "alice", with: [try site.person("alice").identity])
                #expect(content == Array("a result".utf8))
                #expect(try await site.opens("result.txt", "bob", [friend]))
                #expect(try await site.opens("result.txt", "bob", [cardiologist]))
                #expect(try await !site.opens("result.txt", "mallory", [doctor]))
                // Through the tree, with the bytes the server gives to the reader himself.
                let read = try await site.open("/records/alice/result.txt.phr", as: "bob", with: try site.person("bob").identities([cardiologist]))
                #expect(read.content == content)
                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func sealsGatewayFoldersForOwnerPolicyAndSite() async throws {
            try await withSite { site in
                let key = try await site.issue(try await site.authority("alice"), to: "bob", ["care-team"])
                try await site.setPolicy("alice:care-team", folder: "/exchange/lab")
                try await site.store(Array("a report".utf8), at: "/exchange/lab/report.txt", as: "stmary")
                #expect(try await site.stanzas("report.txt").map(\.kind) == [.xWing, .attributes, .xWing])
                #expect(try await site.retrieve("/exchange/lab/report.txt", as: "lab") == Array("a report".utf8))
                #expect(try await site.opens("report.txt", "bob", [key]))
            }
        }

        @Test func sharesOneEncapsulationInASessionUntilARecordChanges() async throws {
            try await withSite { site in
                let stmary = try site.person("stmary")
                let authority = try await site.authority("stmary")
                let key = try await site.issue(authority, to: "bob", ["doctor"])
                try await site.setPolicy("stmary:doctor")
                let revoked = try authority.next(by: stmary, revoked: [1])
                try await site.session("stmary") { session in
                    for number in 0..<3 { try await session.store(VirtualPath(absolute: "/inbox/alice/\(number)"), bytes: [UInt8](repeating: 1, count: 1000)) }
                    // bob is revoked while the clinic's session goes on.
                    try await session.store(VirtualPath(absolute: revoked.path), bytes: revoked.record.encoded())
                    for number in 3..<5 { try await session.store(VirtualPath(absolute: "/inbox/alice/\(number)"), bytes: [UInt8](repeating: 1, count: 1000)) }
                }
                var hashes: [[UInt8]] = []
                for number in 0..<5 { hashes.append(WrapKey.stanzaHash(of: try await site.stanzas("\(number)"))) }
                #expect(Set(hashes[0..<3]).count == 1 && Set(hashes[3..<5]).count == 1 && hashes[2] != hashes[3])
                #expect(try await site.opens("2", "bob", [key]))
                #expect(try await !site.opens("3", "bob", [key]), "the revocation holds from the next upload on")
                #expect(try await site.opens("3", "bob", [try revoked.issue(to: try site.person("bob"), ["doctor"], leaf: 9)]))
                try await site.store([1], at: "/inbox/alice/other-session", as: "stmary")
                #expect(WrapKey.stanzaHash(of: try await site.stanzas("other-session")) != hashes[4])
            }
        }

        @Test func sealsContinuedMembersUnderThePolicyOfTheirTime() async throws {
            try await withSite { site in
                let authority = try await site.authority("alice")
                let (bob, mallory) = (
                    try await site.issue(authority, to: "bob", ["care-team"]), try await site.issue(authority, to: "mallory", ["friend"], leaf: 2)
                )
                try await site.setPolicy("alice:care-team")
                try await site.store(Array("one, ".utf8), at: "/inbox/alice/log", as: "stmary")
                try await site.append("two", to: "/inbox/alice/log", as: "stmary")
                #expect(try await site.opens("log", "bob", [bob]))
                let (content, _, layout) = try await site.open("/records/alice/log.phr", as: "bob", with: [.attributes([bob], at: .now)])
                #expect(content == Array("one, two".utf8) && layout.members.count == 2)

                try await site.setPolicy("alice:care-team and alice:friend", sequence: 1)
                try await site.append(", three", to: "/inbox/alice/log", as: "stmary")
                #expect(try await !site.opens("log", "bob", [bob]), "the member added last is not for him")
                #expect(try await !site.opens("log", "mallory", [mallory]))
            }
        }

        @Test func nowMeansTheMonthOfSealing() async throws {
            try await withSite { site in
                let authority = try await site.authority("alice")
                let key = try await site.issue(authority, to: "bob", ["care-team"])
                try await site.setPolicy("alice:care-team and alice:valid now")
                try await site.store([1, 2, 3], at: "/inbox/alice/now", as: "stmary")
                #expect(try await site.stanzas("now")[1].policyFacts()?.policy.isOpen == false)
                #expect(try await site.opens("now", "bob", [key]))
            }
        }

        @Test func isSetByTheOwnerAndReadByThoseWhoUseTheFolder() async throws {
            try await withSite { site in
                _ = try await site.authority("alice")
                #expect(try await site.retrieve(inbox, as: "alice") == nil)
                let first = try site.policy("alice:care-team")
                #expect(try await site.store(first, at: inbox, as: "alice").hasPrefix("Policy set. sequence=0 index="))
                #expect(try await site.store(first, at: inbox, as: "alice").hasPrefix("This policy is set already."))
                let (document, entry) = try await site.provenDocument(inbox, as: "stmary")
                #expect(document == first)
                guard case .policy(let body) = entry else {
                    Issue.record("another entry")
                    return
                }
                try PolicyDocument(decoding: document).verify(by: try site.person("alice").bundle.signingKey)
                #expect(try await site.provenDocument(inbox, as: "lab").document == first)
                #expect(try await site.retrieve(inbox, as: "bob") == nil)
                #expect(try await site.list("/.policies", as: "stmary") == ["alice"])
                #expect(try await site.list("/.policies/alice", as: "stmary") == ["inbox"])
                #expect(try await site.list("/.policies/alice/inbox", as: "alice") == ["alice"])
                #expect(try await site.list("/.policies", as: "bob") == [])

                // The next one keeps the folder's number; an empty one ends it.
                try await site.setPolicy("", sequence: 1)
                guard case .policy(let next) = try await site.provenDocument(inbox, as: "alice").entry else {
                    Issue.record("another entry")
                    return
                }
                #expect(next.folderID == body.folderID && next.sequence == 1)
                try await site.store([1], at: "/inbox/alice/plain", as: "stmary")
                #expect(try await site.stanzas("plain").map(\.kind) == [.xWing])
                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func refusesPoliciesThatCannotHold() async throws {
            try await withSite({ $0.limits.policy_rows = 5 }) { site in
                _ = try await site.authority("alice")
                func refused(_ bytes: [UInt8], at path: String = inbox, as name: String = "alice") async -> String {
                    await site.storingIsRefused(bytes, at: path, as: name)
                }
                #expect(await refused(try site.policy("stmary:doctor")).contains("needs the authority stmary, which has published no record"))
                #expect(await refused(try site.policy("nobody:doctor")).contains("needs the authority nobody, which has no account"))
                #expect(await refused(try site.policy("alice:care-team and")).contains("column"))
                #expect(await refused(try site.policy("alice:a or alice:b or alice:c or alice:d or alice:e or alice:f")).contains("at most 5"))
                #expect(await refused(try site.policy("alice:care-team", sequence: 1)).contains("sequence=0 is expected"))
                #expect(await refused(try site.policy("alice:care-team", folder: "/exchange/lab")).contains("is for /exchange/lab"))
                #expect(await refused(try site.policy("alice:care-team", by: "mallory")).contains("not signed"))
                #expect(await refused(try site.policy("alice:care-team"), as: "stmary").hasPrefix("550"))
                #expect(await refused(try site.policy("alice:care-team"), as: "bob").hasPrefix("550"))
                #expect(await refused([1, 2, 3]).hasPrefix("553"))
                #expect(await refused([UInt8](repeating: 0, count: 20_000)).contains("At most"))
                #expect(
                    await refused(try site.policy("alice:x", folder: "/exchange/ward", by: "bob"), at: "/.policies/bob/exchange/ward", as: "bob").contains(
                        "would do nothing"))
                #expect(await refused(try site.policy("alice:x", folder: "/exchange/ward"), at: "/.policies/alice/exchange/ward").hasPrefix("550"))
                #expect(try await site.retrieve(inbox, as: "alice") == nil)
            }
        }

        /// The row says what the check at the time of setting could not know.
        @Test func refusesUploadsThatCannotBeSealed() async throws {
            let site = try await TestSite.start()
            _ = try await site.authority("alice")
            _ = try await site.authority("stmary")
            try await site.setPolicy("alice:care-team or stmary:doctor")
            await site.stop()
            try await site.execute("DELETE FROM authority_record WHERE account = (SELECT pseudonym FROM names.account WHERE name = 'stmary')")
            let damaged = try await site.restarted()
            let refusal = await damaged.storingIsRefused([1], at: "/inbox/alice/result", as: "stmary")
            #expect(refusal.hasPrefix("553 The policy needs the authority stmary, which has published no record"), "\(refusal)")
            let misnamed = await damaged.storingIsRefused([1], at: "/inbox/alice/result.phr", as: "stmary")
            #expect(misnamed.hasPrefix("553 The policy needs the authority stmary"), "\(misnamed)")
            #expect(try await damaged.list("/records/alice", as: "alice") == [])
            await damaged.stop()
            #expect(try TestSite.problems(of: site.configuration).count == 1)
            damaged.remove()
        }
    }
}
