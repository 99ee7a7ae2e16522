// Laws over random values, with plain computations beside the fast ones. A failure names the seed of its values.

import Testing

@testable import BLS12381

/// value^(limbs) or (limbs)·value, by doubling and adding from the highest bit.
private func ladder<T>(_ value: T, _ limbs: [UInt64], from one: T, _ combine: (T, T) -> T) -> T {
    var result = one
    for limb in limbs.reversed() {
        for bit in stride(from: 63, through: 0, by: -1) {
            result = combine(result, result)
            if limb >> UInt64(bit) & 1 == 1 { result = combine(result, value) }
        }
    }
    return result
}

private let characteristic = [Fp.p0, Fp.p1, Fp.p2, Fp.p3, Fp.p4, Fp.p5]
private let order = [Scalar.r0, Scalar.r1, Scalar.r2, Scalar.r3]

extension Scalar {
    fileprivate var limbs: [UInt64] { [canonical.l0, canonical.l1, canonical.l2, canonical.l3] }
}

extension FieldElements {
    fileprivate mutating func fp6() -> Fp6 { Fp6(c0: fp2(), c1: fp2(), c2: fp2()) }
    fileprivate mutating func fp12() -> Fp12 { Fp12(c0: fp6(), c1: fp6()) }
    fileprivate mutating func line() -> Line { Line(c0: fp2(), c1: fp2(), c4: fp2()) }

    /// A random seed, so that every run has other values.
    fileprivate static func seed() -> UInt64 { .random(in: 0 ... .max) }
}

@Suite struct PropertyTests {
    @Test func fp2SatisfiesTheFieldAxiomsAndItsKernelsAgree() {
        let seed = FieldElements.seed()
        var elements = FieldElements(seed: seed)
        for _ in 0..<500 {
            let (a, b, c) = (elements.fp2(), elements.fp2(), elements.fp2())
            #expect(a + b == b + a && (a + b) + c == a + (b + c) && a - b == a + -b, "seed \(seed)")
            #expect(a * b == b * a && (a * b) * c == a * (b * c) && a * (b + c) == a * b + a * c, "seed \(seed)")
            withScratch { s in
                var s = s
                let (x, y, r) = unsafe (s.copy(a), s.copy(b), s.take(Fp2.self))
                func gives(_ expected: Fp2, _ kernel: () -> Void) {
                    kernel()
                    let result = unsafe r.pointee
                    #expect(result == expected, "seed \(seed)")
                }
                gives(a * b) { unsafe fp2Mul(r, x, y, s) }
                gives(a * a) { unsafe fp2Sqr(r, x, s) }
                gives(a * b - b * a) { unsafe fp2MulSub(r, x, y, y, x, s) }
                gives(a * Fp2(.one, .one)) { unsafe fp2MulXi(r, x) }
                gives(a.conjugate) { unsafe fp2Conj(r, x) }
                gives(a) {
                    unsafe fp2Halve(r, x); unsafe fp2Double(r, r)
                }
                gives(a == .zero ? .zero : .one) {
                    unsafe fp2Inv(r, x, s); unsafe fp2Mul(r, r, x, s)
                }
                gives(a * a) {
                    unsafe fp2Sqr(r, x, s); _ = unsafe fp2Sqrt(r, r, s); unsafe fp2Sqr(r, r, s)
                }
            }
        }
    }

    @Test func fp12SatisfiesTheFieldAxioms() {
        let seed = FieldElements.seed()
        var elements = FieldElements(seed: seed)
        for _ in 0..<100 {
            let (a, b, c) = (elements.fp12(), elements.fp12(), elements.fp12())
            #expect(a * b == b * a && (a * b) * c == a * (b * c) && a * (b + c) == a * b + a * c, "seed \(seed)")
            #expect(a.squared() == a * a && a * a.inverse() == .one, "seed \(seed)")
        }
    }

    /// Products with lines, one and two at a time, are products with the elements that the lines stand for.
    @Test func productsWithLinesAreProducts() {
        let seed = FieldElements.seed()
        var elements = FieldElements(seed: seed)
        for _ in 0..<100 {
            let (a, l, m) = (elements.fp12(), elements.line(), elements.line())
            func whole(_ line: Line) -> Fp12 { Fp12(c0: Fp6(c0: line.c0, c1: line.c1), c1: Fp6(c1: line.c4)) }
            #expect(a.times(l) == a * whole(l), "seed \(seed)")
            #expect(a.times(l, m) == a * whole(l) * whole(m), "seed \(seed)")
        }
    }

    @Test func frobeniusIsThePowerOfTheCharacteristic() {
        let seed = FieldElements.seed()
        var elements = FieldElements(seed: seed)
        for _ in 0..<10 {
            let a = elements.fp12(), image = a.frobenius()
            #expect(image == ladder(a, characteristic, from: .one, *), "seed \(seed)")
            #expect(image.frobenius() == a.frobeniusSquare(), "seed \(seed)")
            #expect(a.frobeniusSquare().frobeniusSquare().frobeniusSquare() == a.conjugate(), "seed \(seed)")
        }
    }

    /// A number, its opposite and its halves, through bytes.
    @Test func fpHasSignsAndHalvesAndBytes() {
        let seed = FieldElements.seed()
        var elements = FieldElements(seed: seed)
        for _ in 0..<500 {
            let a = elements.fp()
            withScratch { s in
                var s = s
                let (x, y, r) = unsafe (s.copy(a), s.copy(-a), s.take(Fp.self)), bytes = unsafe s.take(UInt8.self, count: 48)
                // Of a and p - a one is odd and one is larger, unless both are zero.
                let (odd, larger) = unsafe (fpSgn0(x) ^ fpSgn0(y), fpIsLarger(x) ^ fpIsLarger(y))
                #expect(odd == (a == .zero ? 0 : 1) && larger == (a == .zero ? 0 : ~0), "seed \(seed)")
                unsafe fpHalve(r, x)
                let half = unsafe r.pointee
                #expect(half + half == a, "seed \(seed)")
                unsafe fpToBytes(bytes, x)
                let isCanonical = unsafe fpFromBytes(r, bytes) != 0, back = unsafe r.pointee
                #expect(isCanonical && back == a, "seed \(seed)")
            }
        }
    }

    private func curveLaws<G: OracleGroup>(_ generator: G) {
        for _ in 0..<15 {
            let (a, b, c) = (generator * .random(), generator * .random(), generator * .random()), k = Scalar.random()
            #expect(a + b == b + a && (a + b) + c == a + (b + c) && a + .identity == a && a - a == .identity)
            let plain = ladder(a, k.limbs, from: .identity, +)
            #expect(a * k == plain && G.sumVartime([a], times: [k]) == plain && a.multipliedByTable(k) == plain)
            #expect(ladder(a, order, from: .identity, +).isIdentity)
        }
        for scalar in ScalarTests.edges {
            let plain = ladder(generator, scalar.limbs, from: .identity, +)
            #expect(generator * scalar == plain && G.sumVartime([generator], times: [scalar]) == plain)
            #expect(generator.multipliedByTable(scalar) == plain)
            #expect(G.identity.multipliedByTable(scalar).isIdentity && (G.identity * scalar).isIdentity)
        }
        for count in [0, 1, 2, 3, 7, 30, 100] {
            let points = (0..<count).map { _ in generator * .random() }, scalars = points.map { _ in Scalar.random() }
            let plain = zip(points, scalars).map { ladder($0, $1.limbs, from: .identity, +) }.reduce(.identity, +)
            #expect(G.sum(points, times: scalars) == plain && G.sumVartime(points, times: scalars) == plain)
        }
    }

    @Test func multiplesAreRepeatedAdditionsInG1() { curveLaws(G1.generator) }
    @Test func multiplesAreRepeatedAdditionsInG2() { curveLaws(G2.generator) }

    /// The short test of membership against multiplication by the order, for points of the whole curve and of the subgroup.
    @Test func membershipIsBeingKilledByTheOrder() {
        func check<F: MappableField & SubgroupField>(_ element: F) {
            let raw = mapped(element),
                cleared = withScratch { s in
                    var s = s
                    return unsafe mapToGroup(s.copy(element), 1, s)
                }
            for (point, isMember) in [(raw, false), (cleared, true)] {
                let multiple = ladder(point, order, from: Projective<F>.identity) { a, b in
                    withScratch { s in
                        var s = s
                        let (left, right) = unsafe (s.copy(a), s.copy(b))
                        unsafe pointAdd(left, left, right, s)
                        return unsafe left.pointee
                    }
                }
                var copy = point
                let passes = withScratch { unsafe F.isInSubgroup(&copy, $0) != 0 }
                #expect((multiple.affine == nil) == isMember && passes == isMember)
            }
        }
        var elements = FieldElements(seed: FieldElements.seed())
        for _ in 0..<5 {
            check(elements.fp())
            check(elements.fp2())
        }
    }

    @Test func powersAreRepeatedProducts() {
        for scalar in ScalarTests.edges + (0..<5).map({ _ in Scalar.random() }) {
            let base = pairing(G1.generator * .random(), .generator), plain = ladder(base, scalar.limbs, from: .one, *)
            #expect(base.power(scalar) == plain && GT.Table(base).power(scalar) == plain)
            #expect(base * base.inverse() == .one)
            #expect(base.value.cyclotomicSquare() == base.value * base.value)
        }
    }

    @Test func wipingLeavesNothing() {
        func remains<T: BitwiseCopyable>(_ value: T) -> Bool {
            var value = value
            overwrite(&value)
            return unsafe withUnsafeBytes(of: &value) { bytes in unsafe bytes.contains { $0 != 0 } }
        }
        let p = G1.generator * .random(), q = G2.generator * .random(), value = GT.generator.power(.random())
        #expect(!remains(p.point) && !remains(q.point) && !remains(value.value) && !remains(Scalar.random()))
        var (wipedP, wipedQ, wipedValue) = (p, q, value)
        wipedP.wipe()
        wipedQ.wipe()
        wipedValue.wipe()
        #expect(wipedP.isIdentity && wipedQ.isIdentity && wipedValue.isOne)
        // The coordinates themselves are those of the neutral elements, not another writing of them.
        #expect(wipedP.point.x == .zero && wipedP.point.y == .one && wipedQ.point.x == .zero && wipedQ.point.y == .one)
    }
}
