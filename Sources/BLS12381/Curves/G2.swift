// The group G2: points of the twist E' over Fp2.

/// A point of G2, the subgroup of order r of E': y² = x³ + 4(1+u) over Fp2.
///
/// Always in the subgroup: every way to make one either checks it or cannot leave it. Operations take constant time unless
/// their name says otherwise. A plain value: who holds a secret one wipes it with `wipe()`.
public struct G2: Sendable {
    var point: G2Projective

    /// A point that is known to be in the subgroup.
    init(unchecked point: G2Projective) { self.point = point }

    public static let identity = G2(unchecked: .identity)
    /// The standard generator.
    public static let generator = G2(
        unchecked: G2Projective(
            G2Affine(
                x: Fp2(
                    Fp(
                        0xf5f2_8fa2_0294_0a10, 0xb3f5_fb26_87b4_961a, 0xa1a8_93b5_3e2a_e580,
                        0x9894_999d_1a3c_aee9, 0x6f67_b763_1863_366b, 0x0581_9192_4350_bcd7),
                    Fp(
                        0xa5a9_c075_9e23_f606, 0xaaa0_c59d_bccd_60c3, 0x3bb1_7e18_e286_7806,
                        0x1b1a_b6cc_8541_b367, 0xc2b6_ed0e_f215_8547, 0x1192_2a09_7360_edf3)),
                y: Fp2(
                    Fp(
                        0x4c73_0af8_6049_4c4a, 0x597c_fa1f_5e36_9c5a, 0xe7e6_856c_aa0a_635a,
                        0xbbef_b5e9_6e0d_495f, 0x07d3_a975_f0ef_25a2, 0x0083_fd8e_7e80_dae5),
                    Fp(
                        0xadc0_fc92_df64_b05d, 0x18aa_270a_2b14_61dc, 0x86ad_ac6a_3be4_eba0,
                        0x7949_5c4e_c93d_a33a, 0xe717_5850_a43c_caed, 0x0b2b_c2a1_63de_1bf2)))))
    /// Multiples of the generator.
    public static let generatorTable = Table(generator)

    public var isIdentity: Bool { point.z == Fp2() }

    /// Overwrites the coordinates, in a way that the compiler does not remove.
    public mutating func wipe() {
        overwrite(&point)
        point = .identity
    }

    /// Multiples of one point, for many multiplications of it.
    public final class Table: Sendable {
        private let comb: CombTable<Fp2>

        public init(_ point: G2) { comb = CombTable(point.point) }

        /// scalar·point.
        public func multiply(_ scalar: Scalar) -> G2 { G2(unchecked: comb.multiply(scalar)) }
    }
}

extension G2: Equatable {
    public static func == (a: G2, b: G2) -> Bool {
        withScratch { s in
            var s = s
            let left = unsafe s.copy(a.point), right = unsafe s.copy(b.point)
            return unsafe pointEqual(left, right, s) != 0
        }
    }

    public static func + (a: G2, b: G2) -> G2 {
        withScratch { s in
            var s = s
            let sum = unsafe s.copy(a.point), right = unsafe s.copy(b.point)
            unsafe pointAdd(sum, sum, right, s)
            return G2(unchecked: unsafe sum.pointee)
        }
    }

    public static func - (a: G2, b: G2) -> G2 { a + -b }

    public static prefix func - (a: G2) -> G2 {
        var negative = a
        unsafe withUnsafeMutablePointer(to: &negative.point) { unsafe pointNeg($0, $0) }
        return negative
    }

    public static func += (a: inout G2, b: G2) { a = a + b }
    public static func -= (a: inout G2, b: G2) { a = a - b }

    public func doubled() -> G2 { self + self }

    /// scalar·point.
    public static func * (point: G2, scalar: Scalar) -> G2 { sum([point], times: [scalar]) }

    /// Σ scalarᵢ·pointᵢ with one chain of doublings. Constant time in points and scalars.
    public static func sum(_ points: [G2], times scalars: [Scalar]) -> G2 {
        precondition(points.count == scalars.count, "as many scalars as points")
        guard !points.isEmpty else { return .identity }
        let byteCount = windowedSumByteCount(Fp2.self, points.count) + points.count * MemoryLayout<(G2, Scalar)>.stride
        return withScratch(byteCount: byteCount) { s in
            var s = s
            let bases = unsafe s.take(G2Projective.self, count: points.count), factors = unsafe s.take(Scalar.self, count: points.count)
            for i in points.indices {
                unsafe bases[i] = points[i].point
                unsafe factors[i] = scalars[i]
            }
            let result = unsafe s.take(G2Projective.self)
            unsafe windowedSum(result, bases, factors, points.count, s)
            return G2(unchecked: unsafe result.pointee)
        }
    }

    /// Σ scalarᵢ·pointᵢ, in time that depends on the scalars.
    public static func sumVartime(_ points: [G2], times scalars: [Scalar]) -> G2 {
        precondition(points.count == scalars.count, "as many scalars as points")
        return G2(unchecked: publicSum(points.map(\.point), scalars))
    }
}

extension G2 {
    /// Reads 96 bytes. Infinity is accepted: ask `isIdentity` where it must not be.
    ///
    /// - Throws: for every encoding but the one that `compressed` gives.
    public init(compressed bytes: [UInt8]) throws(BLS12381Error) { point = try decodeCompressed(bytes, Fp2.self) }

    /// Reads 192 bytes. Infinity is accepted: ask `isIdentity` where it must not be.
    ///
    /// - Throws: for every encoding but the one that `uncompressed` gives.
    public init(uncompressed bytes: [UInt8]) throws(BLS12381Error) { point = try decodeUncompressed(bytes, Fp2.self) }

    /// 96 bytes.
    public var compressed: [UInt8] { G2.compressed([self])[0] }

    /// 192 bytes.
    public var uncompressed: [UInt8] { encodePoints([point], isCompressed: false)[0] }

    /// Many encodings with one inversion.
    public static func compressed(_ points: [G2]) -> [[UInt8]] { encodePoints(points.map(\.point), isCompressed: true) }
}
