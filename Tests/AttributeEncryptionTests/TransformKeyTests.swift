import AttributeEncryption
import CanonicalEncoding
import Crypto
import Testing

@Suite struct TransformKeyTests {
    private let alice: World.Authority
    private let stmary: World.Authority

    init() throws {
        alice = try World.Authority("alice")
        stmary = try World.Authority("stmary")
    }

    private func code(_ body: () throws -> Void) -> AttributeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? AttributeError)?.code
        }
    }

    @Test(arguments: [
        "stmary:doctor", "stmary:doctor and (stmary:x or stmary:doctor and stmary:cardiology)", "2 of (stmary:x, stmary:doctor, stmary:cardiology)",
        "alice:care-team and stmary:doctor", "2 of (alice:care-team, alice:x, stmary:doctor)", "alice:care-team and stmary:clearance in 2..9",
    ])
    func theServerDoesThePairings(policy: String) throws {
        let keys = [try alice.issue(World.doctor, "care-team"), try stmary.issue(World.doctor, "doctor", "cardiology", "clearance=4")]
        let (header, key) = try World.encapsulate(policy, alice, stmary)
        let (transform, retrieval) = try TransformKey.make(from: keys)
        let atTheServer = try TransformKey(decoding: transform.encoded())
        let transformed = try atTheServer.transform(header)
        let atHome = try retrieval.withEncoded { try RetrievalKey(decoding: $0) }
        #expect(try atHome.open(header, transformed: transformed, associatedData: World.associatedData) == key)
    }

    @Test func theTransformedSecretAloneOpensNothing() throws {
        let keys = [try stmary.issue(World.doctor, "doctor")]
        let (header, key) = try World.encapsulate("stmary:doctor", stmary)
        let (transform, _) = try TransformKey.make(from: keys)
        let (_, otherRetrieval) = try TransformKey.make(from: keys)
        let transformed = try transform.transform(header)
        #expect(code { _ = try otherRetrieval.open(header, transformed: transformed, associatedData: World.associatedData) } == .tampered)
        var one = [UInt8](repeating: 0, count: 32)
        one[31] = 1
        #expect(code { _ = try RetrievalKey(decoding: one).open(header, transformed: transformed, associatedData: World.associatedData) } == .tampered)
        #expect(try World.decapsulate(header, keys[0]) == key)
    }

    @Test func wrongWorkIsNoticed() throws {
        let (header, _) = try World.encapsulate("stmary:doctor", stmary)
        let (other, _) = try World.encapsulate("stmary:doctor", stmary)
        let (transform, retrieval) = try TransformKey.make(from: [try stmary.issue(World.doctor, "doctor")])
        #expect(code { _ = try retrieval.open(header, transformed: try transform.transform(other), associatedData: World.associatedData) } == .tampered)
        #expect(code { _ = try retrieval.open(header, transformed: try transform.transform(header), associatedData: []) } == .tampered)
        var changed = try transform.transform(header)
        changed[0] ^= 1
        #expect(code { _ = try retrieval.open(header, transformed: changed, associatedData: World.associatedData) } == .malformed)
        #expect(code { _ = try retrieval.open(header, transformed: [], associatedData: World.associatedData) } == .malformed)
    }

    @Test func opensNoMoreThanTheKeysItWasMadeFrom() throws {
        let (header, _) = try World.encapsulate("alice:care-team and stmary:doctor", alice, stmary)
        let (transform, _) = try TransformKey.make(from: [try stmary.issue(World.doctor, "doctor")])
        #expect(code { _ = try transform.transform(header) } == .notSatisfied)
        #expect(code { _ = try TransformKey.make(from: []) } == .malformed)
        let mixed = [try stmary.issue(World.doctor, "doctor"), try alice.issue(World.nurse, "care-team")]
        #expect(code { _ = try TransformKey.make(from: mixed) } == .wrongIdentity)
    }

    @Test func hiddenNamesStayHiddenFromTheServer() throws {
        let nameKey = (0..<32).map { UInt8($0 * 7 + 1) }
        let hidden = try World.Authority("stmary", nameKey: SymmetricKey(data: nameKey))
        let key = try hidden.issue(World.doctor, "doctor")
        let (transform, retrieval) = try TransformKey.make(from: [key])
        let bytes = transform.encoded()
        #expect(!bytes.indices.contains { bytes[$0...].starts(with: nameKey) })
        #expect(!bytes.indices.contains { bytes[$0...].starts(with: Array("doctor".utf8)) })
        let policy = try Policy(parsing: "stmary:doctor").hidingNames { _ in hidden.nameKey }
        let (header, secret) = try World.encapsulate(policy.text, hidden)
        #expect(try retrieval.open(header, transformed: transform.transform(header), associatedData: World.associatedData) == secret)
    }

    @Test func changedEncodingsAreRefused() throws {
        let (transform, _) = try TransformKey.make(from: [try stmary.issue(World.doctor, "doctor")])
        let bytes = transform.encoded()
        for count in bytes.indices { #expect(code { _ = try TransformKey(decoding: Array(bytes[..<count])) } == .malformed) }
        #expect(code { _ = try RetrievalKey(decoding: [UInt8](repeating: 0, count: 32)) } == .malformed)
    }

    /// What the server has gives s/z, and with keys of others, who do not satisfy the policy, never s.
    @Test func theServerNeverGetsTheSecretInTheGenericGroupModel() {
        var random = SeededGenerator(seed: 95)
        let policy = RawPolicy(tree: .all([.row(0), .row(1)]), attributes: ["a:x", "b:x"])
        var game = DecentralizedGame<SymbolicGroup>(policy, using: &random)
        game.issue(["a:x", "b:x"], to: "alice")
        let own = game.issuances
        game.issuances = []
        game.issue(["a:x"], to: "bob")
        let inverse = FormalScalars.one().inverse()
        var adversary = game.adversary
        adversary.see(
            [DecentralizedABE<SymbolicGroup>.identity(Array("alice".utf8)) * inverse, .generator * inverse]
                + own.flatMap { $0.key.attributes.map { $0 * inverse } },
            inG2: true)
        adversary.see(own.map { $0.key.randomness * inverse })
        #expect(adversary.derives(game.sharedSecret.power(inverse)))
        #expect(!adversary.derives(game.sharedSecret))
    }
}

extension FormalScalars {
    fileprivate static func one() -> SymbolicGroup.Scalar {
        var source = FormalScalars()
        return source.next()
    }
}
