import CanonicalEncoding
import Envelope
import Testing

@Suite struct RecipientTests {
    static let identities = [World.alice, World.bob, World.carol, World.dave]

    @Test(arguments: identities) func eachKindOpens(identity: Identity) throws {
        let file = try seal(pattern(1000), for: Self.identities.map(\.publicSide))
        #expect(try open(file, with: [identity]) == pattern(1000))
    }

    @Test(arguments: identities) func noOtherKeyOpens(identity: Identity) throws {
        let others = Self.identities.filter { $0.keyID != identity.keyID }
        let file = try seal(pattern(1000), for: [identity.publicSide])
        #expect(refusal { _ = try open(file, with: others) } == .wrongKey)
        #expect(refusal { _ = try open(file, with: []) } == .wrongKey)
    }

    @Test func aPassphraseOpens() throws {
        let file = try seal(pattern(50), for: [.passphrase(Passphrase("correct horse"), workFactor: 10)])
        #expect(try open(file, with: [.passphrase(Passphrase("correct horse"))]) == pattern(50))
        #expect(refusal { _ = try open(file, with: [.passphrase(Passphrase("wrong horse"))]) } == .wrongKey)
        #expect(refusal { _ = try open(file, with: [World.bob]) } == .wrongKey)
    }

    @Test func aPassphraseStandsAlone() throws {
        let passphrase = Recipient.passphrase(Passphrase("x"), workFactor: 2)
        #expect(refusal { _ = try WrapKey(recipients: [passphrase, World.bob.publicSide]) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [.passphrase(Passphrase(""))]) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [.passphrase(Passphrase("x"), workFactor: 21)]) } == .limitExceeded)
        #expect(refusal { _ = try WrapKey(recipients: [.passphrase(Passphrase("x"), workFactor: 0)]) } == .limitExceeded)
    }

    @Test func refusesUnusableLists() throws {
        #expect(refusal { _ = try WrapKey(recipients: []) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [World.bob.publicSide, World.bob.publicSide]) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [.xWing(publicKey: [1, 2, 3])]) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [.x25519(publicKey: [1, 2, 3])]) } == .malformed)
        #expect(refusal { _ = try WrapKey(recipients: [.rsa(publicKeyDER: [1, 2, 3])]) } == .malformed)
        let many = (0..<65).map { _ in Identity.generateX25519().publicSide }
        #expect(refusal { _ = try WrapKey(recipients: many) } == .limitExceeded)
        #expect(try WrapKey(recipients: Array(many.prefix(64))).stanzas.count == 64)
    }

    @Test func refusesAllZeroX25519Keys() {
        // A low-order point would make the shared secret zero.
        #expect(refusal { _ = try WrapKey(recipients: [.x25519(publicKey: [UInt8](repeating: 0, count: 32))]) } == .malformed)
    }

    @Test func keysSurviveExport() throws {
        let key = try #require(World.alice.exportPrivateKey())
        #expect(try Identity.xWing(seed: key).keyID == World.alice.keyID)
        let rsa = try #require(World.dave.exportPrivateKey())
        #expect(try Identity.rsa(privateKeyDER: rsa).keyID == World.dave.keyID)
        #expect(World.alice.keyID == World.alice.publicSide.keyID)
        #expect(World.dave.keyID == World.dave.publicSide.keyID)
        #expect(try Signer(seed: World.owner.exportSeed()).publicKey == World.owner.publicKey)
    }

    @Test func secretsDoNotPrint() {
        let texts = ["\(Passphrase("hunter2"))", String(reflecting: Passphrase("hunter2")), "\(World.alice)", String(reflecting: World.owner)]
        for text in texts { #expect(text.contains("redacted") && !text.contains("hunter2")) }
        var dumped = ""
        dump(World.alice, to: &dumped)
        #expect(!dumped.contains("161"))
    }

    @Test func saysWhatAQuantumComputerWouldOpen() throws {
        let stanzas = try WrapKey(recipients: [World.alice.publicSide, World.bob.publicSide]).stanzas
        #expect(stanzas.map(\.isPostQuantum) == [true, false])
        #expect(World.alice.publicSide.isPostQuantum && !World.dave.publicSide.isPostQuantum)
    }
}

@Suite struct WrapKeyTests {
    @Test func oneEncapsulationServesManyFiles() throws {
        let wrapKey = try WrapKey(recipients: [World.alice.publicSide])
        let cache = WrapKeyCache()
        for size in [0, 10, 70_000] {
            let sealer = try MemberSealer(
                chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey, options: .init(), signer: World.signer)
            var file = sealer.head
            try unsafe sealer.update(pattern(size)) { unsafe file.append(contentsOf: $0) }
            _ = try unsafe sealer.finish(metadata: .init(), interrupted: false) { unsafe file.append(contentsOf: $0) }
            let reader = try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [World.alice], cache: cache)
            #expect(try reader.readAll() == pattern(size))
            #expect(cache.count == 1)
        }
    }

    @Test func theCacheServesOnlyTheHolderOfTheKey() throws {
        let wrapKey = try WrapKey(recipients: [World.bob.publicSide])
        let cache = WrapKeyCache()
        _ = try cache.wrapKey(opening: wrapKey.stanzas, with: [World.bob])
        #expect(refusal { _ = try cache.wrapKey(opening: wrapKey.stanzas, with: [World.carol]) } == .wrongKey)
        #expect(refusal { _ = try cache.wrapKey(opening: wrapKey.stanzas, with: []) } == .wrongKey)
        cache.removeAll()
        #expect(cache.count == 0)
    }

    @Test func theCacheIsBounded() throws {
        let cache = WrapKeyCache(capacity: 3)
        for _ in 0..<10 {
            _ = try cache.wrapKey(opening: WrapKey(recipients: [World.bob.publicSide]).stanzas, with: [World.bob])
        }
        #expect(cache.count == 3)
    }

    @Test func theCacheServesOnlyTheSamePassphrase() throws {
        let other = WrapKeyCache()
        let stanzas = try WrapKey(recipients: [.passphrase(Passphrase("p"), workFactor: 2)]).stanzas
        let opened = try other.wrapKey(opening: stanzas, with: [.passphrase(Passphrase("p"))])
        #expect(try other.wrapKey(opening: stanzas, with: [.passphrase(Passphrase("p"))]) === opened)
        #expect(refusal { _ = try other.wrapKey(opening: stanzas, with: [.passphrase(Passphrase("q"))]) } == .wrongKey)
    }

    @Test func aWrappedFileKeyBelongsToOnePrefix() throws {
        // Two files of one session share their stanzas; their heads cannot be exchanged all the same.
        let wrapKey = try WrapKey(recipients: [World.bob.publicSide])
        func head() throws -> [UInt8] {
            try MemberSealer(chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey, options: .init(), signer: World.signer).head
        }
        let (first, second) = (try head(), try head())
        var mixed = first
        mixed.replaceSubrange(16..<96, with: second[16..<96])
        #expect(refusal { _ = try rewrap([mixed]) } == .tampered)
        #expect(refusal { _ = try rewrap([first]) } == nil)
    }

    private func rewrap(_ heads: [[UInt8]]) throws -> [[UInt8]] {
        try HeaderRewriter.rewrap(
            heads: heads, opening: [World.bob], recipients: [World.carol.publicSide], revision: 1, notAfter: nil, owner: World.owner, slot: .lean)
    }
}
