// Scalars from and to big-endian bytes, and the random bytes they come from.

internal import Glibc

extension Scalar {
    /// Reads 32 big-endian bytes.
    ///
    /// - Throws: `wrongLength`, and `notCanonical` for a number that is not below r.
    public init(bytes: [UInt8]) throws(BLS12381Error) {
        guard bytes.count == Scalar.byteCount else { throw .wrongLength(need: Scalar.byteCount, have: bytes.count) }
        let number = Scalar.number(bytes[...])
        guard number.plainDifference(Scalar(limbs: Scalar.r0, Scalar.r1, Scalar.r2, Scalar.r3)).isNegative != 0 else {
            throw .notCanonical
        }
        self = Scalar.montgomerySquare.product(number)
    }

    /// A big-endian number of at most 64 bytes, modulo r.
    ///
    /// 48 uniform bytes give a scalar whose distance from uniform is below 2⁻¹²⁸.
    public init(reducing bytes: [UInt8]) {
        precondition(bytes.count <= 64, "at most 64 bytes")
        let padded = [UInt8](repeating: 0, count: 64 - bytes.count) + bytes
        // high·2²⁵⁶ + low: the first product gives low·2²⁵⁶, the second and third high·2²⁵⁶·2²⁵⁶.
        let high = Scalar.number(padded[..<32]), low = Scalar.number(padded[32...])
        let shifted = high.product(Scalar.montgomerySquare).product(Scalar.montgomerySquare)
        self = low.product(Scalar.montgomerySquare).sum(shifted)
    }

    /// 32 bytes, big-endian.
    public var bytes: [UInt8] {
        let number = canonical
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Scalar.byteCount)
        for limb in [number.l3, number.l2, number.l1, number.l0] {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: limb >> UInt64(shift))) }
        }
        return bytes
    }

    /// 32 big-endian bytes as a plain number.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Scalar {
        func limb(_ index: Int) -> UInt64 {
            bytes.dropFirst(index * 8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        return Scalar(limbs: limb(3), limb(2), limb(1), limb(0))
    }
}

/// Random bytes from the kernel. Traps if it has none, since nothing could go on.
func randomBytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        let result = unsafe getentropy(buffer.baseAddress, count)
        precondition(result == 0, "the system's random generator failed")
        initialized = count
    }
}
