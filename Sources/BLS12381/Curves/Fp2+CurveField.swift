// The quadratic extension as coordinates of the twist E': y² = x³ + 4(1+u).

extension Fp2: CurveField {
    /// 4(1+u).
    static let curveConstant = Fp2(Fp.curveConstant, Fp.curveConstant)
    static var byteCount: Int { 96 }

    @inline(__always) static func add(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>) { unsafe fp2Add(r, a, b) }
    @inline(__always) static func sub(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>) { unsafe fp2Sub(r, a, b) }
    @inline(__always) static func neg(_ r: Pointer<Fp2>, _ a: Input<Fp2>) { unsafe fp2Neg(r, a) }
    @inline(__always) static func mul(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ s: Scratch) { unsafe fp2Mul(r, a, b, s) }
    @inline(__always) static func sqr(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) { unsafe fp2Sqr(r, a, s) }
    @inline(__always) static func inv(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) { unsafe fp2Inv(r, a, s) }
    @inline(__always) static func sqrt(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ s: Scratch) -> Mask { unsafe fp2Sqrt(r, a, s) }
    @inline(__always) static func cmov(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ mask: Mask) { unsafe fp2Cmov(r, a, mask) }
    @inline(__always) static func cneg(_ r: Pointer<Fp2>, _ mask: Mask) { unsafe fp2Cneg(r, r, mask) }
    @inline(__always) static func isZero(_ a: Input<Fp2>) -> Mask { unsafe fp2IsZero(a) }
    @inline(__always) static func isEqual(_ a: Input<Fp2>, _ b: Input<Fp2>) -> Mask { unsafe fp2Equal(a, b) }
    @inline(__always) static func isLarger(_ a: Input<Fp2>) -> Mask { unsafe fp2IsLarger(a) }

    /// c1, then c0.
    static func fromBytes(_ r: Pointer<Fp2>, _ bytes: Input<UInt8>) -> Mask {
        unsafe fpFromBytes(r.c1, bytes) & fpFromBytes(r.c0, bytes + 48)
    }

    static func toBytes(_ bytes: Pointer<UInt8>, _ a: Input<Fp2>) {
        unsafe fpToBytes(bytes, a.c1)
        unsafe fpToBytes(bytes + 48, a.c0)
    }

    static func mulAdd(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ c: Input<Fp2>, _ d: Input<Fp2>, _ s: Scratch) {
        var s = s
        let first = unsafe s.take(Wide2.self), second = unsafe s.take(Wide2.self)
        unsafe fp2MulWide(first, a, b, s)
        unsafe fp2MulWide(second, c, d, s)
        unsafe wide2Add(first, first, second)
        unsafe fp2Reduce(r, first)
    }

    static func mulSub(_ r: Pointer<Fp2>, _ a: Input<Fp2>, _ b: Input<Fp2>, _ c: Input<Fp2>, _ d: Input<Fp2>, _ s: Scratch) {
        var s = s
        let first = unsafe s.take(Wide2.self), second = unsafe s.take(Wide2.self)
        unsafe fp2MulWide(first, a, b, s)
        unsafe fp2MulWide(second, c, d, s)
        unsafe wide2Sub(first, first, second)
        unsafe fp2Reduce(r, first)
    }

    /// 12(1+u)·a.
    @inline(__always) static func mulThreeB(_ r: Pointer<Fp2>, _ a: Input<Fp2>) { unsafe fp2Mul12Xi(r, a) }
}

/// 12(1+u)·a.
@inline(never) func fp2Mul12Xi(_ r: Pointer<Fp2>, _ a: Input<Fp2>) {
    let (a0, a1) = unsafe (a.c0.pointee, a.c1.pointee)
    let real = a0.difference(a1), imaginary = a0.sum(a1)
    let three0 = real.sum(real).sum(real), three1 = imaginary.sum(imaginary).sum(imaginary)
    let six0 = three0.sum(three0), six1 = three1.sum(three1)
    unsafe r.c0.pointee = six0.sum(six0)
    unsafe r.c1.pointee = six1.sum(six1)
}
