/// Who is shown a record that is sealed under a policy: the holders of keys of its authorities, and nobody else.
import AttributeEncryption
import Envelope
import FTPClient
import FTPProtocol
import Ledger
import Testing

private extension TestSite {
    /// An envelope as its owner seals it at home.
    func envelope(_ text: String, for recipients: [Recipient]) throws -> [UInt8] {
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: try WrapKey(recipients: recipients), options: SealingOptions(),
            signer: try person("alice").signer)
        var bytes = sealer.head
        try unsafe sealer.update(Array(text.utf8)) { unsafe bytes.append(contentsOf: $0) }
        _ = try unsafe sealer.finish(metadata: RecordMetadata(originalName: "x"), interrupted: false) { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }

    func recipients(_ policy: String, _ authorities: Authority...) throws -> [Recipient] {
        let records = Dictionary(uniqueKeysWithValues: authorities.map { ($0.name, $0.record) })
        return [try person("alice").bundle.recipient, .policy(try Policy(parsing: policy), records)]
    }

    /// Names below `/records/alice` as somebody lists them; empty when the folder is not shown.
    func shown(to name: String) async throws -> [String] {
        try await list("/records", as: name).contains("alice") ? try await list("/records/alice", as: name) : []
    }
}

extension SiteTests {
    @Suite struct VisibilityTests {
        @Test func holdersOfTheAuthoritysKeysSeeTheRecord() async throws {
            try await withSite { site in
                let stmary = try await site.authority("stmary")
                _ = try await site.issue(stmary, to: "bob", ["nurse"])
                try await site.store(try site.envelope("a", for: try site.recipients("stmary:doctor", stmary)), at: "/records/alice/a.phr", as: "alice")
                try await site.store(try site.envelope("b", for: [try site.person("alice").bundle.recipient]), at: "/records/alice/b.phr", as: "alice")

                #expect(try await site.shown(to: "alice") == ["a.phr", "b.phr"])
                // bob does not satisfy the policy, but he is told so by its header.
                #expect(try await site.shown(to: "bob") == ["a.phr"])
                let heads = try #require(try await site.retrieve("/records/alice/.headers/a.phr", as: "bob"))
                #expect(try EnvelopeHead(parsing: heads).stanzas[1].policyFacts()?.policy.text == "stmary:doctor")
                #expect(try await site.retrieve("/records/alice/.proofs/a.phr", as: "bob") != nil)
                #expect(try await site.retrieve("/records/alice/a.phr", as: "bob") != nil)
                #expect(try await site.retrieve("/records/alice/b.phr", as: "bob") == nil)

                #expect(try await site.shown(to: "mallory") == [])
                for path in ["a.phr", ".headers/a.phr", ".proofs/a.phr"] {
                    #expect(try await site.retrieve("/records/alice/\(path)", as: "mallory") == nil, "\(path)")
                }
            }
        }

        @Test func revokedHoldersLearnOnlyWhatTheyAskForByName() async throws {
            try await withSite { site in
                let stmary = try await site.authority("stmary")
                _ = try await site.issue(stmary, to: "bob", ["doctor"], leaf: 5)
                try await site.store(try site.envelope("a", for: try site.recipients("stmary:doctor", stmary)), at: "/records/alice/a.phr", as: "alice")
                #expect(try await site.shown(to: "bob") == ["a.phr"])
                let revoked = try await site.publish(stmary.next(by: try site.person("stmary"), revoked: [5]))
                #expect(try await site.shown(to: "bob") == [])
                #expect(try await site.retrieve("/records/alice/.headers/a.phr", as: "bob") != nil)

                // A new epoch forgets nothing: the last record of the old one counts.
                let secret = AuthoritySecretKey.generate(epoch: 1, owner: try site.person("stmary").signer.publicKey)
                let next = try await site.publish(revoked.next(by: try site.person("stmary"), revoked: [], secret: secret))
                #expect(try await site.shown(to: "bob") == [])
                _ = try await site.issue(next, to: "bob", ["doctor"], leaf: 6)
                #expect(try await site.shown(to: "bob") == ["a.phr"])
            }
        }

        @Test func expiredHoldersAreNotListed() async throws {
            var site = try await TestSite.start()
            let stmary = try await site.authority("stmary")
            _ = try await site.issue(stmary, to: "bob", ["doctor"])
            try await site.store(try site.envelope("a", for: try site.recipients("stmary:doctor", stmary)), at: "/records/alice/a.phr", as: "alice")
            #expect(try await site.shown(to: "bob") == ["a.phr"])
            await site.stop()
            try await site.execute("UPDATE issuance SET last_month = \(Month.now.number - 1)")
            site = try await site.restarted()
            #expect(try await site.shown(to: "bob") == [])
            #expect(try await site.retrieve("/records/alice/a.phr", as: "bob") != nil)
            await site.stop()
            site.remove()
        }

        @Test func aNewHeaderChangesWhoSees() async throws {
            try await withSite { site in
                let (alice, stmary) = (try await site.authority("alice"), try await site.authority("stmary"))
                _ = try await site.issue(stmary, to: "bob", ["doctor"])
                _ = try await site.issue(alice, to: "mallory", ["care-team"])
                try await site.store(try site.envelope("a", for: try site.recipients("stmary:doctor", stmary)), at: "/records/alice/a.phr", as: "alice")
                let heads = try HeaderRewriter.split(try #require(try await site.retrieve("/records/alice/.headers/a.phr", as: "alice")))
                let owner = try site.person("alice")
                let wider = try HeaderRewriter.rewrap(
                    heads: heads, opening: [owner.identity], recipients: try site.recipients("stmary:doctor or alice:care-team", stmary, alice), revision: 1,
                    notAfter: nil, owner: owner.signer, slot: .lean)
                try await site.store(wider.flatMap { $0 }, at: "/records/alice/.headers/a.phr", as: "alice")
                #expect(try await site.shown(to: "bob") == ["a.phr"])
                #expect(try await site.shown(to: "mallory") == ["a.phr"])
            }
        }

        /// Taking readers away seals a record anew; what they could read before is not served to them any more.
        @Test func earlierVersionsAreTheOwners() async throws {
            try await withSite { site in
                let stmary = try await site.authority("stmary")
                _ = try await site.issue(stmary, to: "bob", ["doctor"])
                let mallory = try site.person("mallory").bundle.recipient
                try await site.store(
                    try site.envelope("a", for: try site.recipients("stmary:doctor", stmary) + [mallory]), at: "/records/alice/a.phr", as: "alice")
                #expect(try await site.retrieve("/records/alice/.versions/a.phr/1.phr", as: "mallory") != nil)
                try await site.store(try site.envelope("a", for: try site.recipients("stmary:doctor", stmary)), at: "/records/alice/a.phr", as: "alice")
                #expect(try await site.list("/records/alice/.versions/a.phr", as: "alice") == ["1.phr", "1.proof", "2.phr", "2.proof"])
                #expect(try await site.list("/records/alice/.versions/a.phr", as: "bob") == ["2.phr", "2.proof"])
                for name in ["bob", "mallory"] {
                    #expect(try await site.retrieve("/records/alice/.versions/a.phr/1.phr", as: name) == nil)
                    #expect(try await site.retrieve("/records/alice/.versions/a.phr/1.proof", as: name) == nil)
                }
                #expect(try await site.retrieve("/records/alice/.versions/a.phr/2.phr", as: "bob") != nil)
                #expect(try await site.retrieve("/records/alice/.versions/a.phr/1.phr", as: "alice") != nil)
            }
        }

        @Test func refusesAnEnvelopeWithADamagedPolicy() async throws {
            try await withSite { site in
                let stmary = try await site.authority("stmary")
                var bytes = try site.envelope("a", for: try site.recipients("stmary:doctor", stmary))
                let text = Array("stmary:doctor".utf8)
                let place = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
                bytes[place] = UInt8(ascii: ":")
                #expect(await site.storingIsRefused(bytes, at: "/records/alice/a.phr", as: "alice").hasPrefix("553"))
            }
        }
    }
}
