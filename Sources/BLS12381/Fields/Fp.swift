// The base field of BLS12-381: integers modulo the 381-bit prime p.

/// An element of the field of p elements, p = (x-1)²·r/3 + x with x = -0xd201000000010000.
///
/// Montgomery form `a·2³⁸⁴ mod p`, six limbs, least significant first, always below p.
struct Fp: Sendable, BitwiseCopyable {
    var l0, l1, l2, l3, l4, l5: UInt64

    /// From limbs in Montgomery form, least significant first.
    @inline(__always)
    init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64, _ l5: UInt64) {
        (self.l0, self.l1, self.l2, self.l3, self.l4, self.l5) = (l0, l1, l2, l3, l4, l5)
    }

    /// Zero.
    @inline(__always)
    init() { self.init(0, 0, 0, 0, 0, 0) }

    static let zero = Fp()
    /// 2³⁸⁴ mod p.
    static let one = Fp(
        0x7609_0000_0002_fffd, 0xebf4_000b_c40c_0002, 0x5f48_9857_53c7_58ba, 0x77ce_5853_7052_5745,
        0x5c07_1a97_a256_ec6d, 0x15f6_5ec3_fa80_e493)
    /// 2⁷⁶⁸ mod p as a plain number: the Montgomery form of 2³⁸⁴, which turns a number into Montgomery form.
    static let montgomerySquare = Fp(
        0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5, 0x67eb_88a9_939d_83c0,
        0x9a79_3e85_b519_952d, 0x1198_8fe5_92ca_e3aa)

    // Limbs of p. Computed properties, so that they are always immediate operands.
    @inline(__always) static var p0: UInt64 { 0xb9fe_ffff_ffff_aaab }
    @inline(__always) static var p1: UInt64 { 0x1eab_fffe_b153_ffff }
    @inline(__always) static var p2: UInt64 { 0x6730_d2a0_f6b0_f624 }
    @inline(__always) static var p3: UInt64 { 0x6477_4b84_f385_12bf }
    @inline(__always) static var p4: UInt64 { 0x4b1b_a7b6_434b_acd7 }
    @inline(__always) static var p5: UInt64 { 0x1a01_11ea_397f_e69a }
    /// -p⁻¹ mod 2⁶⁴.
    @inline(__always) static var inverseOfMinusP: UInt64 { 0x89f3_fffc_fffc_fffd }
}

extension Fp {
    /// `self` when below p, else `self - p`. For numbers below 2p.
    @inline(__always)
    var reducedOnce: Fp {
        var d = Fp(), borrow: UInt64
        (d.l0, borrow) = sbb(l0, Fp.p0, 0)
        (d.l1, borrow) = sbb(l1, Fp.p1, borrow)
        (d.l2, borrow) = sbb(l2, Fp.p2, borrow)
        (d.l3, borrow) = sbb(l3, Fp.p3, borrow)
        (d.l4, borrow) = sbb(l4, Fp.p4, borrow)
        (d.l5, borrow) = sbb(l5, Fp.p5, borrow)
        return Fp.select(0 &- borrow, self, d)
    }

    /// The sum as a plain number, not reduced. The caller knows that it stays below 2³⁸⁴.
    @inline(__always)
    func plainSum(_ b: Fp) -> Fp {
        var s = Fp(), carry: UInt64
        (s.l0, carry) = adc(l0, b.l0, 0)
        (s.l1, carry) = adc(l1, b.l1, carry)
        (s.l2, carry) = adc(l2, b.l2, carry)
        (s.l3, carry) = adc(l3, b.l3, carry)
        (s.l4, carry) = adc(l4, b.l4, carry)
        s.l5 = l5 &+ b.l5 &+ carry
        return s
    }

    /// `self - b` as a plain number modulo 2³⁸⁴, and the borrow as a mask.
    @inline(__always)
    func plainDifference(_ b: Fp) -> (difference: Fp, isNegative: Mask) {
        var d = Fp(), borrow: UInt64
        (d.l0, borrow) = sbb(l0, b.l0, 0)
        (d.l1, borrow) = sbb(l1, b.l1, borrow)
        (d.l2, borrow) = sbb(l2, b.l2, borrow)
        (d.l3, borrow) = sbb(l3, b.l3, borrow)
        (d.l4, borrow) = sbb(l4, b.l4, borrow)
        (d.l5, borrow) = sbb(l5, b.l5, borrow)
        return (d, 0 &- borrow)
    }

    /// p under a mask.
    @inline(__always)
    static func modulus(masked mask: Mask) -> Fp {
        Fp(p0 & mask, p1 & mask, p2 & mask, p3 & mask, p4 & mask, p5 & mask)
    }

    /// `mask ? a : b`.
    @inline(__always)
    static func select(_ mask: Mask, _ a: Fp, _ b: Fp) -> Fp {
        Fp(
            BLS12381.select(mask, a.l0, b.l0), BLS12381.select(mask, a.l1, b.l1), BLS12381.select(mask, a.l2, b.l2),
            BLS12381.select(mask, a.l3, b.l3), BLS12381.select(mask, a.l4, b.l4), BLS12381.select(mask, a.l5, b.l5))
    }

    @inline(__always)
    func sum(_ b: Fp) -> Fp { plainSum(b).reducedOnce }

    @inline(__always)
    func difference(_ b: Fp) -> Fp {
        let (d, isNegative) = plainDifference(b)
        return d.plainSum(Fp.modulus(masked: isNegative))
    }

    /// p - self, and 0 for 0.
    @inline(__always)
    var negated: Fp { Fp.modulus(masked: ~isZero).plainDifference(self).difference }

    @inline(__always)
    var isZero: Mask { isZeroMask(l0 | l1 | l2 | l3 | l4 | l5) }

    @inline(__always)
    func isEqual(_ b: Fp) -> Mask {
        isZeroMask((l0 ^ b.l0) | (l1 ^ b.l1) | (l2 ^ b.l2) | (l3 ^ b.l3) | (l4 ^ b.l4) | (l5 ^ b.l5))
    }
}
