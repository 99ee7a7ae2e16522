// The field of the pairing's values: the tower's top and its kernels, constant time.

/// c0 + c1·w, an element of Fp12 = Fp6[w]/(w² - v).
///
/// Over Fp2 the coefficients stand in the order 1, v, v², w, vw, v²w.
struct Fp12: Sendable, BitwiseCopyable {
    var c0 = Fp6(), c1 = Fp6()

    static let one = Fp12(c0: Fp6(c0: Fp2.one))
}

extension UnsafeMutablePointer where Pointee == Fp12 {
    @inline(__always) var c0: Pointer<Fp6> { unsafe part(0, of: Fp6.self) }
    @inline(__always) var c1: Pointer<Fp6> { unsafe part(1, of: Fp6.self) }
    /// The `index`-th coefficient over Fp2.
    @inline(__always) subscript(coefficient index: Int) -> Pointer<Fp2> { unsafe part(index, of: Fp2.self) }
}

extension UnsafePointer where Pointee == Fp12 {
    @inline(__always) var c0: Input<Fp6> { unsafe part(0, of: Fp6.self) }
    @inline(__always) var c1: Input<Fp6> { unsafe part(1, of: Fp6.self) }
    /// The `index`-th coefficient over Fp2.
    @inline(__always) subscript(coefficient index: Int) -> Input<Fp2> { unsafe part(index, of: Fp2.self) }
}

/// Eighteen products in Fp2.
func fp12Mul(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ b: Input<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp6.self, count: 2), left = unsafe s.take(Fp6.self), right = unsafe s.take(Fp6.self)
    unsafe fp6Add(left, a.c0, a.c1)
    unsafe fp6Add(right, b.c0, b.c1)
    unsafe fp6Mul(t, a.c0, b.c0, s)
    unsafe fp6Mul(t + 1, a.c1, b.c1, s)
    unsafe fp6Mul(left, left, right, s)
    unsafe fp12Join(r, t, t + 1, left)
}

/// From a0b0, a1b1 and (a0 + a1)(b0 + b1) to the product. `middle` is overwritten.
private func fp12Join(_ r: Pointer<Fp12>, _ low: Pointer<Fp6>, _ high: Pointer<Fp6>, _ middle: Pointer<Fp6>) {
    unsafe fp6Sub(middle, middle, low)
    unsafe fp6Sub(r.c1, middle, high)
    unsafe fp6MulV(high, high)
    unsafe fp6Add(r.c0, low, high)
}

/// Complex squaring: with t = a0·a1, c0 = (a0 + a1)(a0 + v·a1) - t - v·t and c1 = 2t.
func fp12Sqr(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp6.self), left = unsafe s.take(Fp6.self), right = unsafe s.take(Fp6.self)
    unsafe fp6Add(left, a.c0, a.c1)
    unsafe fp6MulV(right, a.c1)
    unsafe fp6Add(right, right, a.c0)
    unsafe fp6Mul(t, a.c0, a.c1, s)
    unsafe fp6Mul(left, left, right, s)
    unsafe fp6Sub(left, left, t)
    unsafe fp6Add(r.c1, t, t)
    unsafe fp6MulV(t, t)
    unsafe fp6Sub(r.c0, left, t)
}

/// a times a line c0 + c1·v + c4·vw: thirteen products in Fp2.
func fp12MulBy014(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ line: Input<Line>, _ s: Scratch) {
    var s = s
    let low = unsafe s.take(Fp6.self), high = unsafe s.take(Fp6.self), middle = unsafe s.take(Fp6.self)
    let sum = unsafe s.take(Fp2.self)
    unsafe fp6MulBy01(low, a.c0, line.c0, line.c1, s)
    unsafe fp6MulBy1(high, a.c1, line.c4, s)
    unsafe fp2Add(sum, line.c1, line.c4)
    unsafe fp6Add(middle, a.c0, a.c1)
    unsafe fp6MulBy01(middle, middle, line.c0, sum, s)
    unsafe fp12Join(r, low, high, middle)
}

/// a times the product of two lines: 6 + 17 products in Fp2, three fewer than one line after the other.
func fp12MulByLines(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ l: Input<Line>, _ m: Input<Line>, _ s: Scratch) {
    var s = s
    // (l0 + l1·v + l4·vw)(m0 + m1·v + m4·vw), where (vw)² = ξ.
    let g = unsafe s.take(Fp6.self), g4 = unsafe s.take(Fp2.self), g5 = unsafe s.take(Fp2.self)
    let t = unsafe s.take(Wide2.self, count: 3), mixed = unsafe s.take(Wide2.self), xi = unsafe s.take(Wide2.self)
    unsafe fp2MulWide(t, l.c0, m.c0, s)
    unsafe fp2MulWide(t + 1, l.c1, m.c1, s)
    unsafe fp2MulWide(t + 2, l.c4, m.c4, s)
    unsafe wide2MulXi(xi, t + 2)
    unsafe wide2Add(xi, xi, t)
    unsafe fp2Reduce(g.c0, xi)
    unsafe fp2Reduce(g.c2, t + 1)
    unsafe fp2MulWideOfSums(mixed, l.c0, l.c1, m.c0, m.c1, s)
    unsafe wide2Sub(mixed, mixed, t)
    unsafe wide2Sub(mixed, mixed, t + 1)
    unsafe fp2Reduce(g.c1, mixed)
    unsafe fp2MulWideOfSums(mixed, l.c0, l.c4, m.c0, m.c4, s)
    unsafe wide2Sub(mixed, mixed, t)
    unsafe wide2Sub(mixed, mixed, t + 2)
    unsafe fp2Reduce(g4, mixed)
    unsafe fp2MulWideOfSums(mixed, l.c1, l.c4, m.c1, m.c4, s)
    unsafe wide2Sub(mixed, mixed, t + 1)
    unsafe wide2Sub(mixed, mixed, t + 2)
    unsafe fp2Reduce(g5, mixed)

    let low = unsafe s.take(Fp6.self), high = unsafe s.take(Fp6.self), middle = unsafe s.take(Fp6.self)
    unsafe fp6Mul(low, a.c0, g, s)
    unsafe fp6MulBy12(high, a.c1, g4, g5, s)
    unsafe fp6Add(middle, a.c0, a.c1)
    unsafe fp2Add(g.c1, g.c1, g4)
    unsafe fp2Add(g.c2, g.c2, g5)
    unsafe fp6Mul(middle, middle, g, s)
    unsafe fp12Join(r, low, high, middle)
}

/// c0 - c1·w, which is a^(p⁶), and the inverse of an element of norm 1.
func fp12Conj(_ r: Pointer<Fp12>, _ a: Input<Fp12>) {
    unsafe r.c0.pointee = a.c0.pointee
    unsafe fp6Neg(r.c1, a.c1)
}

/// 1/a, and 0 for 0: the conjugate over a0² - v·a1².
func fp12Inv(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let norm = unsafe s.take(Fp6.self), t = unsafe s.take(Fp6.self)
    unsafe fp6Mul(t, a.c1, a.c1, s)
    unsafe fp6MulV(t, t)
    unsafe fp6Mul(norm, a.c0, a.c0, s)
    unsafe fp6Sub(norm, norm, t)
    unsafe fp6Inv(norm, norm, s)
    unsafe fp6Mul(r.c0, a.c0, norm, s)
    unsafe fp6Mul(t, a.c1, norm, s)
    unsafe fp6Neg(r.c1, t)
}

/// r = mask ? a : r.
func fp12Cmov(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ mask: Mask) {
    for i in 0..<6 { unsafe fp2Cmov(r[coefficient: i], a[coefficient: i], mask) }
}

func fp12Equal(_ a: Input<Fp12>, _ b: Input<Fp12>) -> Mask {
    var mask: Mask = ~0
    for i in 0..<6 { unsafe mask &= fp2Equal(a[coefficient: i], b[coefficient: i]) }
    return mask
}
