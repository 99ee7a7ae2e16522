// Constant-time inversion modulo an odd prime by division steps, for the base field and the scalar field.
//
// Source: Bernstein, Yang, "Fast constant-time gcd computation and modular inversion", 2019, in the form with δ = 1/2 and
// batches of 59 steps on the lowest 62 bits, whose matrices are then applied to the whole numbers (Wuille's description in
// libsecp256k1, doc/safegcd_implementation.md).
//
// Invariants, with limbs of 62 bits, signed in the last one:
// 1. f and g have the gcd 1 and lie between -m and m; f is odd.
// 2. d·a = f and e·a = g modulo m, with d and e between -2m and m.
// 3. After ⌊(45907·b + 26313)/19929⌋ steps for b bits, g = 0 and f = ±1 (or ±m for a = 0, and then d = 0).

/// The product of a batch of division steps, times 2⁶²: (f, g) goes to (u·f + v·g, q·f + r·g)/2⁶².
private struct StepMatrix {
    var u, v, q, r: Int64
}

private let limbMask: UInt64 = .max >> 2

/// a⁻¹ mod m, and 0 for 0. Numbers are `count` limbs of 62 bits; m is odd, `batchCount` batches of 59 steps are enough
/// for it, and `inverse` is m⁻¹ mod 2⁶². `a` is overwritten with the result, between 0 and m.
@inline(__always)
func invertByDivisionSteps(
    _ a: Pointer<Int64>, modulus m: Input<Int64>, inverse: UInt64, count: Int, batchCount: Int, _ s: Scratch
) {
    var s = s
    let d = unsafe s.take(Int64.self, count: count), e = unsafe s.take(Int64.self, count: count)
    let f = unsafe s.take(Int64.self, count: count), g = unsafe a
    for i in 0..<count {
        unsafe d[i] = 0
        unsafe e[i] = 0
        unsafe f[i] = m[i]
    }
    unsafe e[0] = 1
    var zeta: Int64 = -1
    for _ in 0..<batchCount {
        let t = unsafe divisionSteps(&zeta, UInt64(bitPattern: f[0]), UInt64(bitPattern: g[0]))
        unsafe updateCofactors(d, e, t, m, inverse, count)
        unsafe updateOperands(f, g, t, count)
    }
    // f = ±1: the inverse is ±d.
    unsafe normalise(d, sign: f[count - 1] >> 63, m, count)
    for i in 0..<count { unsafe a[i] = d[i] }
}

/// 59 division steps on the lowest limbs, branch-free. zeta is -(δ + 1/2).
@inline(never)
private func divisionSteps(_ zeta: inout Int64, _ f0: UInt64, _ g0: UInt64) -> StepMatrix {
    // 59 doublings of 8 make 2⁶².
    var u: UInt64 = 8, v: UInt64 = 0, q: UInt64 = 0, r: UInt64 = 8
    var f = f0, g = g0
    for _ in 0..<59 {
        var negative = UInt64(bitPattern: zeta >> 63)
        let odd = 0 &- (g & 1)
        // When g is odd add ±f to it, with the sign of -zeta.
        g = g &+ (((f ^ negative) &- negative) & odd)
        q = q &+ (((u ^ negative) &- negative) & odd)
        r = r &+ (((v ^ negative) &- negative) & odd)
        // When also zeta < 0, g becomes f.
        negative &= odd
        zeta = (zeta ^ Int64(bitPattern: negative)) &- 1
        f = f &+ (g & negative)
        u = u &+ (q & negative)
        v = v &+ (r & negative)
        g &>>= 1
        u &<<= 1
        v &<<= 1
    }
    return StepMatrix(u: Int64(bitPattern: u), v: Int64(bitPattern: v), q: Int64(bitPattern: q), r: Int64(bitPattern: r))
}

@inline(__always)
private func product(_ a: Int64, _ b: Int64) -> Int128 { Int128(a) &* Int128(b) }

/// (f, g) = t·(f, g)/2⁶², exactly.
@inline(__always)
private func updateOperands(_ f: Pointer<Int64>, _ g: Pointer<Int64>, _ t: StepMatrix, _ count: Int) {
    var cf = unsafe product(t.u, f[0]) &+ product(t.v, g[0])
    var cg = unsafe product(t.q, f[0]) &+ product(t.r, g[0])
    cf &>>= 62
    cg &>>= 62
    for i in 1..<count {
        let (fi, gi) = unsafe (f[i], g[i])
        cf = cf &+ product(t.u, fi) &+ product(t.v, gi)
        cg = cg &+ product(t.q, fi) &+ product(t.r, gi)
        unsafe f[i - 1] = Int64(bitPattern: UInt64(truncatingIfNeeded: cf) & limbMask)
        unsafe g[i - 1] = Int64(bitPattern: UInt64(truncatingIfNeeded: cg) & limbMask)
        cf &>>= 62
        cg &>>= 62
    }
    unsafe f[count - 1] = Int64(truncatingIfNeeded: cf)
    unsafe g[count - 1] = Int64(truncatingIfNeeded: cg)
}

/// (d, e) = t·(d, e)/2⁶² mod m, with the multiples of m that make the division exact.
@inline(__always)
private func updateCofactors(
    _ d: Pointer<Int64>, _ e: Pointer<Int64>, _ t: StepMatrix, _ m: Input<Int64>, _ inverse: UInt64, _ count: Int
) {
    let dSign = unsafe d[count - 1] >> 63, eSign = unsafe e[count - 1] >> 63
    var md = (t.u & dSign) &+ (t.v & eSign), me = (t.q & dSign) &+ (t.r & eSign)
    var cd = unsafe product(t.u, d[0]) &+ product(t.v, e[0])
    var ce = unsafe product(t.q, d[0]) &+ product(t.r, e[0])
    md = md &- Int64(bitPattern: (inverse &* UInt64(truncatingIfNeeded: cd) &+ UInt64(bitPattern: md)) & limbMask)
    me = me &- Int64(bitPattern: (inverse &* UInt64(truncatingIfNeeded: ce) &+ UInt64(bitPattern: me)) & limbMask)
    cd = unsafe cd &+ product(m[0], md)
    ce = unsafe ce &+ product(m[0], me)
    cd &>>= 62
    ce &>>= 62
    for i in 1..<count {
        let (di, ei, mi) = unsafe (d[i], e[i], m[i])
        cd = cd &+ product(t.u, di) &+ product(t.v, ei) &+ product(mi, md)
        ce = ce &+ product(t.q, di) &+ product(t.r, ei) &+ product(mi, me)
        unsafe d[i - 1] = Int64(bitPattern: UInt64(truncatingIfNeeded: cd) & limbMask)
        unsafe e[i - 1] = Int64(bitPattern: UInt64(truncatingIfNeeded: ce) & limbMask)
        cd &>>= 62
        ce &>>= 62
    }
    unsafe d[count - 1] = Int64(truncatingIfNeeded: cd)
    unsafe e[count - 1] = Int64(truncatingIfNeeded: ce)
}

/// From -2m..m to 0..<m, negated first when `sign` is -1.
@inline(__always)
private func normalise(_ d: Pointer<Int64>, sign: Int64, _ m: Input<Int64>, _ count: Int) {
    for step in 0..<2 {
        // Add m to a negative number; the first time, then change the sign.
        let isNegative = unsafe d[count - 1] >> 63, flips = step == 0 ? sign : 0
        var carry: Int64 = 0
        for i in 0..<count {
            let sum = unsafe ((d[i] &+ (m[i] & isNegative)) ^ flips) &- flips &+ carry
            let isLast = i == count - 1
            carry = isLast ? 0 : sum >> 62
            unsafe d[i] = isLast ? sum : sum & Int64(bitPattern: limbMask)
        }
    }
}
