import AttributeEncryption
import Crypto

/// Authorities and people for tests.
struct World {
    /// An authority with its identity's signing key.
    struct Authority {
        let name: String
        let signer: Curve25519.Signing.PrivateKey
        let secret: AuthoritySecretKey
        let record: AuthorityRecord
        let nameKey: SymmetricKey?
        var depth: Int { record.revocations.depth }

        init(_ name: String, epoch: UInt64 = 1, revoked: [UInt32] = [], nameKey: SymmetricKey? = nil) throws {
            let signer = Curve25519.Signing.PrivateKey()
            let secret = AuthoritySecretKey.generate(epoch: epoch, owner: Array(signer.publicKey.rawRepresentation))
            try self.init(name, signer: signer, secret: secret, revoked: revoked, nameKey: nameKey)
        }

        init(
            _ name: String, signer: Curve25519.Signing.PrivateKey, secret: AuthoritySecretKey, revoked: [UInt32] = [], nameKey: SymmetricKey? = nil,
            following previous: AuthorityRecord? = nil
        ) throws {
            self.name = name
            self.signer = signer
            self.secret = secret
            self.nameKey = nameKey
            record = try AuthorityRecord(
                publicKey: secret.publicKey, revocations: RevocationList(depth: 6, revoked: revoked), hidesNames: nameKey != nil,
                created: 1_790_000_000, following: previous
            ) { Array(try signer.signature(for: $0)) }
        }

        /// The same authority after revoking members.
        func revoking(_ leaves: UInt32...) throws -> Authority {
            try Authority(name, signer: signer, secret: secret, revoked: leaves, nameKey: nameKey, following: record)
        }

        /// The same authority in its next epoch.
        func rotated() throws -> Authority {
            let secret = AuthoritySecretKey.generate(epoch: secret.publicKey.epoch + 1, owner: secret.publicKey.owner)
            return try Authority(name, signer: signer, secret: secret, nameKey: nameKey, following: record)
        }

        func issue(_ person: Person, _ attributes: String..., leaf: UInt32 = 0, months: ClosedRange<Int> = -2...10) throws -> AttributeKey {
            try issue(person, attributes, leaf: leaf, months: months)
        }

        func issue(_ person: Person, _ attributes: [String], leaf: UInt32 = 0, months: ClosedRange<Int> = -2...10) throws -> AttributeKey {
            try secret.issue(
                to: person.gid, attributes: attributes.map { try GrantedAttribute(parsing: $0) }, authority: name, member: (leaf, depth),
                validity: World.month.advanced(by: months.lowerBound)...World.month.advanced(by: months.upperBound), nameKey: nameKey,
                issuedAt: 1_790_000_000)
        }
    }

    struct Person {
        let gid: [UInt8]

        init(_ name: String) {
            gid = GlobalIdentifier.of(signingKey: Array(name.utf8))
        }
    }

    /// 2026-11
    static let month = Month(number: 26 * 12 + 10)!
    static let doctor = Person("doctor")
    static let nurse = Person("nurse")
    static let associatedData = Array("phr/v1/wrap-key".utf8) + [4]

    static func encapsulate(_ policy: String, _ authorities: Authority...) throws -> (header: [UInt8], key: SymmetricKey) {
        try encapsulate(policy, authorities)
    }

    static func encapsulate(_ policy: String, _ authorities: [Authority]) throws -> (header: [UInt8], key: SymmetricKey) {
        let records = Dictionary(uniqueKeysWithValues: authorities.map { ($0.name, $0.record) })
        return try KeyEncapsulation.encapsulate(Policy(parsing: policy, sealedAt: month), authorities: records, associatedData: associatedData)
    }

    static func decapsulate(_ header: [UInt8], _ keys: AttributeKey...) throws -> SymmetricKey {
        try KeyEncapsulation.decapsulate(header, keys: keys, associatedData: associatedData, at: month)
    }
}
