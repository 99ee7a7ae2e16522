// Base field elements from and to big-endian bytes.

/// Reads a big-endian limb.
@inline(__always)
func loadLimb(_ bytes: Input<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UInt64(bigEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
}

/// Writes a big-endian limb.
@inline(__always)
func storeLimb(_ limb: UInt64, _ bytes: Pointer<UInt8>, _ offset: Int) {
    unsafe UnsafeMutableRawPointer(bytes + offset).storeBytes(of: limb.bigEndian, as: UInt64.self)
}

/// Reads 48 big-endian bytes. The mask says whether the number is below p; if not, the result is not an element.
@inline(never)
func fpFromBytes(_ r: Pointer<Fp>, _ bytes: Input<UInt8>) -> Mask {
    let number = unsafe Fp(
        loadLimb(bytes, 40), loadLimb(bytes, 32), loadLimb(bytes, 24), loadLimb(bytes, 16), loadLimb(bytes, 8),
        loadLimb(bytes, 0))
    unsafe r.pointee = Fp.montgomerySquare.product(number)
    return number.plainDifference(Fp.modulus(masked: ~0)).isNegative
}

/// Reads 64 big-endian bytes and reduces them modulo p (hash_to_field, RFC 9380 §5.2 with L = 64).
@inline(never)
func fpFromWideBytes(_ r: Pointer<Fp>, _ bytes: Input<UInt8>) {
    // The number is high·2²⁵⁶ + low. A product with 2⁷⁶⁸ gives low·2³⁸⁴, and one with 2¹⁰²⁴ gives high·2²⁵⁶·2³⁸⁴.
    let low = unsafe Fp(loadLimb(bytes, 56), loadLimb(bytes, 48), loadLimb(bytes, 40), loadLimb(bytes, 32), 0, 0)
    let high = unsafe Fp(loadLimb(bytes, 24), loadLimb(bytes, 16), loadLimb(bytes, 8), loadLimb(bytes, 0), 0, 0)
    let shifted = Fp.montgomerySquare.product(high).product(Fp.montgomeryOfTwo256)
    unsafe r.pointee = Fp.montgomerySquare.product(low).sum(shifted)
}

/// Writes 48 big-endian bytes.
@inline(never)
func fpToBytes(_ bytes: Pointer<UInt8>, _ a: Input<Fp>) {
    let number = unsafe a.pointee.canonical
    unsafe storeLimb(number.l5, bytes, 0)
    unsafe storeLimb(number.l4, bytes, 8)
    unsafe storeLimb(number.l3, bytes, 16)
    unsafe storeLimb(number.l2, bytes, 24)
    unsafe storeLimb(number.l1, bytes, 32)
    unsafe storeLimb(number.l0, bytes, 40)
}

extension Fp {
    /// 2²⁵⁶ in Montgomery form.
    fileprivate static let montgomeryOfTwo256 = Fp(
        0x075b_3cd7_c5ce_820f, 0x3ec6_ba62_1c3e_db0b, 0x168a_13d8_2bff_6bce, 0x8766_3c4b_f8c4_49d2,
        0x15f3_4c83_ddc8_d830, 0x0f96_28b4_9caa_2e85)
}
