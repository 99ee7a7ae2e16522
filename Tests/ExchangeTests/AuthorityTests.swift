/// `/.authorities` and `/.issued`: only what follows the rules stands on the ledger, and everything there can be proven.
import AttributeEncryption
import CanonicalEncoding
import Envelope
import Ledger
import Testing

extension SiteTests {
    @Suite struct AuthorityTests {
        @Test func publishesRecordsInTheirOrder() async throws {
            try await withSite { site in
                let stmary = try site.person("stmary")
                #expect(try await site.retrieve("/.authorities/stmary", as: "bob") == nil)
                let first = try Authority.make(of: stmary)
                let reply = try await site.store(first.record.encoded(), at: first.path, as: "stmary")
                #expect(reply.hasPrefix("Authority published. sequence=0 epoch=0 index="))
                #expect(try await site.store(first.record.encoded(), at: first.path, as: "stmary").hasPrefix("This authority record is published already."))
                let second = try await site.publish(first.next(by: stmary, revoked: [3]))
                let third = try await site.publish(
                    second.next(by: stmary, secret: AuthoritySecretKey.generate(epoch: 1, owner: stmary.signer.publicKey)))

                guard case .authority(let entry) = try await site.provenEntry("/.authorities/stmary", as: "bob") else {
                    Issue.record("another entry")
                    return
                }
                #expect(entry.record == third.record.encoded() && entry.sequence == 2 && entry.epoch == 1)
                #expect(try await site.list("/.authorities", as: "mallory") == ["stmary"])
                #expect(try await site.list("/.authorities/stmary.history", as: "mallory") == ["0", "1", "2"])
                for (sequence, authority) in [first, second, third].enumerated() {
                    guard case .authority(let entry) = try await site.provenEntry("/.authorities/stmary.history/\(sequence)", as: "bob") else {
                        Issue.record("another entry")
                        return
                    }
                    #expect(entry.record == authority.record.encoded())
                }
                #expect(try await site.retrieve("/.authorities/stmary.history/3", as: "bob") == nil)
                #expect(try await site.retrieve("/.authorities/stmary.history/00", as: "bob") == nil)
                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func refusesRecordsThatBreakTheRules() async throws {
            try await withSite { site in
                let (stmary, mallory) = (try site.person("stmary"), try site.person("mallory"))
                let first = try Authority.make(of: stmary)
                func refused(_ record: AuthorityRecord, as name: String = "stmary", at path: String = "/.authorities/stmary") async -> String {
                    await site.storingIsRefused(record.encoded(), at: path, as: name)
                }
                #expect(await refused(first.record, as: "mallory").hasPrefix("550"))
                #expect(await refused(try Authority.make(of: mallory).record).contains("not signed by the signing key of /.keys/stmary"))
                #expect(await refused(try first.next(by: stmary).record).contains("sequence=0 is expected"))
                #expect(await site.storingIsRefused([1, 2, 3], at: first.path, as: "stmary").hasPrefix("553 Refused"))
                var changed = first.record.encoded()
                changed[changed.count / 2] ^= 1
                #expect(await site.storingIsRefused(changed, at: first.path, as: "stmary").hasPrefix("553 Refused"))
                #expect(await site.storingIsRefused([UInt8](repeating: 0, count: 50_000), at: first.path, as: "stmary").contains("At most 40960"))

                _ = try await site.publish(first)
                let second = try await site.publish(first.next(by: stmary, revoked: [3]))
                #expect(await refused(try first.next(by: stmary, revoked: [4]).record).contains("sequence=2 is expected"), "a second successor of the first")
                #expect(await refused(first.record).contains("sequence=2 is expected"))
                // What the type refuses to make, a liar makes from parts: the record of a first that differs.
                let stranger = try Authority.make(of: stmary)
                let fork = try stranger.next(by: stmary).next(by: stmary)
                #expect(await refused(fork.record).contains("does not follow"), "another history")
                #expect(await refused(try Self.changedKeyRecord(after: second, by: stmary)).contains("within epoch 0"))
                #expect(try await site.list("/.authorities/stmary.history", as: "stmary") == ["0", "1"])
            }
        }

        /// A record with a fresh key in the same epoch, otherwise a right successor.
        private static func changedKeyRecord(after authority: Authority, by person: Person) throws -> AuthorityRecord {
            let other = AuthoritySecretKey.generate(epoch: authority.record.publicKey.epoch, owner: person.signer.publicKey)
            var fields = try #require(try CBOR(decoding: try authority.next(by: person).record.encoded()).mapValue)
            fields[3] = .bytes(other.publicKey.encoded())
            fields[15] = nil
            fields[15] = .bytes(try person.sign(Array("phr/v1/authority\n".utf8) + CBOR.map(fields).encoded()))
            return try AuthorityRecord(decoding: CBOR.map(fields).encoded())
        }

        @Test func recordsIssuancesOfTheAuthorityAndItsIssuers() async throws {
            try await withSite { site in
                let (bob, mallory, stmary) = (try site.person("bob"), try site.person("mallory"), try site.person("stmary"))
                let authority = try await site.authority("stmary", issuers: [bob.bundle.signingKeyID])
                let own = try Statement(by: stmary, for: mallory)
                #expect(try await site.store(own.bytes, at: own.path(of: "stmary"), as: "stmary").hasPrefix("Issuance recorded. index="))
                #expect(try await site.store(own.bytes, at: own.path(of: "stmary"), as: "stmary").hasPrefix("This issuance is recorded already."))
                let delegated = try Statement(by: bob, for: mallory)
                try await site.store(delegated.bytes, at: delegated.path(of: "stmary"), as: "bob")
                guard case .issue(let entry) = try await site.provenEntry(delegated.path(of: "stmary"), as: "mallory") else {
                    Issue.record("another entry")
                    return
                }
                #expect(entry.commitment == delegated.commitment && entry.issuerKeyID == bob.bundle.signingKeyID && entry.epoch == 0)
                #expect(try await site.list("/.issued", as: "bob") == ["stmary"])
                #expect(try await site.list("/.issued", as: "mallory") == [])
                #expect(try await site.list("/.issued/stmary", as: "bob") == [own.commitment.hexadecimal, delegated.commitment.hexadecimal].sorted())
                #expect(await site.refusal { _ = try await site.list("/.issued/stmary", as: "mallory") }?.contains("does not issue for stmary") == true)
                #expect(try await site.retrieve(delegated.path(of: "alice"), as: "bob") == nil)

                // An issuer who was taken off the list issues no more.
                _ = try await site.publish(authority.next(by: stmary, issuers: []))
                let late = try Statement(by: bob, for: mallory)
                #expect(await site.storingIsRefused(late.bytes, at: late.path(of: "stmary"), as: "bob").contains("does not issue for stmary"))
                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func refusesIssuancesThatBreakTheRules() async throws {
            try await withSite { site in
                let (alice, bob, mallory, stmary) = (try site.person("alice"), try site.person("bob"), try site.person("mallory"), try site.person("stmary"))
                func refused(_ statement: Statement, at path: String? = nil, as name: String = "stmary") async -> String {
                    await site.storingIsRefused(statement.bytes, at: path ?? statement.path(of: "stmary"), as: name)
                }
                #expect(await refused(try Statement(by: stmary, for: bob)).contains("published no authority record"))
                let authority = try await site.authority("stmary")
                #expect(await refused(try Statement(by: mallory, for: bob), as: "mallory").contains("does not issue"))
                #expect(await refused(try Statement(by: stmary, for: bob, keyID: mallory.bundle.signingKeyID)).contains("another signing key"))
                #expect(await refused(try Statement(by: stmary, for: bob, signer: mallory)).contains("not signed"))
                #expect(await refused(try Statement(by: stmary, for: bob, epoch: 1)).contains("is at epoch 0"))
                #expect(await refused(try Statement(by: stmary, for: bob, leaf: 256)).contains("no leaf 256"))
                #expect(await refused(try Statement(by: stmary, for: bob, lastMonth: Month.now.advanced(by: -1).description)).contains("is past"))
                let statement = try Statement(by: stmary, for: bob)
                #expect(await refused(statement, at: try Statement(by: stmary, for: bob).path(of: "stmary")).contains("not the statement's commitment"))
                #expect(await refused(statement, at: "/.issued/stmary/\(statement.commitment.hexadecimal.uppercased())").hasPrefix("550"))
                #expect(await refused(statement, at: statement.path(of: "nobody")).hasPrefix("550"))
                #expect(await site.storingIsRefused([UInt8](repeating: 0, count: 600), at: statement.path(of: "stmary"), as: "stmary").contains("At most"))

                try await site.store(statement.bytes, at: statement.path(of: "stmary"), as: "stmary")
                #expect(await refused(try Statement(by: stmary, for: mallory)).contains("belongs to another holder"), "bob has leaf 1")
                _ = try await site.publish(authority.next(by: stmary, revoked: [2]))
                #expect(await refused(try Statement(by: stmary, for: alice, leaf: 2)).contains("Leaf 2 is revoked"))
                #expect(try await site.list("/.issued/stmary", as: "stmary").count == 1)
            }
        }
    }
}
