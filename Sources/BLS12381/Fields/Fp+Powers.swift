// Powers with public exponents in the base field: square roots and inverses.

/// A 384-bit public exponent, least significant limb first.
typealias Exponent = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

enum FpExponent {
    /// (p-3)/4.
    @inline(__always) static var p34: Exponent {
        (
            0xee7f_bfff_ffff_eaaa, 0x07aa_ffff_ac54_ffff, 0xd9cc_34a8_3dac_3d89, 0xd91d_d2e1_3ce1_44af,
            0x92c6_e9ed_90d2_eb35, 0x0680_447a_8e5f_f9a6
        )
    }
}

/// a^exponent with a sliding window of five bits. Time depends on the exponent alone.
private func fpPow(_ r: Pointer<Fp>, _ a: Input<Fp>, _ exponent: Exponent, _ s: Scratch) {
    var s = s
    // Odd powers a, a³, … a³¹.
    let odd = unsafe s.take(Fp.self, count: 16), square = unsafe s.take(Fp.self), result = unsafe s.copy(Fp.one)
    unsafe odd.pointee = a.pointee
    unsafe fpSqr(square, a)
    for i in 1..<16 { unsafe fpMul(odd + i, odd + (i - 1), square) }

    let limbs = [exponent.0, exponent.1, exponent.2, exponent.3, exponent.4, exponent.5]
    func bit(_ i: Int) -> Int { Int(limbs[i >> 6] >> UInt64(i & 63) & 1) }
    var i = 383
    while i >= 0 {
        if bit(i) == 0 {
            unsafe fpSqr(result, result)
            i -= 1
            continue
        }
        var last = max(i - 4, 0)
        while bit(last) == 0 { last += 1 }
        var window = 0
        for j in stride(from: i, through: last, by: -1) {
            window = window << 1 | bit(j)
            unsafe fpSqr(result, result)
        }
        unsafe fpMul(result, result, odd + (window >> 1))
        i = last - 1
    }
    unsafe r.pointee = result.pointee
}

/// a^((p-3)/4): the one exponentiation behind square roots, since p = 3 mod 4.
func fpPowP34(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) {
    unsafe fpPow(r, a, FpExponent.p34, s)
}

/// a^((p+1)/4), which is a root of a if a has one. The mask says whether it has.
func fpSqrt(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) -> Mask {
    var s = s
    let root = unsafe s.take(Fp.self), square = unsafe s.take(Fp.self)
    unsafe fpPowP34(root, a, s)
    unsafe fpMul(root, root, a)
    unsafe fpSqr(square, root)
    let isRoot = unsafe fpEqual(square, a)
    unsafe r.pointee = root.pointee
    return isRoot
}

/// 1/a, and 0 for 0.
func fpInv(_ r: Pointer<Fp>, _ a: Input<Fp>, _ s: Scratch) {
    var s = s
    let limbs = unsafe s.take(Int64.self, count: 7), modulus = unsafe s.take(Int64.self, count: 7)
    unsafe a.pointee.split(limbs)
    unsafe Fp.modulus(masked: ~0).split(modulus)
    // 879 steps for 381 bits, in batches of 59.
    unsafe invertByDivisionSteps(limbs, modulus: modulus, inverse: 0 &- Fp.inverseOfMinusP, count: 7, batchCount: 15, s)
    // From 1/(a·2³⁸⁴) to 2³⁸⁴/a.
    unsafe r.pointee = Fp(joining: limbs).product(.montgomeryCube)
}

extension Fp {
    /// 2¹¹⁵² mod p as a plain number.
    fileprivate static let montgomeryCube = Fp(
        0xed48_ac6b_d94c_a1e0, 0x315f_831e_03a7_adf8, 0x9a53_352a_615e_29dd, 0x34c0_4e5e_921e_1761,
        0x2512_d435_6572_4728, 0x0aa6_3460_9175_5d4d)

    /// The number in seven limbs of 62 bits.
    fileprivate func split(_ r: Pointer<Int64>) {
        let mask: UInt64 = .max >> 2
        unsafe r[0] = Int64(bitPattern: l0 & mask)
        unsafe r[1] = Int64(bitPattern: (l0 &>> 62 | l1 &<< 2) & mask)
        unsafe r[2] = Int64(bitPattern: (l1 &>> 60 | l2 &<< 4) & mask)
        unsafe r[3] = Int64(bitPattern: (l2 &>> 58 | l3 &<< 6) & mask)
        unsafe r[4] = Int64(bitPattern: (l3 &>> 56 | l4 &<< 8) & mask)
        unsafe r[5] = Int64(bitPattern: (l4 &>> 54 | l5 &<< 10) & mask)
        unsafe r[6] = Int64(bitPattern: l5 &>> 52)
    }

    /// From seven limbs of 62 bits.
    fileprivate init(joining a: Input<Int64>) {
        func limb(_ i: Int) -> UInt64 { unsafe UInt64(bitPattern: a[i]) }
        self.init(
            limb(0) | limb(1) &<< 62, limb(1) &>> 2 | limb(2) &<< 60, limb(2) &>> 4 | limb(3) &<< 58,
            limb(3) &>> 6 | limb(4) &<< 56, limb(4) &>> 8 | limb(5) &<< 54, limb(5) &>> 10 | limb(6) &<< 52)
    }
}
