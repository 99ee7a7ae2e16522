// The base field as coordinates of E: y² = x³ + 4.

extension Fp: CurveField {
    /// 4.
    static let curveConstant = Fp(
        0xaa27_0000_000c_fff3, 0x53cc_0032_fc34_000a, 0x478f_e97a_6b0a_807f, 0xb1d3_7ebe_e6ba_24d7,
        0x8ec9_733b_bf78_ab2f, 0x09d6_4551_3d83_de7e)
    static var byteCount: Int { 48 }

    @inline(__always) static func add(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>) { unsafe fpAdd(r, a, b) }
    @inline(__always) static func sub(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>) { unsafe fpSub(r, a, b) }
    @inline(__always) static func neg(_ r: Pointer<Fp>, _ a: Input<Fp>) { unsafe fpNeg(r, a) }
    @inline(__always) static func mul(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ s: Scratch) { unsafe fpMul(r, a, b) }
    @inline(__always) static func sqr(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) { unsafe fpSqr(r, a) }
    @inline(__always) static func inv(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) { unsafe fpInv(r, a, s) }
    @inline(__always) static func sqrt(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) -> Mask { unsafe fpSqrt(r, a, s) }
    @inline(__always) static func cmov(_ r: Pointer<Fp>, _ a: Input<Fp>, _ mask: Mask) { unsafe fpCmov(r, a, mask) }
    @inline(__always) static func cneg(_ r: Pointer<Fp>, _ mask: Mask) { unsafe fpCneg(r, r, mask) }
    @inline(__always) static func isZero(_ a: Input<Fp>) -> Mask { unsafe fpIsZero(a) }
    @inline(__always) static func isEqual(_ a: Input<Fp>, _ b: Input<Fp>) -> Mask { unsafe fpEqual(a, b) }
    @inline(__always) static func isLarger(_ a: Input<Fp>) -> Mask { unsafe fpIsLarger(a) }
    @inline(__always) static func fromBytes(_ r: Pointer<Fp>, _ bytes: Input<UInt8>) -> Mask { unsafe fpFromBytes(r, bytes) }
    @inline(__always) static func toBytes(_ bytes: Pointer<UInt8>, _ a: Input<Fp>) { unsafe fpToBytes(bytes, a) }

    @inline(__always)
    static func mulAdd(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ c: Input<Fp>, _ d: Input<Fp>, _ s: Scratch) {
        unsafe fpMulAdd(r, a, b, c, d)
    }

    @inline(__always)
    static func mulSub(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ c: Input<Fp>, _ d: Input<Fp>, _ s: Scratch) {
        unsafe fpMulSub(r, a, b, c, d)
    }

    @inline(__always) static func mulThreeB(_ r: Pointer<Fp>, _ a: Input<Fp>) { unsafe fpMul12(r, a) }
}

/// a·b + c·d. Twice p² is below 2³⁸⁴·p.
@inline(never) func fpMulAdd(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ c: Input<Fp>, _ d: Input<Fp>) {
    unsafe r.pointee = Wide(a.pointee, b.pointee).plainSum(Wide(c.pointee, d.pointee)).montgomeryReduced
}

/// a·b - c·d = a·b + c·(p - d), which is never negative.
@inline(never) func fpMulSub(_ r: Pointer<Fp>, _ a: Input<Fp>, _ b: Input<Fp>, _ c: Input<Fp>, _ d: Input<Fp>) {
    unsafe r.pointee = Wide(a.pointee, b.pointee).plainSum(Wide(c.pointee, d.pointee.negated)).montgomeryReduced
}

/// 12·a.
@inline(never) func fpMul12(_ r: Pointer<Fp>, _ a: Input<Fp>) {
    let value = unsafe a.pointee
    let three = value.sum(value).sum(value), six = three.sum(three)
    unsafe r.pointee = six.sum(six)
}
