// The published vectors of attribute encryption, version 1: how they are described, found and read.

import AttributeEncryption
import BLS12381
import CanonicalEncoding
import Crypto
import Foundation
import Testing

/// `vectors.json` of `Tests/Vectors/phr/attributes-v1`. Bytes are hexadecimal.
struct VectorFile: Codable {
    var authorities: [AuthorityVector]
    var keys: [KeyVector]
    var headers: [HeaderVector]
    var refusals: [RefusalVector]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/phr/attributes-v1")

    static func read() throws -> VectorFile {
        try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: folder.appendingPathComponent("vectors.json")))
    }

    /// For test arguments: an empty file would hide that it cannot be read, which another test notices.
    static let published = (try? read()) ?? VectorFile(authorities: [], keys: [], headers: [], refusals: [])

    func authority(_ name: String) throws -> AuthorityVector { try #require(authorities.first { $0.name == name }) }
    func key(_ name: String) throws -> KeyVector { try #require(keys.first { $0.name == name }) }
    func header(_ name: String) throws -> HeaderVector { try #require(headers.first { $0.name == name }) }

    func attributeKeys(_ names: [String]) throws -> [AttributeKey] {
        try names.map { try AttributeKey(decoding: bytes(key($0).encoding)) }
    }
}

/// A state of an authority.
struct AuthorityVector: Codable {
    var name: String
    /// What policies call it.
    var account: String
    /// Ed25519 private key of the owner.
    var signer: String
    var secret: String
    var record: String
    var nameKey: String?
    var fingerprint: String
}

/// An attribute key with what it follows from.
struct KeyVector: Codable, CustomTestStringConvertible {
    var name: String
    var authority: String
    var gid: String
    var attributes: [String]
    var from: String
    var until: String
    var leaf: UInt32
    var depth: Int
    var issuedAt: UInt64
    /// The scalar r of each suite.
    var scalars: [String]
    var encoding: String
    var keyID: String

    var testDescription: String { name }
}

/// A header with what it follows from, and who can open it.
struct HeaderVector: Codable, CustomTestStringConvertible {
    /// Keys of a holder and what comes of them: `success` or the code of the error.
    struct Trial: Codable {
        var keys: [String]
        var month: String
        var expect: String
    }

    var name: String
    var comment: String
    var suite: UInt8
    /// As written.
    var policy: String
    /// In normal form, with the month of sealing and names hidden.
    var canonicalPolicy: String
    var month: String
    var authorities: [String]
    var associatedData: String
    var message: String
    var header: String
    var key: String
    var trials: [Trial]

    var testDescription: String { name }
}

/// A header that must be refused.
struct RefusalVector: Codable, CustomTestStringConvertible {
    var name: String
    var comment: String
    var header: String
    var associatedData: String
    var month: String
    var keys: [String]
    var expect: String

    var testDescription: String { name }
}

/// Reads hexadecimal digits.
func bytes(_ text: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: text)) }

/// Scalars out of a list.
struct GivenScalars: ScalarSource {
    private var scalars: [Scalar]

    init(_ texts: [String]) throws {
        scalars = try texts.map { try Scalar(bytes: bytes($0)) }
    }

    mutating func next() -> Scalar { scalars.removeFirst() }
}

extension AuthorityVector {
    func secretKey() throws -> AuthoritySecretKey { try AuthoritySecretKey(decoding: bytes(secret)) }
    func authorityRecord() throws -> AuthorityRecord { try AuthorityRecord(decoding: bytes(record)) }
    func symmetricNameKey() throws -> SymmetricKey? { try nameKey.map { SymmetricKey(data: try bytes($0)) } }
}

extension KeyVector {
    /// The key made again.
    func issued(_ file: VectorFile) throws -> AttributeKey {
        let issuer = try file.authority(authority)
        var source = try GivenScalars(scalars)
        return try issuer.secretKey().issue(
            to: bytes(gid), attributes: attributes.map { try GrantedAttribute(parsing: $0) }, authority: issuer.account, member: (leaf, depth),
            validity: #require(Month(from))...#require(Month(until)), nameKey: issuer.symmetricNameKey(), issuedAt: issuedAt, from: &source)
    }
}

extension HeaderVector {
    /// The policy as it is sealed.
    func sealedPolicy(_ file: VectorFile) throws -> Policy {
        var nameKeys: [String: SymmetricKey] = [:]
        for authority in try authorities.map({ try file.authority($0) }) { nameKeys[authority.account] = try authority.symmetricNameKey() }
        let sealed = try #require(Month(month))
        return try Policy(parsing: policy, sealedAt: sealed).hidingNames { nameKeys[$0] }
    }

    /// The header made again.
    func encapsulated(_ file: VectorFile) throws -> (header: [UInt8], key: SymmetricKey) {
        var records: [String: AuthorityRecord] = [:]
        for authority in try authorities.map({ try file.authority($0) }) { records[authority.account] = try authority.authorityRecord() }
        return try KeyEncapsulation.encapsulate(
            sealedPolicy(file), authorities: records, associatedData: bytes(associatedData), message: SymmetricKey(data: bytes(message)))
    }
}
