// Points, pairings, their products and sums of multiples that three other libraries agree on.

import Testing

import BLS12381

/// Tests/Vectors/bls12-381/oracle/kat.json.
struct KnownAnswers: Decodable, Sendable {
    struct Pairing: Decodable {
        var a, b, aG1, aG1Uncompressed, bG2, bG2Uncompressed, gt: String
        enum CodingKeys: String, CodingKey {
            case a, b, aG1, aG1Uncompressed = "aG1_uncompressed", bG2, bG2Uncompressed = "bG2_uncompressed", gt
        }
    }
    struct Product: Decodable {
        var g1, g2: [String]
        var gt: String
    }
    struct Sum: Decodable {
        var scalars, g1, g2: [String]
        var sumG1, sumG2: String
        enum CodingKeys: String, CodingKey { case scalars, g1, g2, sumG1 = "sum_g1", sumG2 = "sum_g2" }
    }
    struct Refusal: Decodable {
        var group, bytes, why: String
    }
    var generator, literal: String
    var vectors: [Pairing]
    var products: [Product]
    var sums: [Sum]
    var refusals: [Refusal]
    enum CodingKeys: String, CodingKey {
        case generator = "e_g1_g2_hht", literal = "e_g1_g2_literal", vectors, products = "multi_pairing", sums = "msm"
        case refusals = "invalid_compressed"
    }

    static func load() throws -> KnownAnswers { try VectorFiles.json("oracle/kat.json") }
}

@Suite struct KnownAnswerTests {
    private func scalar(_ text: String) throws -> Scalar { try Scalar(bytes: [UInt8](hexadecimal: text, count: 32)) }

    @Test func pairsTheGenerators() throws {
        let answers = try KnownAnswers.load()
        #expect(GT.generator.bytes.hexadecimal == answers.generator)
        #expect(pairing(.generator, .generator).bytes.hexadecimal == answers.generator)
        // The pairing of the IETF draft is a cube root of this one.
        let literal = try GT(bytes: [UInt8](hexadecimal: answers.literal))
        #expect(literal * literal * literal == .generator)
    }

    @Test func multipliesAndPairs() throws {
        let answers = try KnownAnswers.load()
        try #require(answers.vectors.count == 20)
        for vector in answers.vectors {
            let (a, b) = (try scalar(vector.a), try scalar(vector.b))
            let (p, q) = (G1.generator * a, G2.generator * b)
            #expect(p.compressed.hexadecimal == vector.aG1)
            #expect(p.uncompressed.hexadecimal == vector.aG1Uncompressed)
            #expect(q.compressed.hexadecimal == vector.bG2)
            #expect(q.uncompressed.hexadecimal == vector.bG2Uncompressed)
            #expect(G1.generatorTable.multiply(a) == p && G1.sumVartime([.generator], times: [a]) == p)
            #expect(G2.generatorTable.multiply(b) == q && G2.sumVartime([.generator], times: [b]) == q)
            #expect(try G1(compressed: [UInt8](hexadecimal: vector.aG1)) == p)
            #expect(try G1(uncompressed: [UInt8](hexadecimal: vector.aG1Uncompressed)) == p)
            #expect(try G2(compressed: [UInt8](hexadecimal: vector.bG2)) == q)
            #expect(try G2(uncompressed: [UInt8](hexadecimal: vector.bG2Uncompressed)) == q)
            let value = pairing(p, q)
            #expect(value.bytes.hexadecimal == vector.gt)
            #expect(try GT(bytes: [UInt8](hexadecimal: vector.gt)) == value)
            #expect(GT.generator.power(a * b) == value)
            #expect(GT.generatorTable.power(a * b) == value)
            #expect(pairingProduct([.prepared(p, G2.Prepared(q))]) == value)
        }
    }

    @Test func multipliesPairings() throws {
        let answers = try KnownAnswers.load()
        #expect(answers.products.map(\.g1.count) == [2, 3, 6, 11])
        for product in answers.products {
            let points = try product.g1.map { try G1(compressed: [UInt8](hexadecimal: $0)) }
            let others = try product.g2.map { try G2(compressed: [UInt8](hexadecimal: $0)) }
            try #require(points.count == others.count)
            let pairs = Array(zip(points, others))
            #expect(pairingProduct(pairs.map { .plain($0, $1) }).bytes.hexadecimal == product.gt)
            #expect(pairingProduct(pairs.map { .prepared($0, G2.Prepared($1)) }).bytes.hexadecimal == product.gt)
        }
    }

    @Test func sumsMultiples() throws {
        let answers = try KnownAnswers.load()
        #expect(answers.sums.map(\.scalars.count) == [1, 2, 5, 16, 33])
        for sum in answers.sums {
            let scalars = try sum.scalars.map(scalar)
            let points = try sum.g1.map { try G1(compressed: [UInt8](hexadecimal: $0)) }
            let others = try sum.g2.map { try G2(compressed: [UInt8](hexadecimal: $0)) }
            #expect(G1.sum(points, times: scalars).compressed.hexadecimal == sum.sumG1)
            #expect(G1.sumVartime(points, times: scalars).compressed.hexadecimal == sum.sumG1)
            #expect(G2.sum(others, times: scalars).compressed.hexadecimal == sum.sumG2)
            #expect(G2.sumVartime(others, times: scalars).compressed.hexadecimal == sum.sumG2)
        }
    }

    @Test func refusesBadEncodings() throws {
        let answers = try KnownAnswers.load()
        try #require(answers.refusals.count == 24)
        for refusal in answers.refusals {
            let bytes = try [UInt8](hexadecimal: refusal.bytes)
            let expected: BLS12381Error =
                switch refusal.why {
                case let why where why.contains("C_bit") || why.contains("infinity"): .malformedFlags
                case let why where why.contains("non-canonical"): .notCanonical
                case let why where why.contains("not a square"): .notOnCurve
                default: .notInSubgroup
                }
            #expect(throws: expected, "\(refusal.why)") {
                if refusal.group == "g1" { _ = try G1(compressed: bytes) } else { _ = try G2(compressed: bytes) }
            }
        }
    }
}
