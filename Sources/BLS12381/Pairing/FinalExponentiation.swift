// The final exponentiation, to the power 3(p¹² - 1)/r.
//
// The factor 3 is the convention of blst, mcl, arkworks, zkcrypto and gnark. Source of the hard part: Hayashida, Hayasaka,
// Teruya, ePrint 2020/875: 3(p⁴ - p² + 1)/r = (x-1)²(x+p)(x²+p²-1) + 3.

/// f^(3(p¹² - 1)/r). `r` may alias `f`.
func finalExponentiation(_ r: Pointer<Fp12>, _ f: Input<Fp12>, _ s: Scratch) {
    var s = s
    let easy = unsafe s.take(Fp12.self)
    unsafe easyPart(easy, f, s)
    unsafe hardPart(r, easy, s)
}

/// f^((p⁶ - 1)(p² + 1)), which lies in the cyclotomic subgroup.
private func easyPart(_ r: Pointer<Fp12>, _ f: Input<Fp12>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(Fp12.self), u = unsafe s.take(Fp12.self)
    unsafe fp12Inv(t, f, s)
    unsafe fp12Conj(u, f)
    unsafe fp12Mul(u, u, t, s)
    unsafe fp12FrobeniusSquare(t, u, s)
    unsafe fp12Mul(r, t, u, s)
}

private func hardPart(_ r: Pointer<Fp12>, _ f: Input<Fp12>, _ s: Scratch) {
    var s = s
    let a = unsafe s.take(Fp12.self), b = unsafe s.take(Fp12.self), t = unsafe s.take(Fp12.self)
    // a = f^(x-1)
    unsafe cyclotomicPowX(a, f, s)
    unsafe fp12Conj(t, f)
    unsafe fp12Mul(a, a, t, s)
    // b = f^((x-1)²)
    unsafe cyclotomicPowX(b, a, s)
    unsafe fp12Conj(t, a)
    unsafe fp12Mul(b, b, t, s)
    // a = b^(x+p)
    unsafe cyclotomicPowX(a, b, s)
    unsafe fp12Frobenius(t, b, s)
    unsafe fp12Mul(a, a, t, s)
    // b = a^(x²+p²-1)
    unsafe cyclotomicPowX(t, a, s)
    unsafe cyclotomicPowX(b, t, s)
    unsafe fp12FrobeniusSquare(t, a, s)
    unsafe fp12Mul(b, b, t, s)
    unsafe fp12Conj(t, a)
    unsafe fp12Mul(b, b, t, s)
    // b·f³
    unsafe cyclotomicSqr(t, f, s)
    unsafe fp12Mul(t, t, f, s)
    unsafe fp12Mul(r, b, t, s)
}
