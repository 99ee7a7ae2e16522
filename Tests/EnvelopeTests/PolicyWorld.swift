// Two authorities and some holders of their attributes, for all suites of this target.

import AttributeEncryption
import Crypto
import Envelope

/// An authority with its secrets, as its owner runs it.
struct TestAuthority {
    let name: String
    let signer: Signer
    let secret: AuthoritySecretKey
    let record: AuthorityRecord
    let nameKey: SymmetricKey?

    static let depth = 8

    init(
        _ name: String, epoch: UInt64 = 1, signer: Signer = .generate(), secret: AuthoritySecretKey? = nil, revoked: [UInt32] = [],
        nameKey: SymmetricKey? = nil, following previous: AuthorityRecord? = nil
    ) throws {
        let secret = secret ?? AuthoritySecretKey.generate(epoch: epoch, owner: signer.publicKey)
        self.name = name
        self.signer = signer
        self.secret = secret
        self.nameKey = nameKey
        record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: RevocationList(depth: Self.depth, revoked: revoked), hidesNames: nameKey != nil,
            created: 1_790_000_000, following: previous, sign: { try signer.sign($0) })
    }

    /// The same authority with these members revoked.
    func revoking(_ leaves: [UInt32]) throws -> TestAuthority {
        try TestAuthority(name, signer: signer, secret: secret, revoked: leaves, nameKey: nameKey, following: record)
    }

    func key(
        for holder: Signer, _ attributes: [String], leaf: UInt32 = 0, validity: ClosedRange<Month> = PolicyWorld.month...PolicyWorld.month
    ) throws -> AttributeKey {
        try secret.issue(
            to: GlobalIdentifier.of(signingKey: holder.publicKey), attributes: attributes.map { try GrantedAttribute(parsing: $0) }, authority: name,
            member: (leaf, Self.depth), validity: validity, nameKey: nameKey, issuedAt: 1_790_000_000)
    }
}

enum PolicyWorld {
    static let month = Month("2026-11")!
    static let stmary = try! TestAuthority("stmary")
    static let alice = try! TestAuthority("alice")
    /// Two people who hold attributes.
    static let bob = Signer.generate()
    static let carol = Signer.generate()

    static func policy(_ text: String, _ authorities: [TestAuthority] = [stmary, alice]) throws -> Recipient {
        let records = Dictionary(uniqueKeysWithValues: authorities.map { ($0.name, $0.record) })
        return .policy(try Policy(parsing: text, sealedAt: month), records)
    }

    static func identity(_ keys: [AttributeKey], at month: Month = month) -> Identity { .attributes(keys, at: month) }
}
