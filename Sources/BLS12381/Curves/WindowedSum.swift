// Sums of points times secret scalars: one chain of doublings for all (Straus), signed windows of four bits, constant time.

/// Signed windows, for which multiples 1 to 8 of a point are made.
enum SumWindow {
    static let bitCount = 4
    static let entryCount = 8
}

/// r = Σ scalarᵢ·pointᵢ for points of the subgroup. The number of points is public, the rest may be secret.
///
/// Needs `windowedSumByteCount(F.self, count)` bytes of scratch.
func windowedSum<F: GroupField>(
    _ r: Pointer<Projective<F>>, _ points: Input<Projective<F>>, _ scalars: Input<Scalar>, _ count: Int, _ s: Scratch
) {
    var s = s
    let digitCount = signedDigitCount(bitCount: F.partBitCount, window: SumWindow.bitCount)
    let termCount = count * F.partCount
    let tables = unsafe s.take(Projective<F>.self, count: termCount * SumWindow.entryCount)
    let digits = unsafe s.take(Int32.self, count: (termCount * digitCount + 3) & ~3)
    unsafe fillWindows(tables, digits, points, scalars, count, s)
    let sum = unsafe s.copy(Projective<F>.identity), chosen = unsafe s.take(Projective<F>.self)
    for position in stride(from: digitCount - 1, through: 0, by: -1) {
        if position < digitCount - 1 {
            for _ in 0..<SumWindow.bitCount { unsafe pointDouble(sum, sum, s) }
        }
        for term in 0..<termCount {
            unsafe chooseMultiple(chosen, tables + term * SumWindow.entryCount, digits[term * digitCount + position])
            unsafe pointAdd(sum, sum, chosen, s)
        }
    }
    unsafe r.pointee = sum.pointee
}

/// Multiples of each point and of its images, and the digits of the short scalars that belong to them.
func fillWindows<F: GroupField>(
    _ tables: Pointer<Projective<F>>, _ digits: Pointer<Int32>, _ points: Input<Projective<F>>, _ scalars: Input<Scalar>, _ count: Int, _ s: Scratch
) {
    var s = s
    let digitCount = signedDigitCount(bitCount: F.partBitCount, window: SumWindow.bitCount)
    let parts = unsafe s.take(UInt128.self, count: F.partCount)
    for i in 0..<count {
        let first = i * F.partCount
        unsafe fillMultiples(tables + first * SumWindow.entryCount, points + i, s)
        unsafe F.split(parts, scalars[i])
        for part in 0..<F.partCount {
            let term = first + part
            unsafe signedDigits(digits + term * digitCount, parts[part], bitCount: F.partBitCount, window: SumWindow.bitCount)
            guard part > 0 else { continue }
            for entry in 0..<SumWindow.entryCount {
                let place = unsafe tables + (term * SumWindow.entryCount + entry)
                unsafe F.nextImage(place, place - SumWindow.entryCount, s)
            }
        }
    }
}

/// Scratch for `windowedSum` over `count` points.
func windowedSumByteCount<F: GroupField>(_ field: F.Type, _ count: Int) -> Int {
    let digitCount = signedDigitCount(bitCount: F.partBitCount, window: SumWindow.bitCount)
    return 24 * 1024 + count * F.partCount * (SumWindow.entryCount * MemoryLayout<Projective<F>>.stride + digitCount * 4)
}

/// a, 2a, … 8a.
private func fillMultiples<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ s: Scratch) {
    unsafe r.pointee = a.pointee
    for i in 1..<SumWindow.entryCount {
        if i & 1 == 1 { unsafe pointDouble(r + i, r + i / 2, s) } else { unsafe pointAdd(r + i, r + (i - 1), a, s) }
    }
}

/// digit·a for a secret digit from -8 to 8, by a look at every multiple.
private func chooseMultiple<F>(_ r: Pointer<Projective<F>>, _ multiples: Input<Projective<F>>, _ digit: Int32) {
    let sign = UInt64(bitPattern: Int64(digit >> 31)), magnitude = UInt64(truncatingIfNeeded: (digit ^ (digit >> 31)) &- (digit >> 31))
    unsafe r.pointee = Projective<F>.identity
    for i in 0..<SumWindow.entryCount { unsafe pointCmov(r, multiples + i, isEqualMask(magnitude, UInt64(i + 1))) }
    unsafe F.cneg(r.y, sign)
}
