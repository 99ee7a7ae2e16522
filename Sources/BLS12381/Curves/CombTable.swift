// Multiples of one fixed point, so that a multiplication is additions only.

/// For each window of six bits, the multiples 1 to 32 of 64ⁱ·point, affine. Looked up by a scan, in constant time.
@safe
final class CombTable<F: GroupField>: @unchecked Sendable {
    // Sendable: written in init, only read afterwards.
    private static var window: Int { 6 }
    private static var entryCount: Int { 32 }
    private static var digitCount: Int { signedDigitCount(bitCount: 255, window: window) }

    private let entries: UnsafeMutableBufferPointer<Affine<F>>
    private let isIdentity: Bool

    /// - Parameter point: Of the subgroup. Its infinity is public.
    init(_ point: Projective<F>) {
        let count = Self.digitCount * Self.entryCount
        let entries = UnsafeMutableBufferPointer<Affine<F>>.allocate(capacity: count)
        unsafe self.entries = entries
        let byteCount = count * (MemoryLayout<Projective<F>>.stride + MemoryLayout<F>.stride) + 32 * 1024
        isIdentity = withScratch(byteCount: byteCount) { s in
            var s = s
            let multiples = unsafe s.take(Projective<F>.self, count: count), base = unsafe s.copy(point)
            guard unsafe pointIsIdentity(base) == 0 else { return true }
            for row in 0..<Self.digitCount {
                let first = unsafe multiples + row * Self.entryCount
                unsafe first.pointee = base.pointee
                for i in 1..<Self.entryCount { unsafe pointAdd(first + i, first + (i - 1), base, s) }
                unsafe pointDouble(base, first + (Self.entryCount - 1), s)
            }
            if let start = entries.baseAddress { unsafe pointsToAffine(start, multiples, count, s) }
            return false
        }
    }

    deinit { unsafe entries.deallocate() }

    /// scalar·point, constant time.
    func multiply(_ scalar: Scalar) -> Projective<F> {
        guard !isIdentity, let start = unsafe entries.baseAddress else { return .identity }
        return withScratch { s in
            var s = s
            let sum = unsafe s.copy(Projective<F>.identity), next = unsafe s.take(Projective<F>.self)
            let chosen = unsafe s.take(Affine<F>.self), digits = unsafe s.take(Int32.self, count: 64)
            unsafe signedDigits(digits, scalar, window: Self.window)
            for row in 0..<Self.digitCount {
                let digit = unsafe digits[row]
                let sign = UInt64(bitPattern: Int64(digit >> 31))
                let magnitude = UInt64(truncatingIfNeeded: (digit ^ (digit >> 31)) &- (digit >> 31))
                unsafe chosen.pointee = start[row * Self.entryCount]
                for i in 1..<Self.entryCount {
                    let mask = isEqualMask(magnitude, UInt64(i + 1))
                    unsafe F.cmov(chosen.x, (start + (row * Self.entryCount + i)).x, mask)
                    unsafe F.cmov(chosen.y, (start + (row * Self.entryCount + i)).y, mask)
                }
                unsafe F.cneg(chosen.y, sign)
                unsafe pointAddMixed(next, sum, chosen, s)
                unsafe pointCmov(sum, next, ~isZeroMask(magnitude))
            }
            return unsafe sum.pointee
        }
    }
}
