// The pairing's laws, and its pieces against plain computations.

import Testing

@testable import BLS12381

@Suite struct PairingTests {
    private func randomG1() -> G1 { G1.generator * .random() }
    private func randomG2() -> G2 { G2.generator * .random() }

    @Test func isBilinear() {
        for _ in 0..<10 {
            let (a, b) = (Scalar.random(), Scalar.random())
            let (p, q) = (randomG1(), randomG2())
            let expected = pairing(p, q).power(a * b)
            #expect(pairing(p * a, q * b) == expected)
            #expect(pairing(p * b, q * a) == expected)
            #expect(pairing(p, q * (a * b)) == expected)
            #expect(pairing(p, q).power(a).power(b) == expected)
        }
    }

    @Test func isLinearInEachArgument() {
        let (p, p2, q, q2) = (randomG1(), randomG1(), randomG2(), randomG2())
        #expect(pairing(p + p2, q) == pairing(p, q) * pairing(p2, q))
        #expect(pairing(p, q + q2) == pairing(p, q) * pairing(p, q2))
        #expect(pairing(-p, q) == pairing(p, q).inverse())
        #expect(pairing(p, -q) == pairing(p, q).inverse())
    }

    @Test func isNotDegenerate() {
        #expect(!pairing(.generator, .generator).isOne)
        #expect(GT.generator.power(-.one) * GT.generator == .one)
    }

    @Test func sendsInfinityToOne() {
        #expect(pairing(.identity, .generator).isOne)
        #expect(pairing(.generator, .identity).isOne)
        #expect(pairing(.identity, .identity).isOne)
        #expect(pairingProduct([]).isOne)
        #expect(pairingProduct([.prepared(.generator, G2.Prepared(.identity))]).isOne)
        #expect(pairingProduct([.prepared(.identity, G2.Prepared(.generator))]).isOne)
        // Infinity made by arithmetic has other coordinates.
        let zero = G1.generator - G1.generator, zero2 = G2.generator * .random() * .zero
        #expect(pairingProduct([.plain(zero, .generator), .plain(.generator, .generator), .plain(.generator, zero2)]) == .generator)
    }

    @Test(arguments: [1, 2, 3, 6, 7, 11]) func productsEqualTheProductOfPairings(count: Int) {
        let pairs = (0..<count).map { _ in (randomG1(), randomG2()) }
        let expected = pairs.map { pairing($0.0, $0.1) }.reduce(GT.one, *)
        let plain = pairs.map { PairingTerm.plain($0.0, $0.1) }
        let prepared = pairs.map { PairingTerm.prepared($0.0, G2.Prepared($0.1)) }
        let mixed = zip(plain, prepared).enumerated().map { $0.offset % 2 == 0 ? $0.element.0 : $0.element.1 }
        #expect(pairingProduct(plain) == expected)
        #expect(pairingProduct(prepared) == expected)
        #expect(pairingProduct(mixed) == expected)
    }
}
