// Complete addition and doubling on both curves, constant time.
//
// Source: Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves", 2016, algorithms 7 to 9
// (a = 0), with each coordinate of the result as a sum of two products under one reduction.

/// r = a + b: 6 products and 3 sums of two products.
func pointAdd<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ b: Input<Projective<F>>, _ s: Scratch) {
    var s = s
    let xx = unsafe s.take(F.self), yy = unsafe s.take(F.self), zz = unsafe s.take(F.self)
    let xy = unsafe s.take(F.self), yz = unsafe s.take(F.self), xz = unsafe s.take(F.self)
    let t = unsafe s.take(F.self), u = unsafe s.take(F.self)
    unsafe F.mul(xx, a.x, b.x, s)
    unsafe F.mul(yy, a.y, b.y, s)
    unsafe F.mul(zz, a.z, b.z, s)
    // xy = X1Y2 + X2Y1, yz = Y1Z2 + Y2Z1, xz = X1Z2 + X2Z1.
    unsafe F.add(t, a.x, a.y)
    unsafe F.add(u, b.x, b.y)
    unsafe F.mul(xy, t, u, s)
    unsafe F.sub(xy, xy, xx)
    unsafe F.sub(xy, xy, yy)
    unsafe F.add(t, a.y, a.z)
    unsafe F.add(u, b.y, b.z)
    unsafe F.mul(yz, t, u, s)
    unsafe F.sub(yz, yz, yy)
    unsafe F.sub(yz, yz, zz)
    unsafe F.add(t, a.x, a.z)
    unsafe F.add(u, b.x, b.z)
    unsafe F.mul(xz, t, u, s)
    unsafe F.sub(xz, xz, xx)
    unsafe F.sub(xz, xz, zz)
    unsafe finishAddition(r, xx, yy, zz, xy, yz, xz, s)
}

/// r = a + b for an affine b.
func pointAddMixed<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ b: Input<Affine<F>>, _ s: Scratch) {
    var s = s
    let xx = unsafe s.take(F.self), yy = unsafe s.take(F.self), zz = unsafe s.take(F.self)
    let xy = unsafe s.take(F.self), yz = unsafe s.take(F.self), xz = unsafe s.take(F.self)
    let t = unsafe s.take(F.self), u = unsafe s.take(F.self)
    unsafe F.mul(xx, a.x, b.x, s)
    unsafe F.mul(yy, a.y, b.y, s)
    unsafe zz.pointee = a.z.pointee
    unsafe F.add(t, a.x, a.y)
    unsafe F.add(u, b.x, b.y)
    unsafe F.mul(xy, t, u, s)
    unsafe F.sub(xy, xy, xx)
    unsafe F.sub(xy, xy, yy)
    unsafe F.mul(yz, b.y, a.z, s)
    unsafe F.add(yz, yz, a.y)
    unsafe F.mul(xz, b.x, a.z, s)
    unsafe F.add(xz, xz, a.x)
    unsafe finishAddition(r, xx, yy, zz, xy, yz, xz, s)
}

/// X3 = xy·(yy - 3b·zz) - 3b·yz·xz, Y3 = (yy + 3b·zz)(yy - 3b·zz) + 3xx·3b·xz, Z3 = yz·(yy + 3b·zz) + 3xx·xy.
@inline(__always)
private func finishAddition<F: CurveField>(
    _ r: Pointer<Projective<F>>, _ xx: Pointer<F>, _ yy: Pointer<F>, _ zz: Pointer<F>, _ xy: Pointer<F>, _ yz: Pointer<F>,
    _ xz: Pointer<F>, _ s: Scratch
) {
    var s = s
    let sum = unsafe s.take(F.self), difference = unsafe s.take(F.self), triple = unsafe s.take(F.self)
    unsafe F.mulThreeB(zz, zz)
    unsafe F.mulThreeB(xz, xz)
    unsafe F.add(sum, yy, zz)
    unsafe F.sub(difference, yy, zz)
    unsafe F.add(triple, xx, xx)
    unsafe F.add(triple, triple, xx)
    unsafe F.mulSub(r.x, xy, difference, yz, xz, s)
    unsafe F.mulAdd(r.y, sum, difference, triple, xz, s)
    unsafe F.mulAdd(r.z, yz, sum, triple, xy, s)
}

/// r = 2a: X3 = 2XY(Y² - 9bZ²), Y3 = (Y² - 9bZ²)(Y² + 3bZ²) + 24bY²Z², Z3 = 8Y³Z.
func pointDouble<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ s: Scratch) {
    var s = s
    let yy = unsafe s.take(F.self), bzz = unsafe s.take(F.self), xy = unsafe s.take(F.self), yz = unsafe s.take(F.self)
    let eight = unsafe s.take(F.self), sum = unsafe s.take(F.self), difference = unsafe s.take(F.self)
    unsafe F.sqr(yy, a.y, s)
    unsafe F.sqr(bzz, a.z, s)
    unsafe F.mulThreeB(bzz, bzz)
    unsafe F.mul(xy, a.x, a.y, s)
    unsafe F.mul(yz, a.y, a.z, s)
    unsafe F.add(eight, yy, yy)
    unsafe F.add(eight, eight, eight)
    unsafe F.add(eight, eight, eight)
    unsafe F.add(sum, yy, bzz)
    unsafe F.sub(difference, yy, bzz)
    unsafe F.sub(difference, difference, bzz)
    unsafe F.sub(difference, difference, bzz)
    unsafe F.mul(r.z, yz, eight, s)
    unsafe F.mulAdd(r.y, difference, sum, bzz, eight, s)
    unsafe F.mul(r.x, difference, xy, s)
    unsafe F.add(r.x, r.x, r.x)
}

func pointNeg<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>) {
    unsafe r.x.pointee = a.x.pointee
    unsafe F.neg(r.y, a.y)
    unsafe r.z.pointee = a.z.pointee
}

func pointSub<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ b: Input<Projective<F>>, _ s: Scratch) {
    var s = s
    let negative = unsafe s.take(Projective<F>.self)
    unsafe pointNeg(negative, b)
    unsafe pointAdd(r, a, negative, s)
}

/// r = mask ? a : r.
func pointCmov<F>(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ mask: Mask) {
    unsafe F.cmov(r.x, a.x, mask)
    unsafe F.cmov(r.y, a.y, mask)
    unsafe F.cmov(r.z, a.z, mask)
}

func pointIsIdentity<F>(_ a: Input<Projective<F>>) -> Mask { unsafe F.isZero(a.z) }

func pointEqual<F>(_ a: Input<Projective<F>>, _ b: Input<Projective<F>>, _ s: Scratch) -> Mask {
    var s = s
    let left = unsafe s.take(F.self), right = unsafe s.take(F.self)
    unsafe F.mul(left, a.x, b.z, s)
    unsafe F.mul(right, b.x, a.z, s)
    let sameX = unsafe F.isEqual(left, right)
    unsafe F.mul(left, a.y, b.z, s)
    unsafe F.mul(right, b.y, a.z, s)
    return unsafe sameX & F.isEqual(left, right)
}

/// Whether an affine point satisfies y² = x³ + b.
func pointIsOnCurve<F>(_ a: Input<Affine<F>>, _ s: Scratch) -> Mask {
    var s = s
    let left = unsafe s.take(F.self), right = unsafe s.take(F.self)
    unsafe F.sqr(left, a.y, s)
    unsafe curveRightSide(right, a.x, s)
    return unsafe F.isEqual(left, right)
}

/// x³ + b.
func curveRightSide<F: CurveField>(_ r: Pointer<F>, _ x: Input<F>, _ s: Scratch) {
    var s = s
    let square = unsafe s.take(F.self), b = unsafe s.copy(F.curveConstant)
    unsafe F.sqr(square, x, s)
    unsafe F.mul(square, square, x, s)
    unsafe F.add(r, square, b)
}

/// Affine coordinates of points none of which is infinity, with one inversion for all.
func pointsToAffine<F>(_ r: Pointer<Affine<F>>, _ points: Input<Projective<F>>, _ count: Int, _ s: Scratch) {
    guard count > 0 else { return }
    var s = s
    // Running products of the Zs, then their inverses from the back (Montgomery's trick).
    let products = unsafe s.take(F.self, count: count), inverse = unsafe s.take(F.self), zInverse = unsafe s.take(F.self)
    unsafe products.pointee = points.z.pointee
    for i in 1..<max(count, 1) { unsafe F.mul(products + i, products + (i - 1), (points + i).z, s) }
    unsafe F.inv(inverse, products + (count - 1), s)
    for i in stride(from: count - 1, through: 0, by: -1) {
        if i > 0 {
            unsafe F.mul(zInverse, inverse, products + (i - 1), s)
            unsafe F.mul(inverse, inverse, (points + i).z, s)
        } else {
            unsafe zInverse.pointee = inverse.pointee
        }
        unsafe F.mul((r + i).x, (points + i).x, zInverse, s)
        unsafe F.mul((r + i).y, (points + i).y, zInverse, s)
    }
}
