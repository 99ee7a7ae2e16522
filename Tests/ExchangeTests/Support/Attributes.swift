/// Authorities, keys and policies of the test site's people.
import AttributeEncryption
import CanonicalEncoding
import Envelope
import Foundation
import Ledger
import Testing

/// An authority as its owner has it.
struct Authority: Sendable {
    let name: String
    let secret: AuthoritySecretKey
    let record: AuthorityRecord

    static func make(of person: Person, epoch: UInt64 = 0, issuers: [[UInt8]] = []) throws -> Authority {
        let secret = AuthoritySecretKey.generate(epoch: epoch, owner: person.signer.publicKey)
        let record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: RevocationList(depth: 8), issuers: issuers, created: 1_790_000_000, sign: person.sign)
        return Authority(name: person.name, secret: secret, record: record)
    }

    /// The next record, with other members revoked, other issuers or another key.
    func next(
        by person: Person, revoked: [UInt32]? = nil, issuers: [[UInt8]]? = nil, secret: AuthoritySecretKey? = nil
    ) throws -> Authority {
        let secret = secret ?? self.secret
        let record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: RevocationList(depth: 8, revoked: revoked ?? record.revocations.revoked),
            issuers: issuers ?? record.issuers, created: 1_790_000_100, following: record, sign: person.sign)
        return Authority(name: name, secret: secret, record: record)
    }

    func issue(to person: Person, _ attributes: [String], leaf: UInt32 = 1) throws -> AttributeKey {
        let now = Month.now
        return try secret.issue(
            to: person.gid, attributes: try attributes.map { try GrantedAttribute(parsing: $0) }, authority: name, member: (leaf, 8),
            validity: now...now.advanced(by: 11), issuedAt: 1_790_000_000)
    }

    var path: String { "/.authorities/\(name)" }
}

extension Month {
    static var now: Month { Month(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
}

extension Person {
    /// What keys of several authorities are bound to.
    var gid: [UInt8] { GlobalIdentifier.of(signingKey: signer.publicKey) }

    func identities(_ keys: [AttributeKey]) -> [Identity] { [identity, .attributes(keys, at: .now)] }
}

/// A statement with the document it commits to.
struct Statement {
    let bytes: [UInt8]
    let commitment: [UInt8]

    init(
        by issuer: Person, for holder: Person, epoch: UInt64 = 0, leaf: UInt64 = 1, lastMonth: String? = nil,
        keyID: [UInt8]? = nil, signer: Person? = nil
    ) throws {
        let salt = (0..<32).map { _ in UInt8.random(in: 0...255) }
        commitment = DocumentCommitment.issue.commitment(salt: salt, document: Array("who got what".utf8))
        let statement = try IssuanceStatement(
            commitment: commitment, epoch: epoch, holder: holder.gid, leaf: leaf, lastMonth: lastMonth ?? Month.now.advanced(by: 11).description,
            issuerKeyID: keyID ?? issuer.bundle.signingKeyID, sign: (signer ?? issuer).sign)
        bytes = statement.encoded()
    }

    func path(of authority: String) -> String { "/.issued/\(authority)/\(commitment.hexadecimal)" }
}

extension TestSite {
    /// Publishes the first record of an account's authority.
    func authority(_ name: String, issuers: [[UInt8]] = []) async throws -> Authority {
        let authority = try Authority.make(of: try person(name), issuers: issuers)
        try await store(authority.record.encoded(), at: authority.path, as: name)
        return authority
    }

    /// Publishes the record that follows.
    func publish(_ authority: Authority) async throws -> Authority {
        try await store(authority.record.encoded(), at: authority.path, as: authority.name)
        return authority
    }

    /// Issues keys and tells the site of it.
    func issue(_ authority: Authority, to name: String, _ attributes: [String], leaf: UInt32 = 1) async throws -> AttributeKey {
        let holder = try person(name)
        let statement = try Statement(by: try person(authority.name), for: holder, epoch: authority.record.publicKey.epoch, leaf: UInt64(leaf))
        try await store(statement.bytes, at: statement.path(of: authority.name), as: authority.name)
        return try authority.issue(to: holder, attributes, leaf: leaf)
    }

    func policy(_ text: String, sequence: UInt64 = 0, folder: String = "/inbox/alice", by signer: String = "alice") throws -> [UInt8] {
        let signer = try person(signer)
        return try PolicyDocument(folder: folder, sequence: sequence, policy: text, created: 1_790_000_000, sign: signer.sign).encoded()
    }

    func setPolicy(_ text: String, sequence: UInt64 = 0, folder: String = "/inbox/alice") async throws {
        try await store(try policy(text, sequence: sequence, folder: folder), at: "/.policies/alice\(folder)", as: "alice")
    }
}
