// The base field's kernels: functions over pointers, never inlined, constant time, free of branches.

@inline(never) func fpAdd(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>) {
    unsafe r.pointee = a.pointee.sum(b.pointee)
}

@inline(never) func fpSub(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>) {
    unsafe r.pointee = a.pointee.difference(b.pointee)
}

@inline(never) func fpNeg(_ r: Pointer<Fp>, _ a: Input<Fp>) {
    unsafe r.pointee = a.pointee.negated
}

@inline(never) func fpDouble(_ r: Pointer<Fp>, _ a: Input<Fp>) {
    unsafe r.pointee = a.pointee.sum(a.pointee)
}

/// a/2: an odd number is made even by adding p.
@inline(never) func fpHalve(_ r: Pointer<Fp>, _ a: Input<Fp>) {
    let value = unsafe a.pointee
    let even = value.plainSum(Fp.modulus(masked: 0 &- (value.l0 & 1)))
    unsafe r.pointee = Fp(
        even.l0 &>> 1 | even.l1 &<< 63, even.l1 &>> 1 | even.l2 &<< 63, even.l2 &>> 1 | even.l3 &<< 63,
        even.l3 &>> 1 | even.l4 &<< 63, even.l4 &>> 1 | even.l5 &<< 63, even.l5 &>> 1)
}

@inline(never) func fpMul(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>) {
    unsafe r.pointee = a.pointee.product(b.pointee)
}

@inline(never) func fpSqr(_ r: Pointer<Fp>, _ a: Input<Fp>) {
    let value = unsafe a.pointee
    unsafe r.pointee = value.product(value)
}

/// a^(2^count), for a public count.
func fpSqrTimes(_ r: Pointer<Fp>, _ a: Input<Fp>, _ count: Int) {
    unsafe r.pointee = a.pointee
    for _ in 0..<count { unsafe fpSqr(r, r) }
}

/// r = mask ? a : r.
@inline(never) func fpCmov(_ r: Pointer<Fp>, _ a: Input<Fp>, _ mask: Mask) {
    unsafe r.pointee = Fp.select(mask, a.pointee, r.pointee)
}

/// r = mask ? -a : a.
@inline(never) func fpCneg(_ r: Pointer<Fp>, _ a: Input<Fp>, _ mask: Mask) {
    unsafe r.pointee = Fp.select(mask, a.pointee.negated, a.pointee)
}

@inline(never) func fpIsZero(_ a: Input<Fp>) -> Mask {
    unsafe a.pointee.isZero
}

@inline(never) func fpEqual(_ a: Input<Fp>, _ b: Input<Fp>) -> Mask {
    unsafe a.pointee.isEqual(b.pointee)
}

/// The parity of the number: sgn0 of RFC 9380 §4.1 for m = 1.
@inline(never) func fpSgn0(_ a: Input<Fp>) -> UInt64 {
    unsafe a.pointee.canonical.l0 & 1
}

/// Whether the number is above (p-1)/2: the sign of point encodings.
@inline(never) func fpIsLarger(_ a: Input<Fp>) -> Mask {
    // v > (p-1)/2 exactly when 2v >= p, that is when 2v - p does not borrow.
    let value = unsafe a.pointee.canonical
    return ~value.plainSum(value).plainDifference(Fp.modulus(masked: ~0)).isNegative
}
