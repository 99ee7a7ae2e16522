// What the map of RFC 9380 needs of a coordinate field, so that it is written once for G1 and G2.

/// A field whose elements are mapped to the curve by way of an isogenous curve y² = x³ + A'x + B'.
///
/// Everything is constant time.
protocol MappableField: CurveField {
    static var mapA: Self { get }
    static var mapB: Self { get }
    static var mapThreeB: Self { get }
    /// Not a square.
    static var mapZ: Self { get }
    /// Coefficients of the isogeny's rational functions, ascending; the denominators without their leading 1. That of y has
    /// the highest degree of the four.
    static var isogeny: Isogeny<Self> { get }

    /// r = √(n/d), or √(Z·n/d) if n/d is not a square; the mask says which. Neither n nor d is zero.
    static func sqrtRatio(_ r: Pointer<Self>, _ n: Input<Self>, _ d: Input<Self>, _ s: Scratch) -> Mask
    /// sgn0 of RFC 9380 §4.1.
    static func sgn0(_ a: Input<Self>) -> UInt64
    /// r = Σ aᵢ·bᵢ with one reduction.
    static func dot(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>, _ count: Int, _ s: Scratch)
    /// r = [h_eff]a: from the curve into its subgroup of order r. `r` must not alias `a`.
    static func clearCofactor(_ r: Pointer<Projective<Self>>, _ a: Input<Projective<Self>>, _ s: Scratch)
}

extension Fp: MappableField {
    static var mapA: Fp { G1Map.a }
    static var mapB: Fp { G1Map.b }
    static var mapThreeB: Fp { G1Map.threeB }
    static var mapZ: Fp { G1Map.z }
    static var isogeny: Isogeny<Fp> {
        Isogeny(
            xNumerator: G1Map.xNumerator, xDenominator: G1Map.xDenominator, yNumerator: G1Map.yNumerator,
            yDenominator: G1Map.yDenominator)
    }

    /// With e = (n·d³)^((p-3)/4) and y = n·d·e: y² = n/d or -n/d, and in the second case √-Z·y is wanted.
    static func sqrtRatio(_ r: Pointer<Fp>, _ n: Input<Fp>, _ d: Input<Fp>, _ s: Scratch) -> Mask {
        var s = s
        let t = unsafe s.take(Fp.self), y = unsafe s.take(Fp.self), product = unsafe s.take(Fp.self)
        let root = unsafe s.copy(G1Map.rootOfMinusZ)
        unsafe fpMul(product, n, d)
        unsafe fpSqr(t, d)
        unsafe fpMul(t, t, product)
        unsafe fpPowP34(y, t, s)
        unsafe fpMul(y, y, product)
        unsafe fpSqr(t, y)
        unsafe fpMul(t, t, d)
        let isSquare = unsafe fpEqual(t, n)
        unsafe fpMul(root, root, y)
        unsafe fpCmov(root, y, isSquare)
        unsafe r.pointee = root.pointee
        return isSquare
    }

    static func sgn0(_ a: Input<Fp>) -> UInt64 { unsafe fpSgn0(a) }

    static func dot(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ count: Int, _ s: Scratch) {
        var sum = Wide()
        for i in 0..<count { sum = unsafe sum.sum(Wide(a[i], b[i])) }
        unsafe r.pointee = sum.montgomeryReduced
    }

    /// 1 - x = |x| + 1.
    static func clearCofactor(_ r: Pointer<G1Projective>, _ a: Input<G1Projective>, _ s: Scratch) {
        unsafe pointMulByX(r, a, s)
        unsafe pointAdd(r, r, a, s)
    }
}

extension Fp2: MappableField {
    static var mapA: Fp2 { G2Map.a }
    static var mapB: Fp2 { G2Map.b }
    static var mapThreeB: Fp2 { G2Map.threeB }
    static var mapZ: Fp2 { G2Map.z }
    static var isogeny: Isogeny<Fp2> {
        Isogeny(
            xNumerator: G2Map.xNumerator, xDenominator: G2Map.xDenominator, yNumerator: G2Map.yNumerator,
            yDenominator: G2Map.yDenominator)
    }

    /// Two exponentiations in the base field, without an inversion.
    ///
    /// Let w = n·d̄ and m = d·d̄, so that n/d = w/m. With v = w·w̄ and δ = v^((p+1)/4), δ² is v if n/d is a square, else -v.
    /// In the second case w becomes Z·w and δ becomes √-5·δ, a root of the new norm 5v. Then with t = (w0 + δ)/2,
    /// e = (t·m³)^((p-3)/4), x = t·m·e and y = w1·m·e/2: if t/m is a square, x² = t/m and 1/x = m²·e, so x + y·u is a
    /// root. If not, x² = -t/m and 1/x = -m²·e, and (w0 - δ)/2m = -w1²/(4tm) is the square of w1/(2mx): -y + x·u is a root.
    /// For w1 = 0 the sign of δ is chosen so that t = w0.
    static func sqrtRatio(_ r: Pointer<Fp2>, _ n: Input<Fp2>, _ d: Input<Fp2>, _ s: Scratch) -> Mask {
        var s = s
        let w = unsafe s.take(Fp2.self), scaled = unsafe s.copy(G2Map.z)
        let root = unsafe s.take(Fp2.self), turned = unsafe s.take(Fp2.self)
        let m = unsafe s.take(Fp.self), delta = unsafe s.take(Fp.self), norm = unsafe s.take(Fp.self)
        let t = unsafe s.take(Fp.self), e = unsafe s.take(Fp.self), scaledDelta = unsafe s.copy(G2Map.rootOfMinusNormZ)
        unsafe fp2Conj(w, d)
        unsafe fp2Mul(w, w, n, s)
        unsafe fp2Norm(m, d, s)
        unsafe fp2Norm(norm, w, s)
        unsafe fpPowP34(delta, norm, s)
        unsafe fpMul(delta, delta, norm)
        unsafe fpSqr(t, delta)
        let isSquare = unsafe fpEqual(t, norm)
        unsafe fp2Mul(scaled, scaled, w, s)
        unsafe fp2Cmov(w, scaled, ~isSquare)
        unsafe fpMul(scaledDelta, scaledDelta, delta)
        unsafe fpCmov(delta, scaledDelta, ~isSquare)
        unsafe fpCmov(delta, w.c0, fpIsZero(w.c1))
        unsafe fpAdd(t, w.c0, delta)
        unsafe fpHalve(t, t)

        unsafe fpSqr(norm, m)
        unsafe fpMul(norm, norm, m)
        unsafe fpMul(norm, norm, t)
        unsafe fpPowP34(e, norm, s)
        unsafe fpMul(e, e, m)
        unsafe fpMul(root.c0, e, t)
        unsafe fpMul(root.c1, e, w.c1)
        unsafe fpHalve(root.c1, root.c1)
        unsafe fpSqr(norm, root.c0)
        unsafe fpMul(norm, norm, m)
        let tIsSquare = unsafe fpEqual(norm, t)
        unsafe fpNeg(turned.c0, root.c1)
        unsafe turned.c1.pointee = root.c0.pointee
        unsafe fp2Cmov(root, turned, ~tIsSquare)
        unsafe r.pointee = root.pointee
        return isSquare
    }

    static func sgn0(_ a: Input<Fp2>) -> UInt64 { unsafe fp2Sgn0(a) }

    static func dot(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ count: Int, _ s: Scratch) {
        var s = s
        let sum = unsafe s.copy(Wide2(c0: Wide(), c1: Wide())), product = unsafe s.take(Wide2.self)
        for i in 0..<count {
            unsafe fp2MulWide(product, a + i, b + i, s)
            unsafe wide2Add(sum, sum, product)
        }
        unsafe fp2Reduce(r, sum)
    }

    /// [x² - x - 1]a + [x - 1]ψ(a) + ψ²(2a), as [x]([x]a + ψ(a)) - [x]a - ψ(a) - a + ψ²(2a).
    ///
    /// Source: Budroni, Pintore, "Efficient hash maps to G2 on BLS curves", 2017; RFC 9380 appendix G.3.
    static func clearCofactor(_ r: Pointer<G2Projective>, _ a: Input<G2Projective>, _ s: Scratch) {
        var s = s
        let multiple = unsafe s.take(G2Projective.self), image = unsafe s.take(G2Projective.self), sum = unsafe s.take(G2Projective.self)
        // x is negative: [x]a is the negative of what pointMulByX gives.
        unsafe pointMulByX(multiple, a, s)
        unsafe pointNeg(multiple, multiple)
        unsafe g2Psi(image, a, s)
        unsafe pointAdd(sum, multiple, image, s)
        unsafe pointMulByX(r, sum, s)
        unsafe pointNeg(r, r)
        unsafe pointSub(r, r, sum, s)
        unsafe pointSub(r, r, a, s)
        unsafe pointDouble(sum, a, s)
        unsafe g2Psi2(sum, sum, s)
        unsafe pointAdd(r, r, sum, s)
    }
}
