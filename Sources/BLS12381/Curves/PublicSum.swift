// Sums of points times public scalars, in time that depends on the scalars: few with tables (Straus), many with buckets (Pippenger).

/// r = Σ scalarᵢ·pointᵢ for points of the subgroup and scalars that are no secret.
///
/// Each scalar is split by the endomorphism first, so that the doublings are halved (G1) or quartered (G2).
func publicSum<F: GroupField>(_ points: [Projective<F>], _ scalars: [Scalar]) -> Projective<F> {
    points.count * F.partCount <= largestTableSum ? tableSum(points, scalars) : bucketSum(points, scalars)
}

/// Short scalars up to which tables are made sooner than buckets are emptied.
private let largestTableSum = 64

/// As `windowedSum`, without a look at what is not needed.
private func tableSum<F: GroupField>(_ points: [Projective<F>], _ scalars: [Scalar]) -> Projective<F> {
    let digitCount = signedDigitCount(bitCount: F.partBitCount, window: SumWindow.bitCount), termCount = points.count * F.partCount
    let byteCount = windowedSumByteCount(F.self, points.count) + points.count * (MemoryLayout<Projective<F>>.stride + MemoryLayout<Scalar>.stride)
    return withScratch(byteCount: byteCount) { s in
        var s = s
        let bases = unsafe s.take(Projective<F>.self, count: points.count), factors = unsafe s.take(Scalar.self, count: points.count)
        for i in points.indices {
            unsafe bases[i] = points[i]
            unsafe factors[i] = scalars[i]
        }
        let tables = unsafe s.take(Projective<F>.self, count: termCount * SumWindow.entryCount)
        let digits = unsafe s.take(Int32.self, count: (termCount * digitCount + 3) & ~3)
        unsafe fillWindows(tables, digits, bases, factors, points.count, s)
        let sum = unsafe s.copy(Projective<F>.identity), negative = unsafe s.take(Projective<F>.self)
        for position in stride(from: digitCount - 1, through: 0, by: -1) {
            if position < digitCount - 1 {
                for _ in 0..<SumWindow.bitCount { unsafe pointDouble(sum, sum, s) }
            }
            for term in 0..<termCount {
                let digit = unsafe digits[term * digitCount + position]
                guard digit != 0 else { continue }
                let multiple = unsafe tables + (term * SumWindow.entryCount + Int(digit.magnitude) - 1)
                guard digit < 0 else {
                    unsafe pointAdd(sum, sum, multiple, s)
                    continue
                }
                unsafe negative.pointee = multiple.pointee
                unsafe F.neg(negative.y, negative.y)
                unsafe pointAdd(sum, sum, negative, s)
            }
        }
        return unsafe sum.pointee
    }
}

private func bucketSum<F: GroupField>(_ points: [Projective<F>], _ scalars: [Scalar]) -> Projective<F> {
    var terms: [(point: Projective<F>, number: UInt128)] = []
    terms.reserveCapacity(points.count * F.partCount)
    withScratch { s in
        var s = s
        let parts = unsafe s.take(UInt128.self, count: F.partCount), image = unsafe s.take(Projective<F>.self)
        for (point, scalar) in zip(points, scalars) {
            unsafe image.pointee = point
            unsafe F.split(parts, scalar)
            for part in 0..<F.partCount {
                if part > 0 { unsafe F.nextImage(image, image, s) }
                if unsafe parts[part] != 0 { unsafe terms.append((image.pointee, parts[part])) }
            }
        }
    }
    let window = windowWidth(terms.count)
    let digitCount = signedDigitCount(bitCount: F.partBitCount, window: window), bucketCount = 1 << (window - 1)
    let byteCount = (bucketCount + 8) * MemoryLayout<Projective<F>>.stride + terms.count * digitCount * 4 + 24 * 1024
    return withScratch(byteCount: byteCount) { s in
        var s = s
        let buckets = unsafe s.take(Projective<F>.self, count: bucketCount)
        let sum = unsafe s.copy(Projective<F>.identity), running = unsafe s.take(Projective<F>.self)
        let total = unsafe s.take(Projective<F>.self), term = unsafe s.take(Projective<F>.self)
        let digits = unsafe s.take(Int32.self, count: (terms.count * digitCount + 3) & ~3)
        for (i, term) in terms.enumerated() {
            unsafe signedDigits(digits + i * digitCount, term.number, bitCount: F.partBitCount, window: window)
        }
        for position in stride(from: digitCount - 1, through: 0, by: -1) {
            if position < digitCount - 1 {
                for _ in 0..<window { unsafe pointDouble(sum, sum, s) }
            }
            for i in 0..<bucketCount { unsafe buckets[i] = .identity }
            var isUsed = false
            for i in terms.indices {
                let digit = unsafe digits[i * digitCount + position]
                guard digit != 0 else { continue }
                isUsed = true
                unsafe term.pointee = terms[i].point
                if digit < 0 { unsafe F.neg(term.y, term.y) }
                let bucket = unsafe buckets + (Int(digit.magnitude) - 1)
                unsafe pointAdd(bucket, bucket, term, s)
            }
            guard isUsed else { continue }
            // Σ i·bucket(i): running sums from the top.
            unsafe running.pointee = .identity
            unsafe total.pointee = .identity
            for i in stride(from: bucketCount - 1, through: 0, by: -1) {
                unsafe pointAdd(running, running, buckets + i, s)
                unsafe pointAdd(total, total, running, s)
            }
            unsafe pointAdd(sum, sum, total, s)
        }
        return unsafe sum.pointee
    }
}

/// The window that needs the fewest additions for a number of terms: about (terms + 2·buckets)·(bits/window).
private func windowWidth(_ count: Int) -> Int {
    (2...12).min { left, right in
        func cost(_ window: Int) -> Double { Double(count + (2 << (window - 1))) / Double(window) }
        return cost(left) < cost(right)
    } ?? 4
}
