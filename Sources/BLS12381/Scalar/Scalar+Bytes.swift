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
        // high·2²⁵⁶ + low: the first product gives low·2²⁵⁶, the second and third high·2²⁵⁶·2²⁵⁶.
        let high = Scalar.number(bytes.dropLast(32)), low = Scalar.number(bytes.suffix(32))
        let shifted = high.product(Scalar.montgomerySquare).product(Scalar.montgomerySquare)
        self = low.product(Scalar.montgomerySquare).sum(shifted)
    }

    /// 32 bytes, big-endian.
    public var bytes: [UInt8] {
        let number = canonical
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Scalar.byteCount)
        func append(_ limb: UInt64) {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: limb >> UInt64(shift))) }
        }
        append(number.l3)
        append(number.l2)
        append(number.l1)
        append(number.l0)
        return bytes
    }

    /// At most 32 big-endian bytes as a plain number.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Scalar {
        var number = Scalar.zero
        for byte in bytes {
            number.l3 = number.l3 &<< 8 | number.l2 &>> 56
            number.l2 = number.l2 &<< 8 | number.l1 &>> 56
            number.l1 = number.l1 &<< 8 | number.l0 &>> 56
            number.l0 = number.l0 &<< 8 | UInt64(byte)
        }
        return number
    }
}

/// Random bytes from the kernel. Traps if it has none, since nothing could go on.
func fillWithRandomBytes(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
        let result = unsafe getentropy(buffer.baseAddress, buffer.count)
        precondition(result == 0, "the system's random generator failed")
    }
}
