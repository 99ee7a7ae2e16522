// The endomorphisms of E and E', and what they make cheap: subgroup checks and multiplication by the curve's parameter.

enum EndomorphismConstant {
    /// β, a cube root of 1 in Fp: φ(x, y) = (βx, y) acts on G1 as -x².
    static let beta = Fp(
        0x30f1_361b_798a_64e8, 0xf3b8_ddab_7ece_5a2a, 0x16a8_ca3a_c615_77f7,
        0xc26a_2ff8_74fd_029b, 0x3636_b766_6070_1c6e, 0x051b_a4ab_241b_6160)
    /// 1/γ₂ = 1/ξ^((p-1)/3), a multiple of u: its second coordinate.
    static let psiX = Fp(
        0x890d_c9e4_8675_45c3, 0x2af3_2253_3285_a5d5, 0x5088_0866_309b_7e2c,
        0xa20d_1b8c_7e88_1024, 0x14e4_f04f_e2db_9068, 0x14e5_6d3f_1564_853a)
    /// 1/γ₃ = 1/ξ^((p-1)/2).
    static let psiY = Fp2(
        Fp(
            0x3e2f_585d_a55c_9ad1, 0x4294_213d_86c1_8183, 0x3828_44c8_8b62_3732,
            0x92ad_2afd_1910_3e18, 0x1d79_4e4f_ac7c_f0b9, 0x0bd5_92fc_7d82_5ec8),
        Fp(
            0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1,
            0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d, 0x0e2b_7eed_bbfd_87d2))
}

/// φ(x, y) = (βx, y).
func g1Phi(_ r: Pointer<G1Projective>, _ a: Input<G1Projective>, _ s: Scratch) {
    var s = s
    let beta = unsafe s.copy(EndomorphismConstant.beta)
    unsafe fpMul(r.x, a.x, beta)
    unsafe r.y.pointee = a.y.pointee
    unsafe r.z.pointee = a.z.pointee
}

/// ψ(x, y) = (x̄/γ₂, ȳ/γ₃): untwist, Frobenius, twist. Acts on G2 as x.
func g2Psi(_ r: Pointer<G2Projective>, _ a: Input<G2Projective>, _ s: Scratch) {
    var s = s
    let psiX = unsafe s.copy(EndomorphismConstant.psiX), psiY = unsafe s.copy(EndomorphismConstant.psiY), t = unsafe s.take(Fp.self)
    // (a - bu)·ku = bk + ak·u.
    unsafe fpMul(t, a.x.c0, psiX)
    unsafe fpMul(r.x.c0, a.x.c1, psiX)
    unsafe r.x.c1.pointee = t.pointee
    unsafe fp2Conj(r.y, a.y)
    unsafe fp2Mul(r.y, r.y, psiY, s)
    unsafe fp2Conj(r.z, a.z)
}

/// ψ².
func g2Psi2(_ r: Pointer<G2Projective>, _ a: Input<G2Projective>, _ s: Scratch) {
    unsafe g2Psi(r, a, s)
    unsafe g2Psi(r, r, s)
}

/// r = [|x|]a for the parameter x = -0xd201000000010000. `r` must not alias `a`.
func pointMulByX<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ s: Scratch) {
    unsafe r.pointee = a.pointee
    for i in stride(from: 62, through: 0, by: -1) {
        unsafe pointDouble(r, r, s)
        if curveParameter >> UInt64(i) & 1 == 1 { unsafe pointAdd(r, r, a, s) }
    }
}

/// A curve's own way to tell its subgroup of order r.
protocol SubgroupField: CurveField {
    /// Whether a point of the curve lies in the subgroup (Scott, "A note on group membership tests", 2021).
    static func isInSubgroup(_ a: Input<Projective<Self>>, _ s: Scratch) -> Mask
}

extension Fp: SubgroupField {
    /// φ(P) = -[x²]P.
    static func isInSubgroup(_ a: Input<G1Projective>, _ s: Scratch) -> Mask {
        var s = s
        let t = unsafe s.take(G1Projective.self), square = unsafe s.take(G1Projective.self)
        unsafe pointMulByX(t, a, s)
        unsafe pointMulByX(square, t, s)
        unsafe pointNeg(square, square)
        unsafe g1Phi(t, a, s)
        return unsafe pointEqual(t, square, s)
    }
}

extension Fp2: SubgroupField {
    /// ψ(Q) = [x]Q.
    static func isInSubgroup(_ a: Input<G2Projective>, _ s: Scratch) -> Mask {
        var s = s
        let t = unsafe s.take(G2Projective.self), multiple = unsafe s.take(G2Projective.self)
        unsafe pointMulByX(multiple, a, s)
        unsafe pointNeg(multiple, multiple)
        unsafe g2Psi(t, a, s)
        return unsafe pointEqual(t, multiple, s)
    }
}
