// Vectors of stanzas of type 4: policies that open, and policies that must not.

import AttributeEncryption
import CanonicalEncoding
import Crypto
import Envelope

extension VectorSet {
    private static func keys(_ keys: AttributeKey...) -> [Vector.Key] {
        keys.map { key in key.withEncoded { Vector.Key(kind: "attributes", key: $0.hexadecimal) } }
    }

    /// A file whose one handmade stanza of type 4 stands before bob's.
    private static func file(_ encapsulation: [UInt8], identifier: [UInt8]? = nil, wrapped: [UInt8] = [UInt8](repeating: 0, count: 48)) throws -> [UInt8] {
        let identifier = identifier ?? HandmadeMember.keyID(4, encapsulation)
        let stanza = CBOR.map([0: .unsigned(4), 1: .bytes(identifier), 2: .bytes(encapsulation), 3: .bytes(wrapped)])
        return try HandmadeMember(stanzas: [stanza, HandmadeMember.stanza(wrapping: HandmadeMember().wrapKey, for: World.bob.publicKey)]).sealed()
    }

    mutating func addPolicies() throws {
        let (month, bob) = (PolicyWorld.month, PolicyWorld.bob)
        let doctor = try PolicyWorld.stmary.key(for: bob, ["cardiology", "clearance=3", "doctor"], leaf: 5)
        let friend = try PolicyWorld.alice.key(for: bob, ["care-team"])
        let one = try seal(pattern(100), for: [PolicyWorld.policy("stmary:doctor and stmary:cardiology")])
        try good("policy-one-authority", "suite 1: two attributes of one authority", one, keys: Self.keys(doctor), month: month)
        let two = try seal(pattern(100), for: [PolicyWorld.policy("stmary:doctor and alice:care-team")])
        try good("policy-two-authorities", "suite 2: attributes of two authorities", two, keys: Self.keys(doctor, friend), month: month)
        let range = try seal(pattern(100), for: [PolicyWorld.policy("2 of (stmary:clearance >= 2, stmary:nurse, alice:care-team) and valid in 2026-11")])
        try good("policy-comparison", "a threshold over a comparison, with a month", range, keys: Self.keys(doctor, friend), month: month)
        let recipients = [World.alice.publicSide, try PolicyWorld.policy("alice:care-team"), try PolicyWorld.policy("stmary:doctor"), World.bob.publicSide]
        let mixed = try seal(pattern(3000), for: recipients, options: .init(slot: .full, leafList: true))
        try good("policies-beside-keys", "X-Wing, two policies, X25519; opened by the second policy", mixed, keys: Self.keys(doctor), month: month)
        try good("policies-beside-keys-x-wing", "the same kind of file, opened by the X-Wing key", mixed, keys: [Self.alice])
        let revoked = try PolicyWorld.policy("stmary:doctor", [PolicyWorld.stmary.revoking([0, 3]), PolicyWorld.alice])
        try good("policy-others-revoked", "two members are revoked, this one is not", seal(pattern(100), for: [revoked]), keys: Self.keys(doctor), month: month)
        let nameKey = SymmetricKey(data: [UInt8](repeating: 0x4e, count: 32))
        let clinic = try TestAuthority("clinic", nameKey: nameKey)
        let hidden = try Policy(parsing: "clinic:oncology or clinic:palliative-care").hidingNames { _ in nameKey }
        try good(
            "policy-hidden-names", "attribute names as keyed hashes", seal(pattern(100), for: [.policy(hidden, ["clinic": clinic.record])]),
            keys: Self.keys(clinic.key(for: bob, ["oncology"])), month: month)
        let members = try sealMembers([pattern(100), pattern(70)], for: [PolicyWorld.policy("stmary:doctor")])
        try good("policy-two-members", "an upload interrupted and resumed, each part under the policy", members, keys: Self.keys(doctor), month: month)
        let later = CBOR.map([0: .unsigned(9), 1: .text("stmary:doctor")]).encoded()
        try good("policy-later-suite", "a policy of a scheme that is not known is passed over", Self.file(later))
        try good("policy-malformed-beside-a-key", "an attribute header that cannot be read does not shut out others", Self.file([0xff]))
    }

    mutating func addPolicyBreakers() throws {
        let (month, bob) = (PolicyWorld.month, PolicyWorld.bob)
        let doctor = try PolicyWorld.stmary.key(for: bob, ["doctor"], leaf: 5)
        let file = try seal(pattern(100), for: [PolicyWorld.policy("stmary:doctor and alice:care-team")])
        bad("policy-one-attribute-missing", .notSatisfied, "one of two attributes", file, keys: Self.keys(doctor), month: month)
        let stranger = try PolicyWorld.alice.key(for: PolicyWorld.carol, ["care-team"])
        bad("policy-pooled-keys", .notSatisfied, "each of two people has one attribute", file, keys: Self.keys(doctor, stranger), month: month)
        let single = try seal(pattern(100), for: [PolicyWorld.policy("stmary:doctor")])
        bad("policy-expired-key", .notSatisfied, "a key outside its validity", single, keys: Self.keys(doctor), month: month.advanced(by: 1))
        let epoch = try TestAuthority("stmary", epoch: 2, signer: PolicyWorld.stmary.signer)
        bad("policy-other-epoch", .notSatisfied, "a key of the next epoch", single, keys: Self.keys(try epoch.key(for: bob, ["doctor"])), month: month)
        let revoked = try seal(pattern(100), for: [PolicyWorld.policy("stmary:doctor", [PolicyWorld.stmary.revoking([5]), PolicyWorld.alice])])
        bad("policy-revoked-key", .notSatisfied, "a revoked member", revoked, keys: Self.keys(doctor), month: month)
        bad("policy-without-attribute-keys", .wrongKey, "a policy, and no attribute key", single)
        let (header, _) = try KeyEncapsulation.encapsulate(
            Policy(parsing: "stmary:doctor"), authorities: ["stmary": PolicyWorld.stmary.record], associatedData: Array("elsewhere".utf8))
        bad(
            "policy-for-other-data", .tampered, "an encapsulation that is bound to something else", try Self.file(header), keys: Self.keys(doctor), month: month
        )
        bad(
            "policy-other-identifier", .malformed, "the identifier is that of another encapsulation",
            try Self.file(header, identifier: HandmadeMember.keyID(4, header + [0])))
        bad("policy-without-encapsulation", .malformed, "an encapsulation of no bytes", try Self.file([]))
    }
}
