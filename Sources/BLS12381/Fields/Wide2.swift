// Unreduced elements of the quadratic extension, for sums of products with one reduction at the end.

/// Two reducible wide numbers: a product in Fp2 before reduction.
struct Wide2: BitwiseCopyable {
    var c0, c1: Wide
}

extension UnsafeMutablePointer where Pointee == Wide2 {
    @inline(__always) var c0: Pointer<Wide> { unsafe part(0, of: Wide.self) }
    @inline(__always) var c1: Pointer<Wide> { unsafe part(1, of: Wide.self) }
}

extension UnsafePointer where Pointee == Wide2 {
    @inline(__always) var c0: Input<Wide> { unsafe part(0, of: Wide.self) }
    @inline(__always) var c1: Input<Wide> { unsafe part(1, of: Wide.self) }
}

/// a·b without reduction. Operands are below 2p.
@inline(never) func wideMul(_ r: Pointer<Wide>, _ a: Input<Fp>, _ b: Input<Fp>) {
    unsafe r.pointee = Wide(a.pointee, b.pointee)
}

/// r = a - b, plus 2³⁸⁴·p if that is negative: congruent, and reducible if a and b are.
@inline(never) func wideSub(_ r: Pointer<Wide>, _ a: Input<Wide>, _ b: Input<Wide>) {
    unsafe r.pointee = a.pointee.difference(b.pointee)
}

/// r = a - b for a >= b.
@inline(never) func wideSubPlain(_ r: Pointer<Wide>, _ a: Input<Wide>, _ b: Input<Wide>) {
    unsafe r.pointee = a.pointee.plainDifference(b.pointee).difference
}

/// r = a + b modulo 2³⁸⁴·p.
@inline(never) func wideAdd(_ r: Pointer<Wide>, _ a: Input<Wide>, _ b: Input<Wide>) {
    unsafe r.pointee = a.pointee.sum(b.pointee)
}

@inline(never) func wideReduce(_ r: Pointer<Fp>, _ a: Input<Wide>) {
    unsafe r.pointee = a.pointee.montgomeryReduced
}

/// r = a·b for coordinates below 2p, three products by Karatsuba, unreduced.
///
/// c1 is exactly a0·b1 + a1·b0; c0 is a0·b0 - a1·b1 modulo 2³⁸⁴·p.
@inline(never) func fp2MulWide(_ r: Pointer<Wide2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ s: Scratch) {
    var s = s
    let sums = unsafe s.take(Fp.self, count: 2), product = unsafe s.take(Wide.self)
    unsafe sums[0] = a.c0.pointee.plainSum(a.c1.pointee)
    unsafe sums[1] = b.c0.pointee.plainSum(b.c1.pointee)
    unsafe wideMul(r.c1, sums, sums + 1)
    unsafe wideMul(r.c0, a.c0, b.c0)
    unsafe wideMul(product, a.c1, b.c1)
    unsafe wideSubPlain(r.c1, r.c1, r.c0)
    unsafe wideSubPlain(r.c1, r.c1, product)
    unsafe wideSub(r.c0, r.c0, product)
}

/// Both halves of a wide element reduced.
@inline(__always) func fp2Reduce(_ r: Pointer<Fp2>, _ a: Input<Wide2>) {
    unsafe wideReduce(r.c0, a.c0)
    unsafe wideReduce(r.c1, a.c1)
}

@inline(__always) func wide2Add(_ r: Pointer<Wide2>, _ a: Input<Wide2>, _ b: Input<Wide2>) {
    unsafe wideAdd(r.c0, a.c0, b.c0)
    unsafe wideAdd(r.c1, a.c1, b.c1)
}

@inline(__always) func wide2Sub(_ r: Pointer<Wide2>, _ a: Input<Wide2>, _ b: Input<Wide2>) {
    unsafe wideSub(r.c0, a.c0, b.c0)
    unsafe wideSub(r.c1, a.c1, b.c1)
}

/// (1+u)·a. The result must not alias the operand.
@inline(__always) func wide2MulXi(_ r: Pointer<Wide2>, _ a: Input<Wide2>) {
    unsafe wideSub(r.c0, a.c0, a.c1)
    unsafe wideAdd(r.c1, a.c0, a.c1)
}

/// r = (a + a')(b + b'), unreduced.
@inline(never) func fp2MulWideOfSums(
    _ r: Pointer<Wide2>, _ a: Input<Fp2>, _ a2: Input<Fp2>, _ b: Input<Fp2>, _ b2: Input<Fp2>, _ s: Scratch
) {
    var s = s
    let left = unsafe s.take(Fp2.self), right = unsafe s.take(Fp2.self)
    unsafe left.c0.pointee = a.c0.pointee.plainSum(a2.c0.pointee)
    unsafe left.c1.pointee = a.c1.pointee.plainSum(a2.c1.pointee)
    unsafe right.c0.pointee = b.c0.pointee.plainSum(b2.c0.pointee)
    unsafe right.c1.pointee = b.c1.pointee.plainSum(b2.c1.pointee)
    unsafe fp2MulWide(r, left, right, s)
}
