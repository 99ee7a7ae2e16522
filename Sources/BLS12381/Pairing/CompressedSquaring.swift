// Squarings of cyclotomic elements that leave two of six coefficients out, and the way back.
//
// Source: Karabina, "Squaring in cyclotomic subgroups", Mathematics of Computation 82 (2013). Coefficients 0 and 4 follow from the others:
// with z2 = c3, z3 = c2, z4 = c1 and z5 = c5,
//
//     c4 = (ξ·z5² + 3·z4² - 2·z3) / (4·z2), or 2·z4·z5 / z3 when z2 = 0
//     c0 = ξ·(2·c4² + z2·z5 - 3·z3·z4) + 1

/// Coefficients 1, 2, 3 and 5 of a², 6 squarings in Fp2. The others are neither read nor written.
func compressedSqr(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp2.self, count: 4)
    unsafe fp4Sqr(t, t + 1, a[coefficient: 3], a[coefficient: 2], s)
    unsafe fp4Sqr(t + 2, t + 3, a[coefficient: 1], a[coefficient: 5], s)
    unsafe fp2MulXi(t + 3, t + 3)
    unsafe fp2TripleMinusTwice(r[coefficient: 1], t, a[coefficient: 1])
    unsafe fp2TripleMinusTwice(r[coefficient: 2], t + 2, a[coefficient: 2])
    unsafe fp2TriplePlusTwice(r[coefficient: 3], t + 3, a[coefficient: 3])
    unsafe fp2TriplePlusTwice(r[coefficient: 5], t + 1, a[coefficient: 5])
}

/// Fills in coefficients 0 and 4 of `count` elements with one inversion for all.
func decompress(_ a: Pointer<Fp12>, _ count: Int, _ s: Scratch) {
    var s = s
    let numerators = unsafe s.take(Fp2.self, count: count), denominators = unsafe s.take(Fp2.self, count: count)
    let products = unsafe s.take(Fp2.self, count: count), inverse = unsafe s.take(Fp2.self), t = unsafe s.take(Fp2.self)
    for i in 0..<count {
        unsafe fraction(numerators + i, denominators + i, a + i, s)
        if i == 0 { unsafe products.pointee = denominators.pointee } else { unsafe fp2Mul(products + i, products + (i - 1), denominators + i, s) }
    }
    unsafe fp2Inv(inverse, products + (count - 1), s)
    for i in stride(from: count - 1, through: 0, by: -1) {
        unsafe t.pointee = inverse.pointee
        if i > 0 {
            unsafe fp2Mul(t, inverse, products + (i - 1), s)
            unsafe fp2Mul(inverse, inverse, denominators + i, s)
        }
        unsafe fp2Mul((a + i)[coefficient: 4], numerators + i, t, s)
        unsafe completeConstant(a + i, s)
    }
}

/// c4 as a fraction. When z2 and z3 are both zero the element is one, and c4 is 0/1.
private func fraction(_ numerator: Pointer<Fp2>, _ denominator: Pointer<Fp2>, _ a: Pointer<Fp12>, _ s: Scratch) {
    var s = s
    let (z2, z3) = unsafe (a[coefficient: 3], a[coefficient: 2]), (z4, z5) = unsafe (a[coefficient: 1], a[coefficient: 5])
    let t = unsafe s.take(Fp2.self), one = unsafe s.copy(Fp2.one)
    // ξ·z5² + 3·z4² - 2·z3 over 4·z2
    unsafe fp2Sqr(t, z5, s)
    unsafe fp2MulXi(t, t)
    unsafe fp2Sqr(numerator, z4, s)
    unsafe fp2Triple(numerator, numerator)
    unsafe fp2Add(numerator, numerator, t)
    unsafe fp2Double(t, z3)
    unsafe fp2Sub(numerator, numerator, t)
    unsafe fp2Double(denominator, z2)
    unsafe fp2Double(denominator, denominator)
    // 2·z4·z5 over z3
    let isFirstZero = unsafe fp2IsZero(z2)
    unsafe fp2Mul(t, z4, z5, s)
    unsafe fp2Double(t, t)
    unsafe fp2Cmov(numerator, t, isFirstZero)
    unsafe fp2Cmov(denominator, z3, isFirstZero)
    unsafe fp2Cmov(denominator, one, fp2IsZero(denominator))
}

/// c0 from the other five.
private func completeConstant(_ a: Pointer<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp2.self), u = unsafe s.take(Fp2.self)
    unsafe fp2Triple(t, a[coefficient: 2])
    unsafe fp2MulSub(u, a[coefficient: 3], a[coefficient: 5], t, a[coefficient: 1], s)
    unsafe fp2Sqr(t, a[coefficient: 4], s)
    unsafe fp2Double(t, t)
    unsafe fp2Add(t, t, u)
    unsafe fp2MulXi(t, t)
    unsafe t.pointee.c0 = t.pointee.c0.sum(Fp.one)
    unsafe a[coefficient: 0].pointee = t.pointee
}
