// Proof that who publishes an authority's key knows its secrets, bound to the owner and the epoch.

internal import BLS12381
internal import CanonicalEncoding

/// One Schnorr proof for the three secrets together: Y = gT^α, A = a·g1, B = b·g1.
///
/// c is the hash of statement and commitments; zᵢ = kᵢ + c·secretᵢ. A verifier recomputes the commitments from c and z.
/// Without it, an authority could publish a key made from another's and spoil what is sealed under both.
/// Source: Schnorr 1991; AND composition, Cramer, Damgård, Schoenmakers 1994.
struct PossessionProof: Sendable, Equatable {
    static let byteCount = 4 * Scalar.byteCount
    private static let domain = Array("PHR-V1-POSSESSION-BLS12381_XMD:SHA-256".utf8)

    let challenge: Scalar
    let responses: [Scalar]

    /// What is proven: who says it, for which epoch, and the three elements.
    struct Statement {
        let owner: [UInt8]
        let epoch: UInt64
        let y: GT
        let a: G1
        let b: G1
    }

    init(_ statement: Statement, secrets: [Scalar]) {
        var masks = secrets.map { _ in Scalar.random() }
        let commitments = (GT.generator(power: masks[0]), G1.generator(times: masks[1]), G1.generator(times: masks[2]))
        let challenge = Self.challenge(statement, commitments)
        responses = zip(masks, secrets).map { $0 + challenge * $1 }
        self.challenge = challenge
        for index in masks.indices { masks[index].wipe() }
    }

    /// - Throws: `BLS12381Error` for a scalar that is not below the order.
    init(decoding bytes: [UInt8]) throws {
        let scalars = try stride(from: 0, to: Self.byteCount, by: Scalar.byteCount).map { try Scalar(bytes: Array(bytes[$0..<$0 + Scalar.byteCount])) }
        challenge = scalars[0]
        responses = Array(scalars[1...])
    }

    var encoded: [UInt8] { challenge.bytes + responses.flatMap(\.bytes) }

    func isValid(for statement: Statement) -> Bool {
        let inverse = -challenge
        let commitments = (
            GT.generator.power(responses[0]) * statement.y.power(inverse),
            G1.sumVartime([.generator, statement.a], times: [responses[1], inverse]),
            G1.sumVartime([.generator, statement.b], times: [responses[2], inverse])
        )
        return Self.challenge(statement, commitments) == challenge
    }

    private static func challenge(_ statement: Statement, _ commitments: (GT, G1, G1)) -> Scalar {
        var message = statement.owner
        message.appendBigEndian(statement.epoch)
        message += statement.y.bytes + commitments.0.bytes
        for bytes in G1.compressed([statement.a, statement.b, commitments.1, commitments.2]) { message += bytes }
        return Scalar.hash(message, domain: domain)
    }
}
