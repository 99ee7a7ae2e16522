// Inverses and square roots in the quadratic extension.

/// 1/a, and 0 for 0: the conjugate over the norm. Constant time.
func fp2Inv(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) {
    var s = s
    let norm = unsafe s.take(Fp.self)
    unsafe fp2Norm(norm, a, s)
    unsafe fpInv(norm, norm, s)
    unsafe fpMul(r.c0, a.c0, norm)
    unsafe fpMul(r.c1, a.c1, norm)
    unsafe fpNeg(r.c1, r.c1)
}

/// a0² + a1².
func fp2Norm(_ r: Pointer<Fp>, _ a: Input<Fp2>, _ s: Scratch) {
    var s = s
    let square = unsafe s.take(Fp.self)
    unsafe fpSqr(square, a.c1)
    unsafe fpSqr(r, a.c0)
    unsafe fpAdd(r, r, square)
}

/// A root of a; the mask says whether there is one. Constant time, two exponentiations in the base field.
///
/// With n = √(a0² + a1²) and t = (a0 + n)/2, let e = t^((p-3)/4) and x = e·t. If t is a square, x² = t and 1/x = e, so
/// x + (a1·e/2)·u is a root. If not, x² = -t and 1/x = -e; then (a0 - n)/2 = -a1²/(4t) is the square of a1/(2x), and
/// -a1·e/2 + x·u is a root. For a1 = 0 the sign of n is chosen so that t = a0.
func fp2Sqrt(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) -> Mask {
    var s = s
    let n = unsafe s.take(Fp.self), t = unsafe s.take(Fp.self), e = unsafe s.take(Fp.self)
    let x = unsafe s.take(Fp.self), y = unsafe s.take(Fp.self), root = unsafe s.take(Fp2.self)
    let square = unsafe s.take(Fp2.self)
    unsafe fp2Norm(n, a, s)
    _ = unsafe fpSqrt(n, n, s)
    unsafe fpCmov(n, a.c0, fpIsZero(a.c1))
    unsafe fpAdd(t, a.c0, n)
    unsafe fpHalve(t, t)
    unsafe fpPowP34(e, t, s)
    unsafe fpMul(x, e, t)
    unsafe fpMul(y, a.c1, e)
    unsafe fpHalve(y, y)
    unsafe fpSqr(n, x)
    let isSquare = unsafe fpEqual(n, t)
    unsafe root.c0.pointee = x.pointee
    unsafe root.c1.pointee = y.pointee
    unsafe fpNeg(y, y)
    unsafe fpCmov(root.c0, y, ~isSquare)
    unsafe fpCmov(root.c1, x, ~isSquare)
    unsafe fp2Sqr(square, root, s)
    let isRoot = unsafe fp2Equal(square, a)
    unsafe r.pointee = root.pointee
    return isRoot
}
