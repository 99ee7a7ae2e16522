import AttributeEncryption
import CanonicalEncoding
import Crypto
import Testing

/// Entries of an audit log with attributes, auditors with policies.
@Suite struct KeyPolicyTests {
    private let keeper = KeyPolicySecretKey.generate(epoch: 1, owner: [UInt8](repeating: 7, count: 32))
    private let associatedData = Array("entry 17".utf8)

    private func entry(_ attributes: String...) throws -> (header: [UInt8], key: SymmetricKey) {
        try KeyEncapsulation.encapsulate(
            attributes.map { try GrantedAttribute(parsing: $0) }, authority: keeper.publicKey, associatedData: associatedData)
    }

    private func key(_ policy: String) throws -> KeyPolicyKey { try keeper.issue(Policy(parsing: policy), issuedAt: 1_790_000_000) }

    private func open(_ header: [UInt8], _ keys: KeyPolicyKey...) throws(AttributeError) -> SymmetricKey {
        try KeyEncapsulation.decapsulate(header, keys: keys, associatedData: associatedData)
    }

    @Test(arguments: [
        ("log:ward=3", true), ("log:ward=3 and log:kind=read", true), ("log:ward=4 or log:kind=write", false), ("log:ward >= 3", true),
        ("log:ward in 4..9", false), ("log:day in 2026-11-01..2026-11-30", true), ("log:day >= 2026-12-01", false),
        ("2 of (log:ward=3, log:kind=write, log:day >= 2026-01-01)", true), ("log:kind=read and (log:emergency or log:ward=3 and log:kind=read)", true),
        ("3 of (log:ward=3, log:kind=write, log:day >= 2026-01-01)", false),
    ])
    func readsWhatItsPolicySays(policy: String, isReadable: Bool) throws {
        let (header, secret) = try entry("ward=3", "kind=read", "day=2026-11-24")
        let auditor = try key(policy)
        try auditor.verify(with: keeper.publicKey)
        let decoded = try auditor.withEncoded { try KeyPolicyKey(decoding: $0) }
        if isReadable {
            #expect(try open(header, decoded) == secret)
            #expect(try open(header, try key("log:other"), auditor) == secret)
        } else {
            #expect(throws: AttributeError(.notSatisfied, "")) { try open(header, decoded) }
        }
    }

    @Test func saysWhatAnEntryLacks() throws {
        let (header, _) = try entry("ward=3")
        let error = #expect(throws: AttributeError.self) { try open(header, try key("log:ward=3 and log:kind=read")) }
        #expect(error?.explanation?.missing.first?.map(\.text) == ["log:kind=read"])
    }

    @Test func twoAuditorsTogetherReadNoMoreThanEach() throws {
        let (header, _) = try entry("ward=3")
        #expect(throws: AttributeError(.notSatisfied, "")) { try open(header, try key("log:ward=3 and log:x"), try key("log:ward=4")) }
    }

    @Test func everyChangedByteOfAHeaderIsNoticed() throws {
        var random = SeededGenerator(seed: 91)
        let (header, _) = try entry("ward=x", "kind=read")
        let auditor = try key("log:kind=read")
        for position in header.indices {
            var changed = header
            changed[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: AttributeError.self, "byte \(position)") { try open(changed, auditor) }
        }
        for count in header.indices { #expect(throws: AttributeError(.malformed, "")) { try open(Array(header[..<count]), auditor) } }
        #expect(throws: AttributeError(.tampered, "")) { try KeyEncapsulation.decapsulate(header, keys: [auditor], associatedData: []) }
    }

    @Test func headersOfTheOtherKindAreNamed() throws {
        let alice = try World.Authority("alice")
        let other = try World.encapsulate("alice:x", alice).header
        #expect(throws: AttributeError(.unsupportedSuite, "")) { try open(other, try key("log:x")) }
        let own = try entry("x").header
        #expect(throws: AttributeError(.unsupportedSuite, "")) { try World.decapsulate(own, try alice.issue(World.doctor, "x")) }
    }

    @Test func changedKeysAreRefused() throws {
        let policy = "2 of (log:a, log:b, log:c) and (log:d or log:a)"
        let bytes = try key(policy).withEncoded { $0 }
        let rows = bytes.count - 5 * 48
        // Each row in turn is that of another key: a point of the group, and wrong.
        let other = try key(policy).withEncoded { $0 }
        for row in 0..<5 {
            var changed = bytes
            changed.replaceSubrange(rows + 48 * row..<rows + 48 * (row + 1), with: other[rows + 48 * row..<rows + 48 * (row + 1)])
            let wrong = try KeyPolicyKey(decoding: changed)
            #expect(throws: AttributeError(.invalidKey, ""), "row \(row)") { try wrong.verify(with: keeper.publicKey) }
        }
        var broken = bytes
        broken[rows] ^= 0x40
        let unreadable = try KeyPolicyKey(decoding: broken)
        #expect(throws: AttributeError(.invalidKey, "")) { try unreadable.verify(with: keeper.publicKey) }
        let stranger = KeyPolicySecretKey.generate(epoch: 1, owner: [UInt8](repeating: 8, count: 32))
        let own = try KeyPolicyKey(decoding: bytes)
        #expect(throws: AttributeError(.authorityChanged, "")) { try own.verify(with: stranger.publicKey) }
        for count in bytes.indices { #expect(throws: AttributeError.self) { try KeyPolicyKey(decoding: Array(bytes[..<count])) } }
    }

    @Test func keysOfAnotherEpochAreNamed() throws {
        let next = KeyPolicySecretKey.generate(epoch: 2, owner: [UInt8](repeating: 7, count: 32))
        let (header, _) = try KeyEncapsulation.encapsulate([GrantedAttribute(parsing: "x")], authority: next.publicKey, associatedData: associatedData)
        #expect(throws: AttributeError(.wrongEpoch, "")) { try open(header, try key("log:x")) }
    }

    @Test func policiesThatNoEntryCanMeetAreRefused() throws {
        for policy in ["log:x and other:y", "log:x and valid in 2026-11"] {
            #expect(throws: AttributeError(.unusablePolicy, ""), "\(policy)") { try key(policy) }
        }
        #expect(throws: AttributeError(.malformed, "")) { try entry() }
        let many = try (0..<257).map { try GrantedAttribute(parsing: "a\($0)") }
        #expect(throws: AttributeError(.limitExceeded, "")) {
            try KeyEncapsulation.encapsulate(many, authority: keeper.publicKey, associatedData: associatedData)
        }
    }

    @Test func secretsAndPublicKeysSurviveTheirEncoding() throws {
        let decoded = try keeper.withEncoded { try KeyPolicySecretKey(decoding: $0) }
        #expect(decoded.publicKey == keeper.publicKey)
        #expect(try KeyPolicyPublicKey(decoding: keeper.publicKey.encoded()) == keeper.publicKey)
        let bytes = keeper.publicKey.encoded()
        for position in stride(from: 0, to: bytes.count, by: 11) {
            var changed = bytes
            changed[position] ^= 1
            #expect((try? KeyPolicyPublicKey(decoding: changed)) != keeper.publicKey)
        }
        #expect(throws: AttributeError(.malformed, "")) { try KeyPolicySecretKey(decoding: [1]) }
        #expect(throws: AttributeError(.unsupportedSuite, "")) { try KeyPolicySecretKey(decoding: [9]) }
    }
}
