// Powers in GT: the Frobenius map acts as the curve's parameter, so four digits of 64 bits are raised together.

private let windowBitCount = 4
private let entryCount = 8

extension GT {
    /// self^scalar in constant time: 64 cyclotomic squarings and 68 products.
    public func power(_ scalar: Scalar) -> GT {
        withScratch(byteCount: scratchByteCount + 4 * entryCount * MemoryLayout<Fp12>.stride) { s in
            var s = s
            let digitCount = signedDigitCount(bitCount: 64, window: windowBitCount)
            let table = unsafe s.take(Fp12.self, count: 4 * entryCount), digits = unsafe s.take(Int32.self, count: 4 * digitCount)
            let result = unsafe s.copy(Fp12.one), chosen = unsafe s.take(Fp12.self)
            unsafe fillPowers(table, value, s)
            // In the arena: an array of them would leave a copy behind.
            let parts = unsafe s.take(UInt64.self, count: 4)
            unsafe (parts[0], parts[1], parts[2], parts[3]) = scalar.splitByParameter()
            for part in 0..<4 {
                unsafe signedDigits(digits + part * digitCount, UInt128(parts[part]), bitCount: 64, window: windowBitCount)
                guard part > 0 else { continue }
                // π acts as x = -|x|: the image that belongs to |x| is its conjugate.
                for i in part * entryCount..<(part + 1) * entryCount {
                    unsafe fp12Frobenius(table + i, table + (i - entryCount), s)
                    unsafe fp12Conj(table + i, table + i)
                }
            }
            for position in stride(from: digitCount - 1, through: 0, by: -1) {
                if position < digitCount - 1 {
                    for _ in 0..<windowBitCount { unsafe cyclotomicSqr(result, result, s) }
                }
                for part in 0..<4 {
                    unsafe choosePower(chosen, table + part * entryCount, digits[part * digitCount + position], s)
                    unsafe fp12Mul(result, result, chosen, s)
                }
            }
            return GT(unchecked: unsafe result.pointee)
        }
    }

    /// Powers of one element, for many powers of it.
    public final class Table: Sendable {
        private let rows: [Fp12]

        /// 65 windows of four bits, 8 powers each (300 KB).
        public init(_ element: GT) {
            rows = withScratch { s in
                var s = s
                let base = unsafe s.copy(element.value), row = unsafe s.take(Fp12.self, count: entryCount)
                var rows: [Fp12] = []
                for _ in 0..<signedDigitCount(bitCount: 255, window: windowBitCount) {
                    unsafe fillPowers(row, base.pointee, s)
                    for i in 0..<entryCount { unsafe rows.append(row[i]) }
                    unsafe cyclotomicSqr(base, row + (entryCount - 1), s)
                }
                return rows
            }
        }

        /// element^scalar in constant time: products only.
        public func power(_ scalar: Scalar) -> GT {
            withScratch { s in
                var s = s
                let count = signedDigitCount(bitCount: 255, window: windowBitCount)
                let digits = unsafe s.take(Int32.self, count: count), row = unsafe s.take(Fp12.self, count: entryCount)
                let result = unsafe s.copy(Fp12.one), chosen = unsafe s.take(Fp12.self)
                unsafe signedDigits(digits, scalar, window: windowBitCount)
                for position in 0..<count {
                    for i in 0..<entryCount { unsafe row[i] = rows[position * entryCount + i] }
                    unsafe choosePower(chosen, row, digits[position], s)
                    unsafe fp12Mul(result, result, chosen, s)
                }
                return GT(unchecked: unsafe result.pointee)
            }
        }
    }
}

/// a, a², … a⁸ for a cyclotomic a.
private func fillPowers(_ r: Pointer<Fp12>, _ a: Fp12, _ s: Scratch) {
    unsafe r.pointee = a
    for i in 1..<entryCount {
        if i & 1 == 1 { unsafe cyclotomicSqr(r + i, r + i / 2, s) } else { unsafe fp12Mul(r + i, r + (i - 1), r, s) }
    }
}

/// a^digit for a secret digit from -8 to 8, by a look at every power.
private func choosePower(_ r: Pointer<Fp12>, _ powers: Input<Fp12>, _ digit: Int32, _ s: Scratch) {
    var s = s
    let sign = UInt64(bitPattern: Int64(digit >> 31)), magnitude = UInt64(truncatingIfNeeded: (digit ^ (digit >> 31)) &- (digit >> 31))
    unsafe r.pointee = Fp12.one
    for i in 0..<entryCount { unsafe fp12Cmov(r, powers + i, isEqualMask(magnitude, UInt64(i + 1))) }
    let inverse = unsafe s.take(Fp12.self)
    unsafe fp12Conj(inverse, r)
    unsafe fp12Cmov(r, inverse, sign)
}
