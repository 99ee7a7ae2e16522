// The Frobenius map a -> a^p of the top of the tower and its powers.

/// γᵢ = ξ^(i(p-1)/6), in Montgomery form. The coefficient of wⁱ goes to its conjugate times γᵢ.
enum Frobenius {
    static let gamma1 = Fp2(
        Fp(
            0x0708_9552_b319_d465, 0xc669_5f92_b50a_8313, 0x97e8_3ccc_d117_228f,
            0xa35b_aeca_b2dc_29ee, 0x1ce3_93ea_5daa_ce4d, 0x08f2_220f_b0fb_66eb),
        Fp(
            0xb2f6_6aad_4ce5_d646, 0x5842_a06b_fc49_7cec, 0xcf48_95d4_2599_d394,
            0xc11b_9cba_40a8_e8d0, 0x2e38_13cb_e5a0_de89, 0x110e_efda_8884_7faf))
    /// γ₂ is a multiple of u: its second coordinate.
    static let gamma2 = Fp(
        0xcd03_c9e4_8671_f071, 0x5dab_2246_1fcd_a5d2, 0x5870_42af_d385_1b95,
        0x8eb6_0ebe_01ba_cb9e, 0x03f9_7d6e_83d0_50d2, 0x18f0_2065_5463_8741)
    static let gamma3 = Fp2(
        Fp(
            0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1,
            0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d, 0x0e2b_7eed_bbfd_87d2),
        Fp(
            0x7bcf_a7a2_5aa3_0fda, 0xdc17_dec1_2a92_7e7c, 0x2f08_8dd8_6b4e_bef1,
            0xd1ca_2087_da74_d4a7, 0x2da2_5966_96ce_bc1d, 0x0e2b_7eed_bbfd_87d2))
    /// γ₄ lies in Fp.
    static let gamma4 = Fp(
        0x890d_c9e4_8675_45c3, 0x2af3_2253_3285_a5d5, 0x5088_0866_309b_7e2c,
        0xa20d_1b8c_7e88_1024, 0x14e4_f04f_e2db_9068, 0x14e5_6d3f_1564_853a)
    static let gamma5 = Fp2(
        Fp(
            0x82d8_3cf5_0dbc_e43f, 0xa281_3e53_df9d_018f, 0xc6f0_caa5_3c65_e181,
            0x7525_cf52_8d50_fe95, 0x4a85_ed50_f479_8a6b, 0x171d_a0fd_6cf8_eebd),
        Fp(
            0x3726_c30a_f242_c66c, 0x7c2a_c1aa_d1b6_fe70, 0xa040_07fb_ba4b_14a2,
            0xef51_7c32_6634_1429, 0x0095_ba65_4ed2_226b, 0x02e3_70ec_cc86_f7dd))

    /// ηᵢ = γᵢ·γ̄ᵢ for a^(p²); η₃ = -1, η₂ = η₁ - 1 and η₅ = η₄ + 1 = -η₂.
    static let eta1 = Fp(
        0xecfb_361b_798d_ba3a, 0xc100_ddb8_9186_5a2c, 0x0ec0_8ff1_232b_da8e,
        0xd5c1_3cc6_f1ca_4721, 0x4722_2a47_bf7b_5c04, 0x0110_f184_e51c_5f59)
    static let eta2 = Fp(
        0x30f1_361b_798a_64e8, 0xf3b8_ddab_7ece_5a2a, 0x16a8_ca3a_c615_77f7,
        0xc26a_2ff8_74fd_029b, 0x3636_b766_6070_1c6e, 0x051b_a4ab_241b_6160)
    static let eta4 = Fp(
        0xcd03_c9e4_8671_f071, 0x5dab_2246_1fcd_a5d2, 0x5870_42af_d385_1b95,
        0x8eb6_0ebe_01ba_cb9e, 0x03f9_7d6e_83d0_50d2, 0x18f0_2065_5463_8741)
    static let eta5 = Fp(
        0x890d_c9e4_8675_45c3, 0x2af3_2253_3285_a5d5, 0x5088_0866_309b_7e2c,
        0xa20d_1b8c_7e88_1024, 0x14e4_f04f_e2db_9068, 0x14e5_6d3f_1564_853a)
}

/// a^p.
func fp12Frobenius(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let gamma = unsafe s.take(Fp2.self), constant = unsafe s.take(Fp.self), t = unsafe s.take(Fp2.self)
    unsafe fp2Conj(r[coefficient: 0], a[coefficient: 0])
    // v = w²: (a - bu)·ku = bk + ak·u.
    unsafe constant.pointee = Frobenius.gamma2
    unsafe t.pointee = a[coefficient: 1].pointee
    unsafe fpMul(r[coefficient: 1].c0, t.c1, constant)
    unsafe fpMul(r[coefficient: 1].c1, t.c0, constant)
    // v² = w⁴.
    unsafe constant.pointee = Frobenius.gamma4
    unsafe fp2Conj(t, a[coefficient: 2])
    unsafe fp2MulFp(r[coefficient: 2], t, constant)
    // w, vw = w³, v²w = w⁵.
    unsafe gamma.pointee = Frobenius.gamma1
    unsafe fp2Conj(t, a[coefficient: 3])
    unsafe fp2Mul(r[coefficient: 3], t, gamma, s)
    unsafe gamma.pointee = Frobenius.gamma3
    unsafe fp2Conj(t, a[coefficient: 4])
    unsafe fp2Mul(r[coefficient: 4], t, gamma, s)
    unsafe gamma.pointee = Frobenius.gamma5
    unsafe fp2Conj(t, a[coefficient: 5])
    unsafe fp2Mul(r[coefficient: 5], t, gamma, s)
}

/// a^(p²).
func fp12FrobeniusSquare(_ r: Pointer<Fp12>, _ a: Input<Fp12>, _ s: Scratch) {
    var s = s
    let constant = unsafe s.take(Fp.self)
    unsafe r[coefficient: 0].pointee = a[coefficient: 0].pointee
    unsafe constant.pointee = Frobenius.eta2
    unsafe fp2MulFp(r[coefficient: 1], a[coefficient: 1], constant)
    unsafe constant.pointee = Frobenius.eta4
    unsafe fp2MulFp(r[coefficient: 2], a[coefficient: 2], constant)
    unsafe constant.pointee = Frobenius.eta1
    unsafe fp2MulFp(r[coefficient: 3], a[coefficient: 3], constant)
    unsafe fp2Neg(r[coefficient: 4], a[coefficient: 4])
    unsafe constant.pointee = Frobenius.eta5
    unsafe fp2MulFp(r[coefficient: 5], a[coefficient: 5], constant)
}
