// From field elements to points: the simplified map of Shallue, van de Woestijne and Ulas, and what follows it.

/// r = map_to_curve_simple_swu(u) on the isogenous curve, in homogeneous coordinates, without an inversion.
///
/// Source: RFC 9380 appendix F.2.
func mapToIsogenousCurve<F: MappableField>(_ r: Pointer<Projective<F>>, _ u: Input<F>, _ s: Scratch) {
    var s = s
    let t = unsafe s.take(F.self), x = unsafe s.take(F.self), n = unsafe s.take(F.self), d = unsafe s.take(F.self)
    let gn = unsafe s.take(F.self), gd = unsafe s.take(F.self), square = unsafe s.take(F.self), y = unsafe s.take(F.self)
    let a = unsafe s.copy(F.mapA), b = unsafe s.copy(F.mapB), z = unsafe s.copy(F.mapZ), one = unsafe s.copy(F.one)

    // x₁ = n/d with t = Z·u², n = B'(t² + t + 1), d = -A'(t² + t), and d = A'·Z where that is zero.
    unsafe F.sqr(t, u, s)
    unsafe F.mul(t, t, z, s)
    unsafe F.sqr(d, t, s)
    unsafe F.add(d, d, t)
    unsafe F.add(n, d, one)
    unsafe F.mul(n, n, b, s)
    unsafe F.neg(x, d)
    unsafe F.cmov(x, z, F.isZero(d))
    unsafe F.mul(d, x, a, s)

    // g(x₁) = gn/gd = (n³ + A'·n·d² + B'·d³)/d³.
    unsafe F.sqr(square, d, s)
    unsafe F.mul(gd, square, d, s)
    unsafe F.mul(square, square, a, s)
    unsafe F.sqr(gn, n, s)
    unsafe F.add(gn, gn, square)
    unsafe F.mulAdd(gn, gn, n, b, gd, s)

    // The root of g(x₁), or with x₂ = t·x₁ that of g(x₂) = t³·g(x₁), which is t·u·√(Z·g(x₁)).
    let isSquare = unsafe F.sqrtRatio(y, gn, gd, s)
    unsafe F.mul(x, t, n, s)
    unsafe F.cmov(x, n, isSquare)
    unsafe F.mul(square, t, u, s)
    unsafe F.mul(square, square, y, s)
    unsafe F.cmov(y, square, ~isSquare)
    unsafe F.cneg(y, 0 &- (F.sgn0(u) ^ F.sgn0(y)))

    unsafe r.x.pointee = x.pointee
    unsafe F.mul(r.y, y, d, s)
    unsafe r.z.pointee = d.pointee
}

/// r = a + b on the isogenous curve, complete: 3 products of 3 sums as for E, and 5 with the constants.
///
/// Source: Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves", 2016, algorithm 1. The
/// order of the curve is odd, like that of E, hence there are no exceptions.
func isogenousAdd<F: MappableField>(_ r: Pointer<Projective<F>>, _ p: Input<Projective<F>>, _ q: Input<Projective<F>>, _ s: Scratch) {
    var s = s
    let xx = unsafe s.take(F.self), yy = unsafe s.take(F.self), zz = unsafe s.take(F.self)
    let xy = unsafe s.take(F.self), yz = unsafe s.take(F.self), xz = unsafe s.take(F.self)
    let sum = unsafe s.take(F.self), difference = unsafe s.take(F.self), triple = unsafe s.take(F.self), rest = unsafe s.take(F.self)
    let a = unsafe s.copy(F.mapA), threeB = unsafe s.copy(F.mapThreeB)
    unsafe F.mul(xx, p.x, q.x, s)
    unsafe F.mul(yy, p.y, q.y, s)
    unsafe F.mul(zz, p.z, q.z, s)
    unsafe F.mulAdd(xy, p.x, q.y, p.y, q.x, s)
    unsafe F.mulAdd(yz, p.y, q.z, p.z, q.y, s)
    unsafe F.mulAdd(xz, p.x, q.z, p.z, q.x, s)

    // Y₁Y₂ ± (a·xz + 3b·zz), 3xx + a·zz and a(xx - a·zz) + 3b·xz.
    unsafe F.mulAdd(rest, a, xz, threeB, zz, s)
    unsafe F.add(sum, yy, rest)
    unsafe F.sub(difference, yy, rest)
    unsafe F.mul(zz, a, zz, s)
    unsafe F.sub(rest, xx, zz)
    unsafe F.mulAdd(rest, a, rest, threeB, xz, s)
    unsafe F.add(triple, xx, xx)
    unsafe F.add(triple, triple, xx)
    unsafe F.add(triple, triple, zz)

    unsafe F.mulSub(r.x, xy, difference, yz, rest, s)
    unsafe F.mulAdd(r.y, sum, difference, triple, rest, s)
    unsafe F.mulAdd(r.z, yz, sum, triple, xy, s)
}

/// The point of the subgroup that one element (an encoding) or two elements (a hash) give.
func mapToGroup<F: MappableField>(_ elements: Input<F>, _ count: Int, _ s: Scratch) -> Projective<F> {
    var s = s
    let sum = unsafe s.take(Projective<F>.self), point = unsafe s.take(Projective<F>.self)
    unsafe mapToIsogenousCurve(sum, elements, s)
    for i in 1..<max(count, 1) {
        unsafe mapToIsogenousCurve(point, elements + i, s)
        unsafe isogenousAdd(sum, sum, point, s)
    }
    // The isogeny respects addition, so that one evaluation serves both.
    unsafe F.isogeny.evaluate(point, sum, s)
    unsafe F.clearCofactor(sum, point, s)
    return unsafe sum.pointee
}
