// Squarings and powers in the cyclotomic subgroup of Fp12, where the conjugate is the inverse.

/// Granger–Scott squaring, 9 squarings in Fp2. Only for elements of order dividing p⁴ - p² + 1.
///
/// In Fp4 = Fp2[s]/(s² - ξ) the element is (c0, c4), (c3, c2), (c1, c5); the last two are all that compressed squaring needs.
func cyclotomicSqr(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp2.self, count: 2)
    unsafe fp4Sqr(t, t + 1, a[coefficient: 0], a[coefficient: 4], s)
    unsafe fp2TripleMinusTwice(r[coefficient: 0], t, a[coefficient: 0])
    unsafe fp2TriplePlusTwice(r[coefficient: 4], t + 1, a[coefficient: 4])
    unsafe compressedSqr(r, a, s)
}

/// (a + b·s)² = (a² + ξb²) + 2ab·s, with one reduction for each part.
@inline(never) func fp4Sqr(_ r0: Pointer<Fp2>, _ r1: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ s: Scratch) {
    var s = s
    let aa = unsafe s.take(Fp2.self), bb = unsafe s.take(Fp2.self), sum = unsafe s.take(Fp2.self)
    unsafe fp2Sqr(aa, a, s)
    unsafe fp2Sqr(bb, b, s)
    unsafe fp2Add(sum, a, b)
    unsafe fp2Sqr(sum, sum, s)
    unsafe fp2Sub(sum, sum, aa)
    unsafe fp2Sub(r1, sum, bb)
    unsafe fp2MulXi(bb, bb)
    unsafe fp2Add(r0, aa, bb)
}

/// 3t - 2a.
@inline(never) func fp2TripleMinusTwice(_ r: Pointer<Fp2>, _ t: Input<Fp2>, _ a: Input<Fp2>) {
    let (t0, t1) = unsafe (t.c0.pointee, t.c1.pointee)
    let d0 = unsafe t0.difference(a.c0.pointee), d1 = unsafe t1.difference(a.c1.pointee)
    unsafe r.c0.pointee = d0.sum(d0).sum(t0)
    unsafe r.c1.pointee = d1.sum(d1).sum(t1)
}

/// 3t + 2a.
@inline(never) func fp2TriplePlusTwice(_ r: Pointer<Fp2>, _ t: Input<Fp2>, _ a: Input<Fp2>) {
    let (t0, t1) = unsafe (t.c0.pointee, t.c1.pointee)
    let d0 = unsafe t0.sum(a.c0.pointee), d1 = unsafe t1.sum(a.c1.pointee)
    unsafe r.c0.pointee = d0.sum(d0).sum(t0)
    unsafe r.c1.pointee = d1.sum(d1).sum(t1)
}

/// a^x for the parameter x = -|x| of the curve, whose bits are 63, 62, 60, 57, 48 and 16. `r` must not alias `a`.
///
/// The long runs of squarings are compressed; the short ones at the end cost less than another element to decompress.
func cyclotomicPowX(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let powers = unsafe s.take(Fp12.self, count: 3)
    var previous = unsafe a, exponent = 0
    for (i, bit) in [16, 48, 57].enumerated() {
        while exponent < bit {
            unsafe compressedSqr(powers + i, previous, s)
            unsafe previous = Input(powers + i)
            exponent += 1
        }
    }
    unsafe decompress(powers, 3, s)
    let power = unsafe powers + 2
    unsafe fp12Mul(r, powers, powers + 1, s)
    unsafe fp12Mul(r, r, power, s)
    for bit in [60, 62, 63] {
        while exponent < bit {
            unsafe cyclotomicSqr(power, power, s)
            exponent += 1
        }
        unsafe fp12Mul(r, r, power, s)
    }
    unsafe fp12Conj(r, r)
}
