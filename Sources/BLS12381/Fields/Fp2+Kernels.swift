// The quadratic extension's kernels over pointers, constant time and free of branches.

@inline(never) func fp2Add(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>) {
    unsafe r.c0.pointee = a.c0.pointee.sum(b.c0.pointee)
    unsafe r.c1.pointee = a.c1.pointee.sum(b.c1.pointee)
}

@inline(never) func fp2Sub(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>) {
    unsafe r.c0.pointee = a.c0.pointee.difference(b.c0.pointee)
    unsafe r.c1.pointee = a.c1.pointee.difference(b.c1.pointee)
}

@inline(never) func fp2Neg(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    unsafe r.c0.pointee = a.c0.pointee.negated
    unsafe r.c1.pointee = a.c1.pointee.negated
}

@inline(never) func fp2Double(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    unsafe r.c0.pointee = a.c0.pointee.sum(a.c0.pointee)
    unsafe r.c1.pointee = a.c1.pointee.sum(a.c1.pointee)
}

/// c0 - c1·u, which is a^p.
@inline(never) func fp2Conj(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    unsafe r.c0.pointee = a.c0.pointee
    unsafe r.c1.pointee = a.c1.pointee.negated
}

/// (1+u)·a, the non-residue of the tower.
@inline(never) func fp2MulXi(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    let (a0, a1) = unsafe (a.c0.pointee, a.c1.pointee)
    unsafe r.c0.pointee = a0.difference(a1)
    unsafe r.c1.pointee = a0.sum(a1)
}

/// Karatsuba with two reductions for three products.
@inline(never) func fp2Mul(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Wide2.self)
    unsafe fp2MulWide(t, a, b, s)
    unsafe fp2Reduce(r, t)
}

/// (a0 + a1)(a0 - a1) + 2·a0·a1·u.
@inline(never) func fp2Sqr(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) {
    let (a0, a1) = unsafe (a.c0.pointee, a.c1.pointee)
    let real = a0.plainSum(a1).product(a0.difference(a1))
    unsafe r.c1.pointee = a0.plainSum(a0).product(a1)
    unsafe r.c0.pointee = real
}

/// a·b for b in the base field.
@inline(never) func fp2MulFp(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp>) {
    unsafe fpMul(r.c0, a.c0, b)
    unsafe fpMul(r.c1, a.c1, b)
}

/// r = mask ? a : r.
@inline(never) func fp2Cmov(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ mask: Mask) {
    unsafe r.c0.pointee = Fp.select(mask, a.c0.pointee, r.c0.pointee)
    unsafe r.c1.pointee = Fp.select(mask, a.c1.pointee, r.c1.pointee)
}

/// r = mask ? -a : a.
@inline(never) func fp2Cneg(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ mask: Mask) {
    unsafe r.c0.pointee = Fp.select(mask, a.c0.pointee.negated, a.c0.pointee)
    unsafe r.c1.pointee = Fp.select(mask, a.c1.pointee.negated, a.c1.pointee)
}

@inline(never) func fp2IsZero(_ a: Input<Fp2>) -> Mask {
    unsafe a.c0.pointee.isZero & a.c1.pointee.isZero
}

@inline(never) func fp2Equal(_ a: Input<Fp2>, _ b: Input<Fp2>) -> Mask {
    unsafe a.c0.pointee.isEqual(b.c0.pointee) & a.c1.pointee.isEqual(b.c1.pointee)
}

/// sgn0 of RFC 9380 §4.1 for m = 2: the parity of c0, or of c1 when c0 is zero.
@inline(never) func fp2Sgn0(_ a: Input<Fp2>) -> UInt64 {
    unsafe fpSgn0(a.c0) | (fpIsZero(a.c0) & fpSgn0(a.c1))
}

/// The sign of point encodings: whether c1 is above (p-1)/2, or c0 when c1 is zero.
@inline(never) func fp2IsLarger(_ a: Input<Fp2>) -> Mask {
    unsafe select(fpIsZero(a.c1), fpIsLarger(a.c0), fpIsLarger(a.c1))
}

/// 3a.
@inline(never) func fp2Triple(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    let (a0, a1) = unsafe (a.c0.pointee, a.c1.pointee)
    unsafe r.c0.pointee = a0.sum(a0).sum(a0)
    unsafe r.c1.pointee = a1.sum(a1).sum(a1)
}

/// a/2.
@inline(never) func fp2Halve(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    unsafe fpHalve(r.c0, a.c0)
    unsafe fpHalve(r.c1, a.c1)
}

/// a·b - c·d with one reduction.
@inline(never) func fp2MulSub(
    _ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ c: Input<Fp2>, _ d: Input<Fp2>, _ s: Scratch
) {
    var s = s
    let first = unsafe s.take(Wide2.self), second = unsafe s.take(Wide2.self)
    unsafe fp2MulWide(first, a, b, s)
    unsafe fp2MulWide(second, c, d, s)
    unsafe wide2Sub(first, first, second)
    unsafe fp2Reduce(r, first)
}
