// The base field against its axioms and known numbers.

import Testing

@testable import BLS12381

/// A deterministic stream of field elements with edge values among them.
struct FieldElements {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// splitmix64.
    mutating func limb() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func fp() -> Fp {
        switch limb() % 16 {
        case 0: .zero
        case 1: .one
        case 2: -.one
        default: Fp(limb(), limb(), limb(), limb(), limb(), limb() >> 4).reducedOnce
        }
    }

    mutating func fp2() -> Fp2 { Fp2(fp(), fp()) }
}

@Suite struct FpTests {
    @Test func satisfiesTheFieldAxioms() {
        var elements = FieldElements(seed: 1)
        for _ in 0..<2000 {
            let (a, b, c) = (elements.fp(), elements.fp(), elements.fp())
            #expect(a + b == b + a)
            #expect((a + b) + c == a + (b + c))
            #expect(a * b == b * a)
            #expect((a * b) * c == a * (b * c))
            #expect(a * (b + c) == a * b + a * c)
            #expect(a - b == a + -b)
            #expect(a - a == .zero && a * .one == a && a + .zero == a)
            #expect(a.squared() == a * a)
        }
    }

    @Test func invertsAllButZero() {
        var elements = FieldElements(seed: 2)
        for _ in 0..<50 {
            let a = elements.fp()
            #expect(a * a.inverse() == (a == .zero ? .zero : .one))
        }
        #expect(Fp.zero.inverse() == .zero)
    }
}
