import AttributeEncryption
import Crypto
import Testing

@Suite struct KeyEncapsulationTests {
    private let alice: World.Authority
    private let stmary: World.Authority

    init() throws {
        alice = try World.Authority("alice")
        stmary = try World.Authority("stmary")
    }

    @Test(arguments: [
        ("stmary:doctor", 1), ("stmary:doctor and stmary:cardiology", 1), ("stmary:doctor and (stmary:x or stmary:doctor)", 1),
        ("2 of (stmary:x, stmary:doctor, stmary:cardiology)", 1), ("stmary:clearance >= 3", 1), ("stmary:doctor and valid now", 1),
        ("2 of (stmary:doctor and stmary:x, stmary:doctor, stmary:doctor)", 1),
        ("alice:care-team and stmary:doctor", 2), ("alice:x or (stmary:doctor and stmary:cardiology)", 2),
        ("2 of (alice:care-team, alice:x, stmary:doctor)", 2), ("alice:care-team and stmary:clearance in 2..9 and valid in 2026-11", 2),
        ("3 of (alice:care-team, stmary:x, stmary:cardiology, stmary:doctor, alice:y)", 2),
    ])
    func opensForWhoeverSatisfiesThePolicy(policy: String, suite: UInt8) throws {
        let keys = [try alice.issue(World.doctor, "care-team"), try stmary.issue(World.doctor, "doctor", "cardiology", "clearance=4")]
        let (header, key) = try World.encapsulate(policy, alice, stmary)
        #expect(try World.decapsulate(header, keys[0], keys[1]) == key)
        #expect(try World.decapsulate(header, keys[1], keys[0]) == key)
        let facts = try KeyEncapsulation.inspect(header)
        #expect(facts.suite.rawValue == suite)
        #expect(facts.explain(keys, at: World.month).isSatisfied)
        #expect(facts.authorities.allSatisfy { $0.matches($0.name == "alice" ? alice.secret.publicKey : stmary.secret.publicKey) })
    }

    @Test func differsEachTime() throws {
        let first = try World.encapsulate("alice:x", alice)
        let second = try World.encapsulate("alice:x", alice)
        #expect(first.key != second.key)
        #expect(first.header != second.header)
    }

    @Test func isBoundToAssociatedData() throws {
        let (header, _) = try World.encapsulate("alice:x", alice)
        let key = try alice.issue(World.doctor, "x")
        #expect(throws: AttributeError(.tampered, "")) {
            try KeyEncapsulation.decapsulate(header, keys: [key], associatedData: [], at: World.month)
        }
    }
}
