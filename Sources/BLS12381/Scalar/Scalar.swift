// The scalar field of BLS12-381: integers modulo the prime order r of its groups.

/// An integer modulo r = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001 (255 bits).
///
/// All operations take constant time. A scalar is a plain value: who holds a secret one wipes it with `wipe()`.
public struct Scalar: Sendable, BitwiseCopyable {
    // Montgomery form `a·2²⁵⁶ mod r`, least significant limb first, always below r.
    var l0, l1, l2, l3: UInt64

    @inline(__always)
    init(limbs l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64) {
        (self.l0, self.l1, self.l2, self.l3) = (l0, l1, l2, l3)
    }

    /// Bytes of an encoded scalar.
    public static let byteCount = 32
    public static let zero = Scalar(limbs: 0, 0, 0, 0)
    /// 2²⁵⁶ mod r.
    public static let one = Scalar(limbs: 0x0000_0001_ffff_fffe, 0x5884_b7fa_0003_4802, 0x998c_4fef_ecbc_4ff5, 0x1824_b159_acc5_056f)
    /// 2⁵¹² mod r as a plain number.
    static let montgomerySquare = Scalar(limbs: 0xc999_e990_f3f2_9c6d, 0x2b6c_edcb_8792_5c23, 0x05d3_1496_7254_398f, 0x0748_d9d9_9f59_ff11)

    // Limbs of r. Computed properties, so that they are always immediate operands.
    @inline(__always) static var r0: UInt64 { 0xffff_ffff_0000_0001 }
    @inline(__always) static var r1: UInt64 { 0x53bd_a402_fffe_5bfe }
    @inline(__always) static var r2: UInt64 { 0x3339_d808_09a1_d805 }
    @inline(__always) static var r3: UInt64 { 0x73ed_a753_299d_7d48 }
    /// -r⁻¹ mod 2⁶⁴.
    @inline(__always) static var inverseOfMinusR: UInt64 { 0xffff_fffe_ffff_ffff }

    public init(_ value: UInt64) {
        self = Scalar.montgomerySquare.product(Scalar(limbs: value, 0, 0, 0))
    }

    /// Overwrites the value with zero, in a way that the compiler does not remove.
    public mutating func wipe() { overwrite(&self) }

    /// A uniform non-zero scalar from the system's generator.
    public static func random() -> Scalar {
        var bytes = [UInt8](repeating: 0, count: 48)
        defer { unsafe bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { unsafe overwrite(start, byteCount: $0.count) } } }
        while true {
            fillWithRandomBytes(&bytes)
            let scalar = Scalar(reducing: bytes)
            if !scalar.isZero { return scalar }
        }
    }

    public var isZero: Bool { isZeroMask != 0 }

    var isZeroMask: Mask { BLS12381.isZeroMask(l0 | l1 | l2 | l3) }

    /// 1/self, and 0 for 0.
    public func inverse() -> Scalar {
        withScratch(byteCount: 512) { s in
            var s = s
            let limbs = unsafe s.take(Int64.self, count: 5), modulus = unsafe s.take(Int64.self, count: 5)
            unsafe split(limbs)
            unsafe Scalar(limbs: Scalar.r0, Scalar.r1, Scalar.r2, Scalar.r3).split(modulus)
            // 588 steps for 255 bits, in batches of 59.
            unsafe invertByDivisionSteps(limbs, modulus: modulus, inverse: 0 &- Scalar.inverseOfMinusR, count: 5, batchCount: 10, s)
            // From 1/(a·2²⁵⁶) to 2²⁵⁶/a.
            return unsafe Scalar(joining: limbs).product(.montgomeryCube)
        }
    }

    /// 2⁷⁶⁸ mod r as a plain number.
    private static let montgomeryCube = Scalar(
        limbs: 0xc62c_1807_439b_73af, 0x1b3e_0d18_8cf0_6990, 0x73d1_3c71_c7b5_f418, 0x6e2a_5bb9_c8db_33e9)

    /// The number in five limbs of 62 bits.
    private func split(_ r: Pointer<Int64>) {
        let mask: UInt64 = .max >> 2
        unsafe r[0] = Int64(bitPattern: l0 & mask)
        unsafe r[1] = Int64(bitPattern: (l0 &>> 62 | l1 &<< 2) & mask)
        unsafe r[2] = Int64(bitPattern: (l1 &>> 60 | l2 &<< 4) & mask)
        unsafe r[3] = Int64(bitPattern: (l2 &>> 58 | l3 &<< 6) & mask)
        unsafe r[4] = Int64(bitPattern: l3 &>> 56)
    }

    /// From five limbs of 62 bits.
    private init(joining a: Input<Int64>) {
        func limb(_ i: Int) -> UInt64 { unsafe UInt64(bitPattern: a[i]) }
        self.init(
            limbs: limb(0) | limb(1) &<< 62, limb(1) &>> 2 | limb(2) &<< 60, limb(2) &>> 4 | limb(3) &<< 58,
            limb(3) &>> 6 | limb(4) &<< 56)
    }
}

extension Scalar: Equatable {
    /// Constant time.
    public static func == (a: Scalar, b: Scalar) -> Bool {
        BLS12381.isZeroMask((a.l0 ^ b.l0) | (a.l1 ^ b.l1) | (a.l2 ^ b.l2) | (a.l3 ^ b.l3)) != 0
    }

    public static func + (a: Scalar, b: Scalar) -> Scalar { scalarSum(a, b) }
    public static func - (a: Scalar, b: Scalar) -> Scalar { scalarDifference(a, b) }
    public static func * (a: Scalar, b: Scalar) -> Scalar { scalarProduct(a, b) }
    public static prefix func - (a: Scalar) -> Scalar { scalarDifference(.zero, a) }
    public static func += (a: inout Scalar, b: Scalar) { a = a + b }
    public static func -= (a: inout Scalar, b: Scalar) { a = a - b }
    public static func *= (a: inout Scalar, b: Scalar) { a = a * b }
}
