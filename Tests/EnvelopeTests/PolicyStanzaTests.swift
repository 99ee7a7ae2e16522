import AttributeEncryption
import CanonicalEncoding
import Crypto
import Envelope
import Testing

/// Stanzas of type 4: whoever satisfies the policy opens, nobody else does, and nothing can be changed.
@Suite struct PolicyStanzaTests {
    private let bob = PolicyWorld.bob
    private let carol = PolicyWorld.carol
    private let stmary = PolicyWorld.stmary
    private let alice = PolicyWorld.alice

    // MARK: Who opens

    @Test(
        arguments: [
            ("stmary:doctor", ["doctor"], []), ("stmary:doctor and stmary:cardiology", ["cardiology", "doctor", "night-shift"], []),
            ("alice:care-team or (stmary:doctor and stmary:cardiology)", [], ["care-team"]),
            ("alice:care-team or (stmary:doctor and stmary:cardiology)", ["doctor", "cardiology"], []),
            ("stmary:doctor and alice:care-team", ["doctor"], ["care-team"]), ("2 of (stmary:a, stmary:b, alice:c)", ["b"], ["c"]),
            ("stmary:clearance >= 3 and valid in 2026-11", ["clearance=5"], []),
        ] as [(String, [String], [String])])
    func opensForWhoSatisfiesIt(policy: String, fromHospital: [String], fromAlice: [String]) throws {
        let file = try seal(pattern(100_000), for: [try PolicyWorld.policy(policy)])
        var keys: [AttributeKey] = []
        if !fromHospital.isEmpty { keys.append(try stmary.key(for: bob, fromHospital)) }
        if !fromAlice.isEmpty { keys.append(try alice.key(for: bob, fromAlice)) }
        #expect(try open(file, with: [PolicyWorld.identity(keys)]) == pattern(100_000))
    }

    @Test(
        arguments: [
            ("stmary:doctor", ["nurse"], []), ("stmary:doctor and stmary:cardiology", ["doctor"], []), ("stmary:doctor and alice:care-team", ["doctor"], []),
            ("stmary:doctor and alice:care-team", ["care-team"], ["doctor"]), ("2 of (stmary:a, stmary:b, alice:c)", ["a"], []),
            ("stmary:clearance >= 3", ["clearance=2"], []), ("stmary:doctor and valid in 2026-12", ["doctor"], []),
        ] as [(String, [String], [String])])
    func staysShutForOthers(policy: String, fromHospital: [String], fromAlice: [String]) throws {
        let file = try seal(pattern(10), for: [try PolicyWorld.policy(policy)])
        var keys = [try stmary.key(for: bob, fromHospital)]
        if !fromAlice.isEmpty { keys.append(try alice.key(for: bob, fromAlice)) }
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity(keys)]) } == .notSatisfied)
    }

    @Test func staysShutForTwoWhoPoolTheirKeys() throws {
        let file = try seal(pattern(10), for: [try PolicyWorld.policy("stmary:doctor and alice:care-team")])
        let pooled = [try stmary.key(for: bob, ["doctor"]), try alice.key(for: carol, ["care-team"])]
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity(pooled)]) } == .notSatisfied)
        #expect(refusal { _ = try open(file, with: pooled.map { PolicyWorld.identity([$0]) }) } == .notSatisfied)
    }

    @Test func staysShutForKeysOfAnotherTime() throws {
        let file = try seal(pattern(10), for: [try PolicyWorld.policy("stmary:doctor")])
        let key = try stmary.key(for: bob, ["doctor"])
        let later = try #require(Month("2026-12"))
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity([key], at: later)]) } == .notSatisfied)
        let newEpoch = try TestAuthority("stmary", epoch: 2, signer: stmary.signer)
        let newKey = try newEpoch.key(for: bob, ["doctor"])
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity([newKey])]) } == .notSatisfied)
        #expect(try open(file, with: [PolicyWorld.identity([newKey, key])]) == pattern(10))
    }

    @Test func aRevokedReaderDoesNotOpenTheNextRecord() throws {
        let (first, second) = (try stmary.key(for: bob, ["doctor"], leaf: 3), try stmary.key(for: carol, ["doctor"], leaf: 4))
        let before = try seal(pattern(10), for: [try PolicyWorld.policy("stmary:doctor")])
        let after = try seal(pattern(20), for: [try PolicyWorld.policy("stmary:doctor", [try stmary.revoking([3]), alice])])
        #expect(try open(before, with: [PolicyWorld.identity([first])]) == pattern(10))
        #expect(refusal { _ = try open(after, with: [PolicyWorld.identity([first])]) } == .notSatisfied)
        #expect(try open(after, with: [PolicyWorld.identity([second])]) == pattern(20))
    }

    @Test func hiddenNamesOpenForWhoHoldsThem() throws {
        let nameKey = SymmetricKey(size: .bits256)
        let clinic = try TestAuthority("clinic", nameKey: nameKey)
        let policy = try Policy(parsing: "clinic:oncology").hidingNames { _ in nameKey }
        let file = try seal(pattern(10), for: [.policy(policy, ["clinic": clinic.record])])
        let facts = try #require(try layout(file).stanzas[0].policyFacts())
        #expect(facts.policy.text.hasPrefix("clinic:~h") && !facts.policy.text.contains("oncology"))
        #expect(try open(file, with: [PolicyWorld.identity([try clinic.key(for: bob, ["oncology"])])]) == pattern(10))
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity([try clinic.key(for: bob, ["cardiology"])])]) } == .notSatisfied)
        let plain = try Policy(parsing: "clinic:oncology")
        #expect(refusal { _ = try seal([], for: [.policy(plain, ["clinic": clinic.record])]) } == .unusablePolicy)
    }

    // MARK: Beside other stanzas

    @Test func standsBesideKeys() throws {
        let recipients = [World.alice.publicSide, try PolicyWorld.policy("stmary:doctor"), World.bob.publicSide, World.dave.publicSide]
        let file = try seal(pattern(1000), for: recipients)
        let attributes = PolicyWorld.identity([try stmary.key(for: bob, ["doctor"])])
        for identity in [World.alice, World.bob, World.dave, attributes] { #expect(try open(file, with: [identity]) == pattern(1000)) }
        #expect(try layout(file).stanzas.map(\.kind) == [.xWing, .attributes, .x25519, .rsa])
        #expect(try layout(file).stanzas.map(\.isPostQuantum) == [true, false, false, false])
        let stranger = PolicyWorld.identity([try stmary.key(for: bob, ["nurse"])])
        #expect(try open(file, with: [stranger, World.bob]) == pattern(1000))
        #expect(refusal { _ = try open(file, with: [stranger, World.carol]) } == .notSatisfied)
        #expect(refusal { _ = try open(file, with: [World.carol]) } == .wrongKey)
    }

    @Test func severalPoliciesEachOpen() throws {
        let file = try seal(pattern(1000), for: [try PolicyWorld.policy("stmary:doctor"), try PolicyWorld.policy("alice:care-team")])
        let doctor = try stmary.key(for: bob, ["doctor"])
        let friend = try alice.key(for: carol, ["care-team"])
        #expect(try open(file, with: [PolicyWorld.identity([doctor])]) == pattern(1000))
        #expect(try open(file, with: [PolicyWorld.identity([friend])]) == pattern(1000))
        #expect(try layout(file).stanzas.compactMap { try $0.policyFacts()?.policy.text } == ["stmary:doctor", "alice:care-team"])
    }

    @Test func standsInTheStanzasOfEveryMember() throws {
        let file = try sealMembers([pattern(70_000), pattern(10)], for: [try PolicyWorld.policy("stmary:doctor")])
        #expect(try open(file, with: [PolicyWorld.identity([try stmary.key(for: bob, ["doctor"])])]) == pattern(70_000) + pattern(10))
    }

    // MARK: One encapsulation

    @Test func oneEncapsulationServesManyFiles() throws {
        let wrapKey = try WrapKey(recipients: [try PolicyWorld.policy("stmary:doctor and alice:care-team")])
        let keys = PolicyWorld.identity([try stmary.key(for: bob, ["doctor"]), try alice.key(for: bob, ["care-team"])])
        let cache = WrapKeyCache()
        var opened: [ObjectIdentifier] = []
        for size in [0, 10, 70_000] {
            let sealer = try MemberSealer(
                chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey, options: .init(), signer: World.signer)
            var file = sealer.head
            try unsafe sealer.update(pattern(size)) { unsafe file.append(contentsOf: $0) }
            _ = try unsafe sealer.finish(metadata: .init(), interrupted: false) { unsafe file.append(contentsOf: $0) }
            let reader = try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [keys], cache: cache)
            #expect(try reader.readAll() == pattern(size))
            opened.append(ObjectIdentifier(try cache.wrapKey(opening: layout(file).stanzas, with: [keys])))
        }
        #expect(cache.count == 1 && Set(opened).count == 1)
    }

    @Test func theCacheServesOnlyTheSameAttributeKeys() throws {
        let stanzas = try WrapKey(recipients: [try PolicyWorld.policy("stmary:doctor")]).stanzas
        let cache = WrapKeyCache()
        let keys = [try stmary.key(for: bob, ["doctor"])]
        let opened = try cache.wrapKey(opening: stanzas, with: [PolicyWorld.identity(keys)])
        #expect(try cache.wrapKey(opening: stanzas, with: [PolicyWorld.identity(keys)]) === opened)
        let others = PolicyWorld.identity([try stmary.key(for: carol, ["nurse"])])
        #expect(refusal { _ = try cache.wrapKey(opening: stanzas, with: [others]) } == .notSatisfied)
        #expect(refusal { _ = try cache.wrapKey(opening: stanzas, with: [World.bob]) } == .wrongKey)
        let later = PolicyWorld.identity(keys, at: try #require(Month("2026-12")))
        #expect(refusal { _ = try cache.wrapKey(opening: stanzas, with: [later]) } == .notSatisfied)
    }

    @Test func recipientsAreTheSameByPolicyAndRecords() throws {
        let policy = try PolicyWorld.policy("stmary:doctor")
        #expect(try PolicyWorld.policy(" ( stmary:doctor )") == policy)
        #expect(try PolicyWorld.policy("stmary:nurse") != policy)
        #expect(try PolicyWorld.policy("stmary:doctor", [try stmary.revoking([9]), alice]) != policy)
        #expect(!policy.isPostQuantum)
    }

    // MARK: Sharing

    @Test(arguments: [HeaderSlot.lean, .full]) func sharingAddsAPolicy(slot: HeaderSlot) throws {
        let file = try seal(pattern(70_000), options: .init(slot: slot))
        let recipients = [World.bob.publicSide, try PolicyWorld.policy("stmary:doctor")]
        let doctor = PolicyWorld.identity([try stmary.key(for: bob, ["doctor"])])
        let shared = try rewrapped(file, to: recipients, by: [World.bob], revision: 1, slot: slot)
        #expect(try open(shared, with: [doctor]) == pattern(70_000))
        #expect(try layout(shared).footerHash == layout(file).footerHash)
        // Who opens by a policy can also rewrap; only the owner's signature makes it count.
        let narrowed = try rewrapped(shared, to: [World.bob.publicSide], by: [doctor], revision: 2, slot: slot)
        #expect(refusal { _ = try open(narrowed, with: [doctor]) } == .wrongKey)
        #expect(try open(narrowed) == pattern(70_000))
        if slot == .full { #expect(try layout(narrowed).heads[0].count == layout(shared).heads[0].count) }
    }

    private func rewrapped(
        _ file: [UInt8], to recipients: [Recipient], by identities: [Identity], revision: UInt64, slot: HeaderSlot
    ) throws -> [UInt8] {
        let members = try layout(file).members
        let heads = try HeaderRewriter.rewrap(
            heads: members.map(\.head.bytes), opening: identities, recipients: recipients, revision: revision, notAfter: nil, owner: World.owner,
            slot: slot)
        return zip(members, heads).flatMap { $1 + file[Int($0.headRange.upperBound)..<Int($0.footerRange.upperBound)] }
    }

    // MARK: Size

    @Test(arguments: [HeaderSlot.lean, .full]) func aHeaderOfManyKilobytes(slot: HeaderSlot) throws {
        // 280 rows of 240 bytes: above 64 KiB.
        let alternatives = (0..<279).map { "stmary:ward-\($0)" }.joined(separator: " or ")
        let file = try seal(
            pattern(100), for: [World.bob.publicSide, try PolicyWorld.policy("alice:care-team or \(alternatives)")], options: .init(slot: slot))
        #expect(try layout(file).heads[0].count > 65_536)
        let reader = PolicyWorld.identity([try stmary.key(for: bob, ["ward-200"])])
        #expect(try open(file, with: [reader]) == pattern(100))
        #expect(try open(file) == pattern(100))
        if slot == .full { #expect(try (layout(file).heads[0].count - 96) % 4096 == 0) }
    }

    @Test func policiesTooLargeAreRefused() throws {
        let long = (0..<9).map { index in
            (0..<200).map { "stmary:ward-\(index)-\($0)" }.joined(separator: " or ")
        }
        #expect(throws: PolicyError.self) { _ = try PolicyWorld.policy(long.map { "(alice:a and (\($0)))" }.joined(separator: " or ")) }
        // Each fits its stanza; together they are above the slot's 1 MiB.
        let medium = (0..<500).map { "stmary:ward-\($0)" }.joined(separator: " or ")
        let many = try (0..<9).map { try PolicyWorld.policy("alice:p\($0) or \(medium)") }
        #expect(refusal { _ = try seal([], for: many) } == .limitExceeded)
    }

    // MARK: Changed bytes

    /// Every byte of a stanza of type 4: no change opens, none traps.
    @Test func aChangedStanzaOpensNothing() throws {
        let stanza = try WrapKey(recipients: [try PolicyWorld.policy("stmary:doctor and alice:care-team")]).stanzas[0]
        let entries = try #require(stanza.cbor.mapValue)
        let keys = PolicyWorld.identity([try stmary.key(for: bob, ["doctor"]), try alice.key(for: bob, ["care-team"])])
        let header = try #require(entries[2]?.bytesValue)
        // Header and identifier changed together, as an attacker would; every byte of the facts, some of the elements.
        let places = Array(0..<160) + stride(from: 160, to: header.count, by: 23) + Array(header.count - 70..<header.count)
        for place in places {
            var changed = header
            changed[place] ^= 1
            let id = Array(SHA256.hash(data: Array("phr/v1/key-id".utf8) + [4] + changed).prefix(16))
            let file = try HandmadeMember(stanzas: [.map(entries.merging([1: .bytes(id), 2: .bytes(changed)]) { $1 })]).sealed()
            let code = refusal { _ = try open(file, with: [keys]) }
            #expect(code != nil && code != .source, "byte \(place): \(code?.rawValue ?? "opens")")
        }
        for (field, count) in [(UInt64(1), 16), (3, 48)] {
            for place in 0..<count {
                var changed = try #require(entries[field]?.bytesValue)
                changed[place] ^= 1
                let file = try HandmadeMember(stanzas: [.map(entries.merging([field: .bytes(changed)]) { $1 })]).sealed()
                #expect(refusal { _ = try open(file, with: [keys]) } == (field == 1 ? .malformed : .tampered))
            }
        }
    }

    @Test func anEncapsulationDoesNotServeElsewhere() throws {
        // The key of one header under the wrap of another, and an encapsulation made for something else than a wrap key.
        let policy = try Policy(parsing: "stmary:doctor")
        let keys = [try stmary.key(for: bob, ["doctor"])]
        let (header, _) = try KeyEncapsulation.encapsulate(policy, authorities: ["stmary": stmary.record], associatedData: Array("elsewhere".utf8))
        let id = Array(SHA256.hash(data: Array("phr/v1/key-id".utf8) + [4] + header).prefix(16))
        let stanza = CBOR.map([0: .unsigned(4), 1: .bytes(id), 2: .bytes(header), 3: .bytes([UInt8](repeating: 0, count: 48))])
        let file = try HandmadeMember(stanzas: [stanza]).sealed()
        #expect(refusal { _ = try open(file, with: [PolicyWorld.identity(keys)]) } == .tampered)
    }

    @Test func rulesOfTheStanza() throws {
        let good = try #require(WrapKey(recipients: [try PolicyWorld.policy("stmary:doctor")]).stanzas[0].cbor.mapValue)
        let own = try HandmadeMember.stanza(wrapping: HandmadeMember().wrapKey, for: World.bob.publicKey)
        func code(_ stanza: [UInt64: CBOR]) -> EnvelopeError.Code? { refusal { _ = try open(HandmadeMember(stanzas: [.map(stanza), own]).sealed()) } }
        #expect(code(good) == nil)
        #expect(code(good.merging([4: .unsigned(1)]) { $1 }) == .malformed)
        #expect(code(good.filter { $0.key != 3 }) == .malformed)
        #expect(code(good.merging([1: .bytes([UInt8](repeating: 0, count: 16))]) { $1 }) == .malformed)
        #expect(code(good.merging([2: .bytes([])]) { $1 }) == .malformed)
        #expect(code(good.merging([2: .bytes([UInt8](repeating: 0, count: (1 << 18) + 1))]) { $1 }) == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(stanzas: [.map(good), .map(good), own]).sealed()) } == .malformed)
    }

    @Test func aBadPolicyDoesNotShutOutOthers() throws {
        let own = try HandmadeMember.stanza(wrapping: HandmadeMember().wrapKey, for: World.bob.publicKey)
        let laterSuite = CBOR.map([0: .unsigned(9), 1: .text("stmary:doctor")]).encoded()
        for header in [[0xff], laterSuite] {
            let id = Array(SHA256.hash(data: Array("phr/v1/key-id".utf8) + [4] + header).prefix(16))
            let stanza = CBOR.map([0: .unsigned(4), 1: .bytes(id), 2: .bytes(header), 3: .bytes([UInt8](repeating: 0, count: 48))])
            let file = try HandmadeMember(stanzas: [stanza, own]).sealed()
            #expect(try open(file) == Array("handmade".utf8))
            let keys = PolicyWorld.identity([try stmary.key(for: bob, ["doctor"])])
            #expect(refusal { _ = try open(file, with: [keys]) } == (header == laterSuite ? .unsupported : .malformed))
            #expect(refusal { _ = try layout(file).stanzas[0].policyFacts() } == (header == laterSuite ? .unsupported : .malformed))
        }
    }

    /// Two files under one policy: the commitment keeps one file from being two, as for every other kind of stanza.
    @Test func theCommitmentHoldsForPolicies() throws {
        let honest = HandmadeMember()
        let attack = HandmadeMember(fileKey: [UInt8](repeating: 0xf2, count: 32), commitment: Array(honest.boundPrefix.suffix(32)))
        let file = try attack.sealed()
        let heads = try layout(file).heads
        #expect(
            refusal {
                _ = try HeaderRewriter.rewrap(
                    heads: heads, opening: [World.bob], recipients: [try PolicyWorld.policy("stmary:doctor")], revision: 1, notAfter: nil,
                    owner: World.owner, slot: .lean)
            } == .commitmentMismatch)
    }
}
