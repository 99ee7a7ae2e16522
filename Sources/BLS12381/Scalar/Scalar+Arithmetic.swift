// Arithmetic of the scalar field on four limbs, constant time and free of branches.

@inline(never) func scalarSum(_ a: Scalar, _ b: Scalar) -> Scalar { a.sum(b) }
@inline(never) func scalarDifference(_ a: Scalar, _ b: Scalar) -> Scalar { a.difference(b) }
@inline(never) func scalarProduct(_ a: Scalar, _ b: Scalar) -> Scalar { a.product(b) }

extension Scalar {
    /// `self * b * 2⁻²⁵⁶ mod r`, fully reduced. `self` may be any number of four limbs if `b` is below r.
    ///
    /// Source: CIOS, Koç, Acar, Kaliski 1996, without the extra carry word because the top limb of r is below 2⁶³.
    @inline(__always)
    func product(_ b: Scalar) -> Scalar {
        var t = Scalar(limbs: 0, 0, 0, 0)
        t.accumulateRow(b, l0)
        t.accumulateRow(b, l1)
        t.accumulateRow(b, l2)
        t.accumulateRow(b, l3)
        return t.reducedOnce
    }

    @inline(__always)
    private mutating func accumulateRow(_ a: Scalar, _ b: UInt64) {
        var t: UInt64, c: UInt64, d: UInt64
        (t, c) = mac(l0, a.l0, b, 0)
        let m = t &* Scalar.inverseOfMinusR
        (_, d) = mac(t, m, Scalar.r0, 0)
        (t, c) = mac(l1, a.l1, b, c)
        (l0, d) = mac(t, m, Scalar.r1, d)
        (t, c) = mac(l2, a.l2, b, c)
        (l1, d) = mac(t, m, Scalar.r2, d)
        (t, c) = mac(l3, a.l3, b, c)
        (l2, d) = mac(t, m, Scalar.r3, d)
        l3 = c &+ d
    }

    /// `self` when below r, else `self - r`. For numbers below 2r.
    @inline(__always)
    var reducedOnce: Scalar {
        let (d, isNegative) = plainDifference(Scalar(limbs: Scalar.r0, Scalar.r1, Scalar.r2, Scalar.r3))
        return Scalar.select(isNegative, self, d)
    }

    /// `self - b` as numbers modulo 2²⁵⁶, and the borrow as a mask.
    @inline(__always)
    func plainDifference(_ b: Scalar) -> (difference: Scalar, isNegative: Mask) {
        var d = Scalar(limbs: 0, 0, 0, 0), borrow: UInt64
        (d.l0, borrow) = sbb(l0, b.l0, 0)
        (d.l1, borrow) = sbb(l1, b.l1, borrow)
        (d.l2, borrow) = sbb(l2, b.l2, borrow)
        (d.l3, borrow) = sbb(l3, b.l3, borrow)
        return (d, 0 &- borrow)
    }

    /// The sum as a plain number; two scalars stay below 2²⁵⁶.
    @inline(__always)
    private func plainSum(_ b: Scalar) -> Scalar {
        var s = Scalar(limbs: 0, 0, 0, 0), carry: UInt64
        (s.l0, carry) = adc(l0, b.l0, 0)
        (s.l1, carry) = adc(l1, b.l1, carry)
        (s.l2, carry) = adc(l2, b.l2, carry)
        s.l3 = l3 &+ b.l3 &+ carry
        return s
    }

    @inline(__always)
    func sum(_ b: Scalar) -> Scalar { plainSum(b).reducedOnce }

    @inline(__always)
    func difference(_ b: Scalar) -> Scalar {
        let (d, mask) = plainDifference(b)
        return d.plainSum(Scalar(limbs: Scalar.r0 & mask, Scalar.r1 & mask, Scalar.r2 & mask, Scalar.r3 & mask))
    }

    /// `mask ? a : b`.
    @inline(__always)
    static func select(_ mask: Mask, _ a: Scalar, _ b: Scalar) -> Scalar {
        Scalar(
            limbs: BLS12381.select(mask, a.l0, b.l0), BLS12381.select(mask, a.l1, b.l1), BLS12381.select(mask, a.l2, b.l2),
            BLS12381.select(mask, a.l3, b.l3))
    }

    /// The number itself, out of Montgomery form.
    @inline(__always)
    var canonical: Scalar { Scalar(limbs: 1, 0, 0, 0).product(self) }
}
