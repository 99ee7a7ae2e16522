// The lines of the Miller loop: the steps on the twist that give them, and their value at a point of E.
//
// The untwisting map sends (x', y') on E' to (x'/w², y'/w³) on E. The line through the image of T with the slope s of the
// twist, at (xP, yP) and times w³, is (s·x' - y') - s·xP·w² + yP·w³; any factor in a proper subfield dies in the final
// exponentiation. T is homogeneous projective. Formulas: Costello, Lange, Naehrig 2010, with the twist's b' = 4ξ.

/// A line c0 + c1·v + c4·vw; before evaluation c1 lacks the factor xP and c4 the factor yP.
struct Line: BitwiseCopyable, Sendable {
    var c0 = Fp2(), c1 = Fp2(), c4 = Fp2()
}

extension UnsafeMutablePointer where Pointee == Line {
    @inline(__always) var c0: Pointer<Fp2> { unsafe part(0, of: Fp2.self) }
    @inline(__always) var c1: Pointer<Fp2> { unsafe part(1, of: Fp2.self) }
    @inline(__always) var c4: Pointer<Fp2> { unsafe part(2, of: Fp2.self) }
}

extension UnsafePointer where Pointee == Line {
    @inline(__always) var c0: Input<Fp2> { unsafe part(0, of: Fp2.self) }
    @inline(__always) var c1: Input<Fp2> { unsafe part(1, of: Fp2.self) }
    @inline(__always) var c4: Input<Fp2> { unsafe part(2, of: Fp2.self) }
}

/// T = 2T and the tangent at T.
func lineDouble(_ line: Pointer<Line>, _ t: Pointer<G2Projective>, _ s: Scratch) {
    var s = s
    let a = unsafe s.take(Fp2.self), b = unsafe s.take(Fp2.self), c = unsafe s.take(Fp2.self)
    let e = unsafe s.take(Fp2.self), f = unsafe s.take(Fp2.self), g = unsafe s.take(Fp2.self), h = unsafe s.take(Fp2.self)
    // A = XY/2, B = Y², C = Z², E = 3b'C, F = 3E, G = (B + F)/2, H = (Y + Z)² - B - C.
    unsafe fp2Mul(a, t.x, t.y, s)
    unsafe fp2Halve(a, a)
    unsafe fp2Sqr(b, t.y, s)
    unsafe fp2Sqr(c, t.z, s)
    unsafe fp2Mul12Xi(e, c)
    unsafe fp2Triple(f, e)
    unsafe fp2Add(g, b, f)
    unsafe fp2Halve(g, g)
    unsafe fp2Add(h, t.y, t.z)
    unsafe fp2Sqr(h, h, s)
    unsafe fp2Sub(h, h, b)
    unsafe fp2Sub(h, h, c)
    // Line: E - B, 3X², -H.
    unsafe fp2Sub(line.c0, e, b)
    unsafe fp2Sqr(line.c1, t.x, s)
    unsafe fp2Triple(line.c1, line.c1)
    unsafe fp2Neg(line.c4, h)
    // X = A(B - F), Y = G² - 3E², Z = BH.
    unsafe fp2Sub(f, b, f)
    unsafe fp2Mul(t.x, a, f, s)
    unsafe fp2Sqr(e, e, s)
    unsafe fp2Triple(e, e)
    unsafe fp2Sqr(g, g, s)
    unsafe fp2Sub(t.y, g, e)
    unsafe fp2Mul(t.z, b, h, s)
}

/// T = T + Q and the line through both.
func lineAdd(_ line: Pointer<Line>, _ t: Pointer<G2Projective>, _ q: Input<G2Affine>, _ s: Scratch) {
    var s = s
    let theta = unsafe s.take(Fp2.self), lambda = unsafe s.take(Fp2.self), c = unsafe s.take(Fp2.self)
    let e = unsafe s.take(Fp2.self), f = unsafe s.take(Fp2.self), g = unsafe s.take(Fp2.self), h = unsafe s.take(Fp2.self)
    // θ = Y - y₂Z, λ = X - x₂Z.
    unsafe fp2Mul(theta, q.y, t.z, s)
    unsafe fp2Sub(theta, t.y, theta)
    unsafe fp2Mul(lambda, q.x, t.z, s)
    unsafe fp2Sub(lambda, t.x, lambda)
    // E = λ³, F = Zθ², G = Xλ², H = E + F - 2G.
    unsafe fp2Sqr(c, lambda, s)
    unsafe fp2Mul(e, lambda, c, s)
    unsafe fp2Mul(g, t.x, c, s)
    unsafe fp2Sqr(c, theta, s)
    unsafe fp2Mul(f, t.z, c, s)
    unsafe fp2Add(h, e, f)
    unsafe fp2Sub(h, h, g)
    unsafe fp2Sub(h, h, g)
    // X = λH, Y = θ(G - H) - EY, Z = ZE.
    unsafe fp2Sub(g, g, h)
    unsafe fp2MulSub(t.y, theta, g, e, t.y, s)
    unsafe fp2Mul(t.x, lambda, h, s)
    unsafe fp2Mul(t.z, t.z, e, s)
    // Line: θx₂ - λy₂, -θ, λ.
    unsafe fp2MulSub(line.c0, theta, q.x, lambda, q.y, s)
    unsafe fp2Neg(line.c1, theta)
    unsafe line.c4.pointee = lambda.pointee
}

/// The line at a point of E. Where `isSkipped` is set the value is 1.
func lineEvaluate(_ r: Pointer<Line>, _ line: Input<Line>, _ p: Input<G1Affine>, _ isSkipped: Mask, _ s: Scratch) {
    var s = s
    let constant = unsafe s.copy(Fp2.one)
    unsafe fp2MulFp(r.c1, line.c1, p.x)
    unsafe fp2MulFp(r.c4, line.c4, p.y)
    unsafe r.c0.pointee = line.c0.pointee
    unsafe fp2Cmov(r.c0, constant, isSkipped)
    unsafe constant.pointee = Fp2.zero
    unsafe fp2Cmov(r.c1, constant, isSkipped)
    unsafe fp2Cmov(r.c4, constant, isSkipped)
}
