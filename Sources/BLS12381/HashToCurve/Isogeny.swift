// The isogeny from the curve that elements are mapped to, evaluated without an inversion.

/// x ↦ xNumerator/xDenominator, y ↦ y·yNumerator/yDenominator: polynomials in x, coefficients ascending, the denominators
/// without their leading 1.
struct Isogeny<F: MappableField> {
    var xNumerator, xDenominator, yNumerator, yDenominator: [F]

    /// r = the image of a homogeneous point. The kernel, infinity with it, goes to infinity.
    func evaluate(_ r: Pointer<Projective<F>>, _ a: Input<Projective<F>>, _ s: Scratch) {
        var s = s
        // Every polynomial is made homogeneous of the highest degree: Σ kᵢ·XⁱZⁿ⁻ⁱ.
        let degree = yDenominator.count
        let monomials = unsafe s.take(F.self, count: degree + 1)
        let xn = unsafe s.take(F.self), xd = unsafe s.take(F.self), yn = unsafe s.take(F.self), yd = unsafe s.take(F.self)
        unsafe fillMonomials(monomials, a.x, a.z, degree, s)
        unsafe sum(xn, xNumerator, monomials, s)
        unsafe sum(xd, xDenominator, monomials, s)
        unsafe F.add(xd, xd, monomials + xDenominator.count)
        unsafe sum(yn, yNumerator, monomials, s)
        unsafe sum(yd, yDenominator, monomials, s)
        unsafe F.add(yd, yd, monomials + degree)

        // (xn/xd, Y·yn/(Z·yd)).
        let identity = unsafe s.copy(Projective<F>.identity)
        unsafe F.mul(yn, yn, a.y, s)
        unsafe F.mul(yd, yd, a.z, s)
        unsafe F.mul(r.x, xn, yd, s)
        unsafe F.mul(r.y, yn, xd, s)
        unsafe F.mul(r.z, xd, yd, s)
        unsafe pointCmov(r, identity, F.isZero(r.z))
    }

    /// rᵢ = XⁱZⁿ⁻ⁱ for i from 0 to n.
    private func fillMonomials(_ r: Pointer<F>, _ x: Input<F>, _ z: Input<F>, _ degree: Int, _ s: Scratch) {
        var s = s
        let power = unsafe s.copy(F.one)
        for i in stride(from: degree, through: 0, by: -1) {
            unsafe (r + i).pointee = power.pointee
            unsafe F.mul(power, power, z, s)
        }
        unsafe power.pointee = x.pointee
        for i in 1...degree {
            unsafe F.mul(r + i, r + i, power, s)
            unsafe F.mul(power, power, x, s)
        }
    }

    private func sum(_ r: Pointer<F>, _ coefficients: [F], _ monomials: Input<F>, _ s: Scratch) {
        unsafe coefficients.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { unsafe F.dot(r, start, monomials, buffer.count, s) }
        }
    }
}
