// Montgomery multiplication of base field elements, unrolled over named limbs.

extension Fp {
    /// `self * b * 2⁻³⁸⁴ mod p`, fully reduced.
    ///
    /// Constant time. `self` may be any number below 8p and `self * b` any number below 2³⁸⁴·p, so that sums of a
    /// few elements need no reduction first.
    /// Source: CIOS, Koç, Acar, Kaliski 1996, without the extra carry word because the top limb of p is below 2⁶².
    @inline(__always)
    func product(_ b: Fp) -> Fp {
        var t = Fp()
        t.accumulateRow(self, b.l0)
        t.accumulateRow(self, b.l1)
        t.accumulateRow(self, b.l2)
        t.accumulateRow(self, b.l3)
        t.accumulateRow(self, b.l4)
        t.accumulateRow(self, b.l5)
        return t.reducedOnce
    }

    /// One row of the product: `self = (self + a·b + m·p) / 2⁶⁴` with the m that makes the division exact.
    @inline(__always)
    private mutating func accumulateRow(_ a: Fp, _ b: UInt64) {
        var t: UInt64, c: UInt64, d: UInt64
        (t, c) = mac(l0, a.l0, b, 0)
        let m = t &* Fp.inverseOfMinusP
        (_, d) = mac(t, m, Fp.p0, 0)
        (t, c) = mac(l1, a.l1, b, c)
        (l0, d) = mac(t, m, Fp.p1, d)
        (t, c) = mac(l2, a.l2, b, c)
        (l1, d) = mac(t, m, Fp.p2, d)
        (t, c) = mac(l3, a.l3, b, c)
        (l2, d) = mac(t, m, Fp.p3, d)
        (t, c) = mac(l4, a.l4, b, c)
        (l3, d) = mac(t, m, Fp.p4, d)
        (t, c) = mac(l5, a.l5, b, c)
        (l4, d) = mac(t, m, Fp.p5, d)
        l5 = c &+ d
    }

    /// The number itself, out of Montgomery form.
    @inline(__always)
    var canonical: Fp { Wide(low: self).montgomeryReduced }
}
