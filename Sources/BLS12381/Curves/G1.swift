// The group G1: points of E over Fp.

/// A point of G1, the subgroup of order r of E: y² = x³ + 4 over Fp.
///
/// Always in the subgroup: every way to make one either checks it or cannot leave it. Operations take constant time unless
/// their name says otherwise. A plain value: who holds a secret one wipes it with `wipe()`.
public struct G1: Sendable {
    var point: G1Projective

    /// A point that is known to be in the subgroup.
    init(unchecked point: G1Projective) { self.point = point }

    public static let identity = G1(unchecked: .identity)
    /// The standard generator.
    public static let generator = G1(
        unchecked: G1Projective(
            G1Affine(
                x: Fp(
                    0x5cb3_8790_fd53_0c16, 0x7817_fc67_9976_fff5, 0x154f_95c7_143b_a1c1,
                    0xf0ae_6acd_f3d0_e747, 0xedce_6ecc_21db_f440, 0x1201_7741_9e0b_fb75),
                y: Fp(
                    0xbaac_93d5_0ce7_2271, 0x8c22_631a_7918_fd8e, 0xdd59_5f13_5707_25ce,
                    0x51ac_5829_5040_5194, 0x0e1c_8c3f_ad00_59c0, 0x0bbc_3efc_5008_a26a))))
    /// Multiples of the generator.
    public static let generatorTable = Table(generator)

    public var isIdentity: Bool { point.z == Fp() }

    /// Overwrites the coordinates, in a way that the compiler does not remove.
    public mutating func wipe() {
        overwrite(&point)
        point = .identity
    }

    /// Multiples of one point, for many multiplications of it.
    public final class Table: Sendable {
        private let comb: CombTable<Fp>

        public init(_ point: G1) { comb = CombTable(point.point) }

        /// scalar·point.
        public func multiply(_ scalar: Scalar) -> G1 { G1(unchecked: comb.multiply(scalar)) }
    }
}

extension G1: Equatable {
    public static func == (a: G1, b: G1) -> Bool {
        withScratch { s in
            var s = s
            let left = unsafe s.copy(a.point), right = unsafe s.copy(b.point)
            return unsafe pointEqual(left, right, s) != 0
        }
    }

    public static func + (a: G1, b: G1) -> G1 {
        withScratch { s in
            var s = s
            let sum = unsafe s.copy(a.point), right = unsafe s.copy(b.point)
            unsafe pointAdd(sum, sum, right, s)
            return G1(unchecked: unsafe sum.pointee)
        }
    }

    public static func - (a: G1, b: G1) -> G1 { a + -b }

    public static prefix func - (a: G1) -> G1 {
        var negative = a
        unsafe withUnsafeMutablePointer(to: &negative.point) { unsafe pointNeg($0, $0) }
        return negative
    }

    public static func += (a: inout G1, b: G1) { a = a + b }
    public static func -= (a: inout G1, b: G1) { a = a - b }

    public func doubled() -> G1 { self + self }

    /// scalar·point.
    public static func * (point: G1, scalar: Scalar) -> G1 { sum([point], times: [scalar]) }

    /// Σ scalarᵢ·pointᵢ with one chain of doublings. Constant time in points and scalars.
    public static func sum(_ points: [G1], times scalars: [Scalar]) -> G1 {
        precondition(points.count == scalars.count, "as many scalars as points")
        guard !points.isEmpty else { return .identity }
        let byteCount = windowedSumByteCount(Fp.self, points.count) + points.count * MemoryLayout<(G1, Scalar)>.stride
        return withScratch(byteCount: byteCount) { s in
            var s = s
            let bases = unsafe s.take(G1Projective.self, count: points.count), factors = unsafe s.take(Scalar.self, count: points.count)
            for i in points.indices {
                unsafe bases[i] = points[i].point
                unsafe factors[i] = scalars[i]
            }
            let result = unsafe s.take(G1Projective.self)
            unsafe windowedSum(result, bases, factors, points.count, s)
            return G1(unchecked: unsafe result.pointee)
        }
    }

    /// Σ scalarᵢ·pointᵢ, in time that depends on the scalars.
    public static func sumVartime(_ points: [G1], times scalars: [Scalar]) -> G1 {
        precondition(points.count == scalars.count, "as many scalars as points")
        return G1(unchecked: publicSum(points.map(\.point), scalars))
    }
}

extension G1 {
    /// Reads 48 bytes. Infinity is accepted: ask `isIdentity` where it must not be.
    ///
    /// - Throws: for every encoding but the one that `compressed` gives.
    public init(compressed bytes: [UInt8]) throws(BLS12381Error) { point = try decodeCompressed(bytes, Fp.self) }

    /// Reads 96 bytes. Infinity is accepted: ask `isIdentity` where it must not be.
    ///
    /// - Throws: for every encoding but the one that `uncompressed` gives.
    public init(uncompressed bytes: [UInt8]) throws(BLS12381Error) { point = try decodeUncompressed(bytes, Fp.self) }

    /// 48 bytes.
    public var compressed: [UInt8] { G1.compressed([self])[0] }

    /// 96 bytes.
    public var uncompressed: [UInt8] { encodePoints([point], isCompressed: false)[0] }

    /// Many encodings with one inversion.
    public static func compressed(_ points: [G1]) -> [[UInt8]] { encodePoints(points.map(\.point), isCompressed: true) }
}
