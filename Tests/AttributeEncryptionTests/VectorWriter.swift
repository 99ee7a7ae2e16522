// Makes the published vectors; runs only when asked to.

import AttributeEncryption
import BLS12381
import CanonicalEncoding
import Crypto
import Foundation
import Testing

/// Writes the vectors anew into the folder that `PHR_WRITE_ATTRIBUTE_VECTORS` names. Published ones are never replaced: a changed
/// format gets a new version and a new folder.
@Suite struct VectorWriter {
    static let folder = ProcessInfo.processInfo.environment["PHR_WRITE_ATTRIBUTE_VECTORS"]

    @Test(.enabled(if: folder != nil, "only when vectors are to be written")) func write() throws {
        let folder = URL(fileURLWithPath: try #require(Self.folder))
        var set = VectorSet()
        try set.addAuthorities()
        try set.addKeys()
        try set.addHeaders()
        try set.addRefusals()
        try write(set.file, to: folder.appendingPathComponent("vectors.json"))
        try write(KeyPolicyFile.made(), to: folder.appendingPathComponent("key-policy.json"))
        try write(TransformVector.made(set.file), to: folder.appendingPathComponent("transform.json"))
    }

    private func write(_ value: some Encodable, to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(value) + Data("\n".utf8)).write(to: file)
    }
}

struct VectorSet {
    var file = VectorFile(authorities: [], keys: [], headers: [], refusals: [])

    static let created: UInt64 = 1_790_000_000
    private static let depth = 6
    static let month = "2026-11"
    static let associatedData = (Array("phr/v1/wrap-key".utf8) + [4]).hexadecimal
    private static let nameKey = [UInt8](repeating: 0x4e, count: 32).hexadecimal

    /// 32 bytes for a purpose, the same each time.
    static func fixed(_ purpose: String) -> [UInt8] { Array(SHA256.hash(data: Array("vector/\(purpose)".utf8))) }

    static func scalar(_ purpose: String) -> [UInt8] { Scalar.hash(Array(purpose.utf8), domain: Array("vector".utf8)).bytes }

    // MARK: Authorities

    mutating func addAuthorities() throws {
        try addAuthority("stmary", epoch: 1)
        try addAuthority("stmary-revoking", following: "stmary", revoked: [0, 3, 41])
        try addAuthority("stmary-epoch-2", epoch: 2, following: "stmary-revoking")
        try addAuthority("alice", epoch: 1)
        try addAuthority("alice-revoking", following: "alice", revoked: [9])
        try addAuthority("clinic", epoch: 7, nameKey: Self.nameKey)
        try addAuthority("lab", epoch: 1)
    }

    private mutating func addAuthority(
        _ name: String, epoch: UInt64? = nil, following previous: String? = nil, revoked: [UInt32] = [], nameKey: String? = nil
    ) throws {
        let before = try previous.map { try file.authority($0) }
        let account = before?.account ?? name
        let signer = try Curve25519.Signing.PrivateKey(rawRepresentation: Self.fixed("signer of \(account)"))
        let secret: AuthoritySecretKey
        if let epoch {
            var encoding: [UInt8] = [1]
            encoding.appendBigEndian(epoch)
            encoding += signer.publicKey.rawRepresentation
            for part in ["alpha", "alpha'", "beta"] { encoding += Self.scalar("\(part) of \(name)") }
            secret = try AuthoritySecretKey(decoding: encoding)
        } else {
            secret = try #require(before).secretKey()
        }
        // The proof of possession is random, so the next record of an epoch takes over the key as it was published.
        let last = try before?.authorityRecord()
        let publicKey = epoch == nil ? try #require(last).publicKey : secret.publicKey
        let record = try AuthorityRecord(
            publicKey: publicKey, revocations: RevocationList(depth: Self.depth, revoked: revoked), hidesNames: nameKey != nil,
            created: Self.created + UInt64(file.authorities.count), following: last
        ) { Array(try signer.signature(for: $0)) }
        file.authorities.append(
            AuthorityVector(
                name: name, account: account, signer: Array(signer.rawRepresentation).hexadecimal, secret: secret.withEncoded { $0.hexadecimal },
                record: record.encoded().hexadecimal, nameKey: nameKey, fingerprint: publicKey.fingerprint.hexadecimal))
    }

    // MARK: Keys

    mutating func addKeys() throws {
        try addKey("bob-stmary", "stmary", "bob", ["cardiology", "clearance=4", "doctor", "since=2024-05-01"], leaf: 5)
        try addKey("bob-alice", "alice", "bob", ["care-team", "role=Ärztin"], leaf: 1)
        try addKey("bob-clinic", "clinic", "bob", ["level=3", "oncology"], leaf: 2)
        try addKey("bob-lab", "lab", "bob", ["analyst"], leaf: 63)
        try addKey("carol-stmary", "stmary", "carol", ["doctor", "nurse"], leaf: 3)
        try addKey("carol-alice", "alice", "carol", ["care-team"], leaf: 9)
        try addKey("dora-stmary", "stmary", "dora", ["clearance=65535", "nurse"], leaf: 40, months: ("2026-01", "2026-06"))
        try addKey("bob-stmary-epoch-2", "stmary-epoch-2", "bob", ["doctor"], leaf: 5)
    }

    private mutating func addKey(
        _ name: String, _ authority: String, _ holder: String, _ attributes: [String], leaf: UInt32, months: (String, String) = ("2026-09", "2027-08")
    ) throws {
        var vector = KeyVector(
            name: name, authority: authority, gid: GlobalIdentifier.of(signingKey: Self.fixed("signing key of \(holder)")).hexadecimal, attributes: attributes,
            from: months.0, until: months.1, leaf: leaf, depth: Self.depth, issuedAt: Self.created,
            scalars: ["fabeo", "decentralized"].map {
                Self.scalar("\($0) of \(name)").hexadecimal
            }, encoding: "", keyID: "")
        let key = try vector.issued(file)
        vector.encoding = key.withEncoded { $0.hexadecimal }
        vector.keyID = key.keyID.hexadecimal
        file.keys.append(vector)
    }

    // MARK: Headers

    mutating func addHeader(
        _ name: String, _ comment: String, _ policy: String, _ authorities: [String], associatedData: String = associatedData,
        _ trials: [(keys: [String], expect: String)], month: String = month
    ) throws {
        var vector = HeaderVector(
            name: name, comment: comment, suite: authorities.count == 1 ? 1 : 2, policy: policy, canonicalPolicy: "", month: month, authorities: authorities,
            associatedData: associatedData, message: Self.fixed("message of \(name)").hexadecimal, header: "", key: "",
            trials: trials.map { HeaderVector.Trial(keys: $0.keys, month: month, expect: $0.expect) })
        vector.canonicalPolicy = try vector.sealedPolicy(file).text
        let (header, key) = try vector.encapsulated(file)
        vector.header = header.hexadecimal
        vector.key = key.hexadecimal
        file.headers.append(vector)
    }
}
