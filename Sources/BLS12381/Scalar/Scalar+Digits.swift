// Scalars as short numbers for the endomorphisms, and as signed digits for windows. Constant time.

extension Scalar {
    /// k = m + q·x², both below 2¹²⁸, with x = -0xd201000000010000.
    ///
    /// The endomorphism of G1 acts as -x², so that kP = mP - q·φ(P). Since r = x⁴ - x² + 1, plain division is short enough.
    @inline(never)
    func splitBySquare() -> (m: UInt128, q: UInt128) {
        let number = canonical
        let high = UInt128(number.l3) << 64 | UInt128(number.l2), low = UInt128(number.l1) << 64 | UInt128(number.l0)
        let (remainder, quotient) = divide(high, low, by: 0xac45_a401_0001_a402_0000_0001_0000_0000)
        return (remainder, quotient)
    }

    /// k in base |x|, four digits of 64 bits, least significant first.
    ///
    /// The endomorphism of G2 and the Frobenius map of GT act as x, so that digit i belongs to (-1)ⁱ·ψⁱ.
    func splitByParameter() -> (UInt64, UInt64, UInt64, UInt64) {
        let (m, q) = splitBySquare()
        let (a0, a1) = divideByParameter(m), (a2, a3) = divideByParameter(q)
        return (a0, a1, a2, a3)
    }
}

/// |x|, the parameter of the curve without its sign.
@inline(__always) var curveParameter: UInt64 { 0xd201_0000_0001_0000 }

/// (high·2¹²⁸ + low) divided by a divisor above 2¹²⁷ and above `high`: remainder and quotient, bit by bit without a branch.
private func divide(_ high: UInt128, _ low: UInt128, by divisor: UInt128) -> (remainder: UInt128, quotient: UInt128) {
    var remainder = high, quotient: UInt128 = 0
    for i in 0..<128 {
        let carry = UInt64(truncatingIfNeeded: remainder >> 127)
        remainder = remainder << 1 | (low >> UInt128(127 - i) & 1)
        let (difference, borrow) = remainder.subtractingReportingOverflow(divisor)
        let takes = carry | (1 ^ bit(borrow))
        let mask = UInt128(0) &- UInt128(takes)
        remainder = (difference & mask) | (remainder & ~mask)
        quotient = quotient << 1 | UInt128(takes)
    }
    return (remainder, quotient)
}

/// A number below |x|² in base |x|: remainder and quotient.
private func divideByParameter(_ number: UInt128) -> (UInt64, UInt64) {
    var remainder = UInt64(truncatingIfNeeded: number >> 64), quotient: UInt64 = 0
    let low = UInt64(truncatingIfNeeded: number)
    for i in 0..<64 {
        let carry = remainder >> 63
        remainder = remainder << 1 | (low >> UInt64(63 - i) & 1)
        let (difference, borrow) = sbb(remainder, curveParameter, 0)
        let takes = carry | (1 ^ borrow)
        remainder = select(0 &- takes, difference, remainder)
        quotient = quotient << 1 | takes
    }
    return (remainder, quotient)
}

/// How many signed digits a number of `bitCount` bits needs: one more than windows, for the carry.
func signedDigitCount(bitCount: Int, window: Int) -> Int { (bitCount + window - 1) / window + 1 }

/// Digits in base 2^window, from 1 - 2^(window-1) to 2^(window-1), least significant first.
///
/// Constant time. `bitCount` and `window` (at most 16) are public; `digits` has room for `signedDigitCount` of them.
func signedDigits(_ digits: Pointer<Int32>, _ number: UInt128, bitCount: Int, window: Int) {
    var low = number, high: UInt128 = 0, carry: UInt64 = 0
    for i in 0..<signedDigitCount(bitCount: bitCount, window: window) { unsafe digits[i] = nextDigit(&low, &high, &carry, window) }
}

/// The same for a whole scalar.
func signedDigits(_ digits: Pointer<Int32>, _ scalar: Scalar, window: Int) {
    let number = scalar.canonical
    var low = UInt128(number.l1) << 64 | UInt128(number.l0), high = UInt128(number.l3) << 64 | UInt128(number.l2), carry: UInt64 = 0
    for i in 0..<signedDigitCount(bitCount: 255, window: window) { unsafe digits[i] = nextDigit(&low, &high, &carry, window) }
}

/// Takes the lowest digit off high·2¹²⁸ + low + carry, for a window of 1 to 16 bits.
@inline(never)
private func nextDigit(_ low: inout UInt128, _ high: inout UInt128, _ carry: inout UInt64, _ window: Int) -> Int32 {
    let half = 1 &<< UInt64(truncatingIfNeeded: window &- 1), full = half &<< 1
    let value = (UInt64(truncatingIfNeeded: low) & (full &- 1)) &+ carry
    low = low &>> UInt128(truncatingIfNeeded: window) | high &<< UInt128(truncatingIfNeeded: 128 &- window)
    high = high &>> UInt128(truncatingIfNeeded: window)
    // Above half: borrow one from the next digit.
    carry = (half &- value) &>> 63
    return Int32(truncatingIfNeeded: value &- (full & (0 &- carry)))
}
