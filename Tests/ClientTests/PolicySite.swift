// A hospital and its attribute keys on the test site.

import AttributeEncryption
import Client
import Crypto
import Envelope
import Foundation
import Keyring
import Ledger

/// An authority run by somebody of the site.
struct SiteAuthority {
    let person: Person
    let secret: AuthoritySecretKey
    let record: AuthorityRecord
    let nameKey: SymmetricKey?

    private static let depth = 6
    static let month = Month(secondsSince1970: Int64(Date().timeIntervalSince1970))

    init(
        _ person: Person, epoch: UInt64 = 1, secret: AuthoritySecretKey? = nil, revoked: [UInt32] = [], nameKey: SymmetricKey? = nil,
        following previous: AuthorityRecord? = nil, signer: Signer? = nil
    ) throws {
        let signer = try signer ?? person.keyring.signer()
        let secret = secret ?? AuthoritySecretKey.generate(epoch: epoch, owner: signer.publicKey)
        self.person = person
        self.secret = secret
        self.nameKey = nameKey
        record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: RevocationList(depth: Self.depth, revoked: revoked), hidesNames: nameKey != nil,
            created: 1_790_000_000, following: previous, sign: { try signer.sign($0) })
    }

    /// The next record of the same key.
    func next(revoked: [UInt32] = []) throws -> SiteAuthority {
        try SiteAuthority(person, secret: secret, revoked: revoked, nameKey: nameKey, following: record)
    }

    func key(for holder: Person, _ attributes: String..., leaf: UInt32 = 1, validity: ClosedRange<Month> = month...month) throws -> ReceivedKey {
        let key = try secret.issue(
            to: GlobalIdentifier.of(signingKey: try holder.keyring.signer().publicKey), attributes: attributes.map { try GrantedAttribute(parsing: $0) },
            authority: person.name, member: (leaf, Self.depth), validity: validity, nameKey: nameKey, issuedAt: 1_790_000_000)
        return ReceivedKey(
            site: TestSite.origin, authority: person.name, epoch: key.epoch, keyID: key.keyID, secret: key.withEncoded { Secret($0) },
            nameKey: nameKey.map { unsafe $0.withUnsafeBytes { unsafe Secret(Array($0)) } }, issuer: person.name, document: [], salt: [], ledgerIndex: 0,
            received: 1_790_000_000)
    }

    func recipient(_ policy: String) throws -> Recipient {
        .policy(try Policy(parsing: policy, sealedAt: Self.month), [person.name: record])
    }
}

extension TestSite {
    /// A person with keys on the ledger.
    func enroll(_ name: String) async throws -> Person {
        let person = try Person(name, in: server.folder)
        try await publishKeys(of: person)
        return person
    }

    func publish(_ authority: SiteAuthority) async throws { try await publishAuthority(authority.record, of: authority.person) }

    /// A folder's policy on the ledger.
    struct PublishedPolicy {
        let name: String
        let index: UInt64
        let salt: [UInt8]
        let document: [UInt8]
    }

    /// Puts the policy of a folder, signed by `signer`, on the ledger and shows it.
    @discardableResult
    func publishPolicy(
        _ policy: String, of folder: String, by owner: Person, sequence: UInt64, folderID: [UInt8] = [UInt8](repeating: 7, count: 16), signer: Person? = nil
    ) async throws -> PublishedPolicy {
        let signer = try (signer ?? owner).keyring.signer()
        let document = try PolicyDocument(folder: folder, sequence: sequence, policy: policy, created: 1_790_000_000, sign: { try signer.sign($0) }).encoded()
        let salt = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let index = try await submit(
            .policy(
                PolicyTransaction(
                    ownerPseudonym: owner.pseudonym, folderID: folderID, sequence: sequence,
                    commitment: DocumentCommitment.policy.commitment(salt: salt, document: document))))
        let published = PublishedPolicy(name: ".policies/\(owner.name)\(folder)", index: index, salt: salt, document: document)
        try show(published)
        return published
    }

    /// Shows a policy in the newest checkpoint, whatever was shown before.
    func show(_ policy: PublishedPolicy) throws {
        try write(policy.name, Array(ledger.documentProof(index: policy.index, salt: policy.salt, document: policy.document).text.utf8))
    }
}

/// What a command fails with; `nil` when it does not fail.
func failure(_ body: () async throws -> Void) async -> ClientError? {
    do {
        try await body()
        return nil
    } catch {
        return ClientError(error)
    }
}
