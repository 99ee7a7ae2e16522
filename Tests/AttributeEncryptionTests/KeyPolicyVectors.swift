// The published vectors of suite 3: entries with attributes, keys with policies.

import AttributeEncryption
import BLS12381
import CanonicalEncoding
import Crypto
import Foundation
import Testing

/// `key-policy.json` of `Tests/Vectors/phr/attributes-v1`. Bytes are hexadecimal.
struct KeyPolicyFile: Codable {
    struct Key: Codable {
        var policy: String
        var issuedAt: UInt64
        /// The scalars that issuing draws, in order.
        var scalars: [String]
        var encoding: String
    }

    struct Entry: Codable {
        var attributes: [String]
        var associatedData: String
        var message: String
        var header: String
        var key: String
        /// Policies of the keys that open it; the others do not satisfy theirs.
        var opens: [String]
    }

    var secret: String
    var publicKey: String
    var fingerprint: String
    var keys: [Key]
    var entries: [Entry]

    static func read() throws -> KeyPolicyFile {
        try JSONDecoder().decode(KeyPolicyFile.self, from: Data(contentsOf: VectorFile.folder.appendingPathComponent("key-policy.json")))
    }

    func secretKey() throws -> KeyPolicySecretKey { try KeyPolicySecretKey(decoding: bytes(secret)) }
}

extension KeyPolicyFile.Key {
    func issued(by secret: KeyPolicySecretKey) throws -> KeyPolicyKey {
        var source = try GivenScalars(scalars)
        return try secret.issue(Policy(parsing: policy), issuedAt: issuedAt, from: &source)
    }
}

extension KeyPolicyFile.Entry {
    func encapsulated(for publicKey: KeyPolicyPublicKey) throws -> (header: [UInt8], key: SymmetricKey) {
        try KeyEncapsulation.encapsulate(
            attributes.map { try GrantedAttribute(parsing: $0) }, authority: publicKey, associatedData: bytes(associatedData),
            message: SymmetricKey(data: bytes(message)))
    }
}

@Suite struct KeyPolicyVectorTests {
    @Test func keysAndEntriesAreThoseOfTheVectors() throws {
        let file = try KeyPolicyFile.read()
        let secret = try file.secretKey()
        #expect(secret.publicKey.encoded().hexadecimal == file.publicKey && secret.publicKey.fingerprint.hexadecimal == file.fingerprint)
        for key in file.keys {
            let issued = try key.issued(by: secret)
            #expect(issued.withEncoded { $0.hexadecimal } == key.encoding, "\(key.policy)")
            try issued.verify(with: secret.publicKey)
        }
        try #require(file.keys.count >= 4 && file.entries.count >= 3)
        for entry in file.entries {
            let (header, key) = try entry.encapsulated(for: secret.publicKey)
            #expect(header.hexadecimal == entry.header && key.hexadecimal == entry.key, "\(entry.attributes)")
        }
    }

    @Test func theRightKeysOpenEntries() throws {
        let file = try KeyPolicyFile.read()
        for entry in file.entries {
            for vector in file.keys {
                let key = try KeyPolicyKey(decoding: bytes(vector.encoding))
                let opened = try? KeyEncapsulation.decapsulate(bytes(entry.header), keys: [key], associatedData: bytes(entry.associatedData))
                #expect(opened?.hexadecimal == (entry.opens.contains(vector.policy) ? entry.key : nil), "\(entry.attributes), \(vector.policy)")
            }
        }
    }
}

extension KeyPolicyFile {
    /// Made anew, for `VectorWriter`.
    static func made() throws -> KeyPolicyFile {
        let policies = [
            "log:kind=read", "log:ward=3 and log:day in 2026-11-01..2026-11-30", "2 of (log:kind=write, log:ward >= 3, log:patient)",
            "log:kind=read and (log:emergency or log:ward=3 and log:kind=read)",
        ]
        var encoding: [UInt8] = [1]
        encoding.appendBigEndian(UInt64(1))
        encoding += VectorSet.fixed("keeper of the log") + VectorSet.scalar("alpha of the log")
        let secret = try KeyPolicySecretKey(decoding: encoding)
        var file = KeyPolicyFile(
            secret: encoding.hexadecimal, publicKey: secret.publicKey.encoded().hexadecimal, fingerprint: secret.publicKey.fingerprint.hexadecimal, keys: [],
            entries: [])
        for policy in policies {
            var key = Key(
                policy: try Policy(parsing: policy).text, issuedAt: VectorSet.created,
                scalars: (0..<8).map { VectorSet.scalar("\(policy) \($0)").hexadecimal }, encoding: "")
            key.encoding = try key.issued(by: secret).withEncoded { $0.hexadecimal }
            file.keys.append(key)
        }
        let samples: [([String], [Int])] = [(["kind=read"], [0]), (["day=2026-11-24", "kind=read", "ward=3"], [0, 1, 3]), (["patient", "ward=65535"], [2])]
        for (attributes, opens) in samples {
            var entry = Entry(
                attributes: attributes, associatedData: Array("entry of \(attributes[0])".utf8).hexadecimal,
                message: VectorSet.fixed("message of \(attributes)").hexadecimal, header: "", key: "", opens: opens.map { file.keys[$0].policy })
            let (header, key) = try entry.encapsulated(for: secret.publicKey)
            entry.header = header.hexadecimal
            entry.key = key.hexadecimal
            file.entries.append(entry)
        }
        return file
    }
}
