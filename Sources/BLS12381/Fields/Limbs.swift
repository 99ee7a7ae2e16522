// Carries, masks and multiply-accumulate on 64-bit limbs, in the forms that compile without branches.

/// A constant-time truth value: all ones for true, zero for false.
typealias Mask = UInt64

/// The overflow flag as 0 or 1, without the branch that `overflow ? 1 : 0` may become.
@inline(__always)
func bit(_ overflow: Bool) -> UInt64 {
    unsafe UInt64(unsafeBitCast(overflow, to: UInt8.self))
}

/// `a + b + carry` and the carry out (0 or 1).
@inline(__always)
func adc(_ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (sum: UInt64, carry: UInt64) {
    let (s, first) = a.addingReportingOverflow(b)
    let (t, second) = s.addingReportingOverflow(carry)
    return (t, bit(first) | bit(second))
}

/// `a - b - borrow` and the borrow out (0 or 1).
@inline(__always)
func sbb(_ a: UInt64, _ b: UInt64, _ borrow: UInt64) -> (difference: UInt64, borrow: UInt64) {
    let (s, first) = a.subtractingReportingOverflow(b)
    let (t, second) = s.subtractingReportingOverflow(borrow)
    return (t, bit(first) | bit(second))
}

/// `t + a * b + carry`, which always fits two limbs.
@inline(__always)
func mac(_ t: UInt64, _ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (low: UInt64, high: UInt64) {
    let wide = UInt128(a) &* UInt128(b) &+ UInt128(t) &+ UInt128(carry)
    return (UInt64(truncatingIfNeeded: wide), UInt64(truncatingIfNeeded: wide &>> 64))
}

/// `mask ? a : b` for a mask of all ones or zero.
@inline(__always)
func select(_ mask: Mask, _ a: UInt64, _ b: UInt64) -> UInt64 {
    (a & mask) | (b & ~mask)
}

/// All ones when `limb` is zero.
@inline(__always)
func isZeroMask(_ limb: UInt64) -> Mask {
    ((limb | (0 &- limb)) &>> 63) &- 1
}

/// All ones when `a == b`.
@inline(__always)
func isEqualMask(_ a: UInt64, _ b: UInt64) -> Mask {
    isZeroMask(a ^ b)
}
