// Products of two base field elements before reduction: twelve limbs.

/// A number below 2⁷⁶⁸, least significant limb first. A reducible one is below 2³⁸⁴·p.
struct Wide: BitwiseCopyable {
    var low, high: Fp

    @inline(__always)
    init(low: Fp = Fp(), high: Fp = Fp()) { (self.low, self.high) = (low, high) }

    /// `a * b` as numbers.
    @inline(__always)
    init(_ a: Fp, _ b: Fp) {
        self.init()
        var row = Fp()
        low.l0 = row.accumulateWideRow(a, b.l0)
        low.l1 = row.accumulateWideRow(a, b.l1)
        low.l2 = row.accumulateWideRow(a, b.l2)
        low.l3 = row.accumulateWideRow(a, b.l3)
        low.l4 = row.accumulateWideRow(a, b.l4)
        low.l5 = row.accumulateWideRow(a, b.l5)
        high = row
    }

    /// `self * 2⁻³⁸⁴ mod p`, fully reduced, for a number below 2³⁸⁴·p.
    @inline(__always)
    var montgomeryReduced: Fp {
        var t = low, carry: UInt64 = 0, next = high
        (next.l0, carry) = t.reduceRow(next.l0, carry)
        (next.l1, carry) = t.reduceRow(next.l1, carry)
        (next.l2, carry) = t.reduceRow(next.l2, carry)
        (next.l3, carry) = t.reduceRow(next.l3, carry)
        (next.l4, carry) = t.reduceRow(next.l4, carry)
        (next.l5, carry) = t.reduceRow(next.l5, carry)
        return t.reducedOnce
    }
}

extension Fp {
    /// `self += a·b`; returns the lowest limb and moves the others down.
    @inline(__always)
    fileprivate mutating func accumulateWideRow(_ a: Fp, _ b: UInt64) -> UInt64 {
        var lowest: UInt64, c: UInt64
        (lowest, c) = mac(l0, a.l0, b, 0)
        (l0, c) = mac(l1, a.l1, b, c)
        (l1, c) = mac(l2, a.l2, b, c)
        (l2, c) = mac(l3, a.l3, b, c)
        (l3, c) = mac(l4, a.l4, b, c)
        (l4, c) = mac(l5, a.l5, b, c)
        l5 = c
        return lowest
    }

    /// Adds the multiple of p that clears the lowest limb and moves the window one limb up, where `next` stands.
    @inline(__always)
    fileprivate mutating func reduceRow(_ next: UInt64, _ carry: UInt64) -> (used: UInt64, carry: UInt64) {
        let m = l0 &* Fp.inverseOfMinusP
        var c: UInt64, out: UInt64
        (_, c) = mac(l0, m, Fp.p0, 0)
        (l0, c) = mac(l1, m, Fp.p1, c)
        (l1, c) = mac(l2, m, Fp.p2, c)
        (l2, c) = mac(l3, m, Fp.p3, c)
        (l3, c) = mac(l4, m, Fp.p4, c)
        (l4, c) = mac(l5, m, Fp.p5, c)
        (l5, out) = adc(next, c, carry)
        return (0, out)
    }
}

extension Wide {
    /// `self - b` as numbers modulo 2⁷⁶⁸, and the borrow as a mask.
    @inline(__always)
    func plainDifference(_ b: Wide) -> (difference: Wide, isNegative: Mask) {
        var d = Wide(), borrow: UInt64
        (d.low.l0, borrow) = sbb(low.l0, b.low.l0, 0)
        (d.low.l1, borrow) = sbb(low.l1, b.low.l1, borrow)
        (d.low.l2, borrow) = sbb(low.l2, b.low.l2, borrow)
        (d.low.l3, borrow) = sbb(low.l3, b.low.l3, borrow)
        (d.low.l4, borrow) = sbb(low.l4, b.low.l4, borrow)
        (d.low.l5, borrow) = sbb(low.l5, b.low.l5, borrow)
        (d.high.l0, borrow) = sbb(high.l0, b.high.l0, borrow)
        (d.high.l1, borrow) = sbb(high.l1, b.high.l1, borrow)
        (d.high.l2, borrow) = sbb(high.l2, b.high.l2, borrow)
        (d.high.l3, borrow) = sbb(high.l3, b.high.l3, borrow)
        (d.high.l4, borrow) = sbb(high.l4, b.high.l4, borrow)
        (d.high.l5, borrow) = sbb(high.l5, b.high.l5, borrow)
        return (d, 0 &- borrow)
    }

    /// `self - b` modulo 2³⁸⁴·p, reducible if both are.
    @inline(__always)
    func difference(_ b: Wide) -> Wide {
        var (d, isNegative) = plainDifference(b)
        d.high = d.high.plainSum(Fp.modulus(masked: isNegative))
        return d
    }

    /// `self + b` as numbers. The caller knows that it stays below 2⁷⁶⁸.
    @inline(__always)
    func plainSum(_ b: Wide) -> Wide {
        var s = Wide(), carry: UInt64
        (s.low.l0, carry) = adc(low.l0, b.low.l0, 0)
        (s.low.l1, carry) = adc(low.l1, b.low.l1, carry)
        (s.low.l2, carry) = adc(low.l2, b.low.l2, carry)
        (s.low.l3, carry) = adc(low.l3, b.low.l3, carry)
        (s.low.l4, carry) = adc(low.l4, b.low.l4, carry)
        (s.low.l5, carry) = adc(low.l5, b.low.l5, carry)
        (s.high.l0, carry) = adc(high.l0, b.high.l0, carry)
        (s.high.l1, carry) = adc(high.l1, b.high.l1, carry)
        (s.high.l2, carry) = adc(high.l2, b.high.l2, carry)
        (s.high.l3, carry) = adc(high.l3, b.high.l3, carry)
        (s.high.l4, carry) = adc(high.l4, b.high.l4, carry)
        s.high.l5 = high.l5 &+ b.high.l5 &+ carry
        return s
    }

    /// `self + b` modulo 2³⁸⁴·p, reducible if both are.
    @inline(__always)
    func sum(_ b: Wide) -> Wide {
        var s = plainSum(b)
        s.high = s.high.reducedOnce
        return s
    }
}
