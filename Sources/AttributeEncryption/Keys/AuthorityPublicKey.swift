// What an authority publishes so that others can seal for its attributes.

internal import BLS12381
internal import CanonicalEncoding
internal import Crypto

/// The public keys of one epoch of an authority for both schemes, with the proof that their owner knows the secrets.
package struct AuthorityPublicKey: Sendable {
    package let epoch: UInt64
    /// The Ed25519 signing key of the identity that runs the authority, 32 bytes.
    package let owner: [UInt8]
    /// Names these keys, with owner and epoch: 32 bytes.
    package let fingerprint: [UInt8]

    /// FABEO: e(g1, g2)^α
    let y: GT
    /// The decentralised scheme: α·g1 and β·g1.
    let a: G1
    let b: G1
    /// A ‖ B as headers carry them.
    let points: [UInt8]
    private let proof: PossessionProof
    private let bytes: [UInt8]

    static let ownerByteCount = 32
    static let targetByteCount = 576
    static let pointByteCount = 48

    init(epoch: UInt64, owner: [UInt8], secrets: [Scalar]) {
        let statement = PossessionProof.Statement(
            owner: owner, epoch: epoch, y: .generator(power: secrets[0]), a: .generator(times: secrets[1]), b: .generator(times: secrets[2]))
        self.init(statement, proof: PossessionProof(statement, secrets: secrets))
    }

    /// Reads a key and verifies its points and its proof.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version, `invalidSignature` when the proof does not hold.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        var fields = try FieldReader(bytes, of: Self.place)
        try fields.expectVersion()
        let epoch = try fields.unsigned(1)
        let owner = try fields.bytes(2, count: Self.ownerByteCount)
        let yBytes = try fields.bytes(3, count: Self.targetByteCount)
        let aBytes = try fields.bytes(4, count: Self.pointByteCount)
        let bBytes = try fields.bytes(5, count: Self.pointByteCount)
        let proofBytes = try fields.bytes(6, count: PossessionProof.byteCount)
        try fields.finish()
        let statement: PossessionProof.Statement
        let proof: PossessionProof
        do {
            statement = PossessionProof.Statement(
                owner: owner, epoch: epoch, y: try GT(bytes: yBytes), a: try G1(compressed: aBytes), b: try G1(compressed: bBytes))
            proof = try PossessionProof(decoding: proofBytes)
        } catch {
            throw AttributeError(.malformed, "\(Self.place): \(error)")
        }
        guard !statement.a.isIdentity, !statement.b.isIdentity, !statement.y.isOne else {
            throw AttributeError(.malformed, "\(Self.place): a key is the identity")
        }
        guard proof.isValid(for: statement) else {
            throw AttributeError(.invalidSignature, "\(Self.place): the proof of possession does not hold")
        }
        self.init(statement, proof: proof)
    }

    private init(_ statement: PossessionProof.Statement, proof: PossessionProof) {
        epoch = statement.epoch
        owner = statement.owner
        y = statement.y
        a = statement.a
        b = statement.b
        self.proof = proof
        let encodedPoints = G1.compressed([a, b])
        points = encodedPoints[0] + encodedPoints[1]
        var fields: [UInt64: CBOR] = [
            0: .unsigned(1), 1: .unsigned(epoch), 2: .bytes(owner), 3: .bytes(y.bytes), 4: .bytes(encodedPoints[0]), 5: .bytes(encodedPoints[1]),
        ]
        fingerprint = Array(SHA256.hash(data: Array("phr/v1/authority-key".utf8) + CBOR.map(fields).encoded()))
        fields[6] = .bytes(proof.encoded)
        bytes = CBOR.map(fields).encoded()
    }

    package func encoded() -> [UInt8] { bytes }

    private static let place = "authority key"
}

extension AuthorityPublicKey: Equatable {
    package static func == (first: Self, second: Self) -> Bool { first.bytes == second.bytes }
}
