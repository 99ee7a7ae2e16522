// The cubic extension of Fp2 and its kernels, constant time.

/// c0 + c1·v + c2·v², an element of Fp6 = Fp2[v]/(v³ - ξ) with ξ = 1 + u.
struct Fp6: Sendable, BitwiseCopyable {
    var c0 = Fp2(), c1 = Fp2(), c2 = Fp2()
}

extension UnsafeMutablePointer where Pointee == Fp6 {
    @inline(__always) var c0: Pointer<Fp2> { unsafe part(0, of: Fp2.self) }
    @inline(__always) var c1: Pointer<Fp2> { unsafe part(1, of: Fp2.self) }
    @inline(__always) var c2: Pointer<Fp2> { unsafe part(2, of: Fp2.self) }
}

extension UnsafePointer where Pointee == Fp6 {
    @inline(__always) var c0: Input<Fp2> { unsafe part(0, of: Fp2.self) }
    @inline(__always) var c1: Input<Fp2> { unsafe part(1, of: Fp2.self) }
    @inline(__always) var c2: Input<Fp2> { unsafe part(2, of: Fp2.self) }
}

func fp6Add(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b: Input<Fp6>) {
    unsafe fp2Add(r.c0, a.c0, b.c0)
    unsafe fp2Add(r.c1, a.c1, b.c1)
    unsafe fp2Add(r.c2, a.c2, b.c2)
}

func fp6Sub(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b: Input<Fp6>) {
    unsafe fp2Sub(r.c0, a.c0, b.c0)
    unsafe fp2Sub(r.c1, a.c1, b.c1)
    unsafe fp2Sub(r.c2, a.c2, b.c2)
}

func fp6Neg(_ r: Pointer<Fp6>, _ a: Input<Fp6>) {
    unsafe fp2Neg(r.c0, a.c0)
    unsafe fp2Neg(r.c1, a.c1)
    unsafe fp2Neg(r.c2, a.c2)
}

/// v·a = ξ·a2 + a0·v + a1·v².
func fp6MulV(_ r: Pointer<Fp6>, _ a: Input<Fp6>) {
    let (first, second) = unsafe (a.c0.pointee, a.c1.pointee)
    unsafe fp2MulXi(r.c0, a.c2)
    unsafe r.c1.pointee = first
    unsafe r.c2.pointee = second
}

/// Six products by Karatsuba and three reductions in Fp2.
func fp6Mul(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b: Input<Fp6>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Wide2.self, count: 3), mixed = unsafe s.take(Wide2.self, count: 3), xi = unsafe s.take(Wide2.self)
    unsafe fp2MulWide(t, a.c0, b.c0, s)
    unsafe fp2MulWide(t + 1, a.c1, b.c1, s)
    unsafe fp2MulWide(t + 2, a.c2, b.c2, s)
    unsafe fp2MulWideOfSums(mixed, a.c1, a.c2, b.c1, b.c2, s)
    unsafe fp2MulWideOfSums(mixed + 1, a.c0, a.c1, b.c0, b.c1, s)
    unsafe fp2MulWideOfSums(mixed + 2, a.c0, a.c2, b.c0, b.c2, s)
    // c0 = a0b0 + ξ(a1b2 + a2b1).
    unsafe wide2Sub(mixed, mixed, t + 1)
    unsafe wide2Sub(mixed, mixed, t + 2)
    unsafe wide2MulXi(xi, mixed)
    unsafe wide2Add(xi, xi, t)
    unsafe fp2Reduce(r.c0, xi)
    // c1 = a0b1 + a1b0 + ξ·a2b2.
    unsafe wide2Sub(mixed + 1, mixed + 1, t)
    unsafe wide2Sub(mixed + 1, mixed + 1, t + 1)
    unsafe wide2MulXi(xi, t + 2)
    unsafe wide2Add(mixed + 1, mixed + 1, xi)
    unsafe fp2Reduce(r.c1, mixed + 1)
    // c2 = a0b2 + a2b0 + a1b1.
    unsafe wide2Sub(mixed + 2, mixed + 2, t)
    unsafe wide2Sub(mixed + 2, mixed + 2, t + 2)
    unsafe wide2Add(mixed + 2, mixed + 2, t + 1)
    unsafe fp2Reduce(r.c2, mixed + 2)
}

/// a·(b0 + b1·v): five products.
func fp6MulBy01(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b0: Input<Fp2>, _ b1: Input<Fp2>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Wide2.self, count: 2), mixed = unsafe s.take(Wide2.self), xi = unsafe s.take(Wide2.self)
    let c0 = unsafe s.take(Fp2.self), c1 = unsafe s.take(Fp2.self)
    unsafe fp2MulWide(t, a.c0, b0, s)
    unsafe fp2MulWide(t + 1, a.c1, b1, s)
    // c0 = a0b0 + ξ·a2b1.
    unsafe fp2MulWide(mixed, a.c2, b1, s)
    unsafe wide2MulXi(xi, mixed)
    unsafe wide2Add(xi, xi, t)
    unsafe fp2Reduce(c0, xi)
    // c1 = a0b1 + a1b0.
    unsafe fp2MulWideOfSums(mixed, a.c0, a.c1, b0, b1, s)
    unsafe wide2Sub(mixed, mixed, t)
    unsafe wide2Sub(mixed, mixed, t + 1)
    unsafe fp2Reduce(c1, mixed)
    // c2 = a2b0 + a1b1.
    unsafe fp2MulWide(mixed, a.c2, b0, s)
    unsafe wide2Add(mixed, mixed, t + 1)
    unsafe fp2Reduce(r.c2, mixed)
    unsafe r.c0.pointee = c0.pointee
    unsafe r.c1.pointee = c1.pointee
}

/// a·b1·v: three products.
func fp6MulBy1(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b1: Input<Fp2>, _ s: Scratch) {
    var s = s
    let third = unsafe s.take(Fp2.self)
    unsafe fp2Mul(third, a.c2, b1, s)
    unsafe fp2Mul(r.c2, a.c1, b1, s)
    unsafe fp2Mul(r.c1, a.c0, b1, s)
    unsafe fp2MulXi(r.c0, third)
}

/// a·(b1·v + b2·v²): five products.
func fp6MulBy12(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ b1: Input<Fp2>, _ b2: Input<Fp2>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Wide2.self, count: 2), mixed = unsafe s.take(Wide2.self), xi = unsafe s.take(Wide2.self)
    let c0 = unsafe s.take(Fp2.self), c1 = unsafe s.take(Fp2.self)
    unsafe fp2MulWide(t, a.c1, b1, s)
    unsafe fp2MulWide(t + 1, a.c2, b2, s)
    // c0 = ξ(a1b2 + a2b1).
    unsafe fp2MulWideOfSums(mixed, a.c1, a.c2, b1, b2, s)
    unsafe wide2Sub(mixed, mixed, t)
    unsafe wide2Sub(mixed, mixed, t + 1)
    unsafe wide2MulXi(xi, mixed)
    unsafe fp2Reduce(c0, xi)
    // c1 = a0b1 + ξ·a2b2.
    unsafe fp2MulWide(mixed, a.c0, b1, s)
    unsafe wide2MulXi(xi, t + 1)
    unsafe wide2Add(mixed, mixed, xi)
    unsafe fp2Reduce(c1, mixed)
    // c2 = a0b2 + a1b1.
    unsafe fp2MulWide(mixed, a.c0, b2, s)
    unsafe wide2Add(mixed, mixed, t)
    unsafe fp2Reduce(r.c2, mixed)
    unsafe r.c0.pointee = c0.pointee
    unsafe r.c1.pointee = c1.pointee
}

/// 1/a, and 0 for 0: (A + B·v + C·v²)/F with A = a0² - ξ·a1a2, B = ξ·a2² - a0a1, C = a1² - a0a2, F = a0A + ξ(a2B + a1C).
func fp6Inv(_ r: Pointer<Fp6>, _ a: Input<Fp6>, _ s: Scratch) {
    var s = s
    let cofactors = unsafe s.take(Fp6.self), t = unsafe s.take(Fp2.self), norm = unsafe s.take(Fp2.self)
    unsafe fp2Mul(t, a.c1, a.c2, s)
    unsafe fp2MulXi(t, t)
    unsafe fp2Sqr(cofactors.c0, a.c0, s)
    unsafe fp2Sub(cofactors.c0, cofactors.c0, t)
    unsafe fp2Sqr(t, a.c2, s)
    unsafe fp2MulXi(cofactors.c1, t)
    unsafe fp2Mul(t, a.c0, a.c1, s)
    unsafe fp2Sub(cofactors.c1, cofactors.c1, t)
    unsafe fp2Mul(t, a.c0, a.c2, s)
    unsafe fp2Sqr(cofactors.c2, a.c1, s)
    unsafe fp2Sub(cofactors.c2, cofactors.c2, t)

    unsafe fp2Mul(norm, a.c2, cofactors.c1, s)
    unsafe fp2Mul(t, a.c1, cofactors.c2, s)
    unsafe fp2Add(norm, norm, t)
    unsafe fp2MulXi(norm, norm)
    unsafe fp2Mul(t, a.c0, cofactors.c0, s)
    unsafe fp2Add(norm, norm, t)
    unsafe fp2Inv(norm, norm, s)
    unsafe fp2Mul(r.c0, cofactors.c0, norm, s)
    unsafe fp2Mul(r.c1, cofactors.c1, norm, s)
    unsafe fp2Mul(r.c2, cofactors.c2, norm, s)
}
