// The pairing e: G1 × G2 → GT and products of pairings.

/// One factor of a product of pairings.
public enum PairingTerm: Sendable {
    case plain(G1, G2)
    /// With the lines of the second point at hand, which saves a third of the Miller loop.
    case prepared(G1, G2.Prepared)
}

/// e(p, q): optimal ate with the exponent 3(p¹²-1)/r, as in blst, mcl, arkworks and zkcrypto.
///
/// Bilinear and not degenerate; e(P, 0) = e(0, Q) = 1. Constant time.
public func pairing(_ p: G1, _ q: G2) -> GT { pairingProduct([.plain(p, q)]) }

/// Π e(pᵢ, qᵢ) with one chain of squarings and one final exponentiation. The empty product is 1.
///
/// Constant time in the points, infinity included; how many terms there are and which are prepared shows.
public func pairingProduct(_ terms: [PairingTerm]) -> GT {
    let stride = MemoryLayout<MillerTerm>.stride + 3 * MemoryLayout<G2Projective>.stride
    return withScratch(byteCount: scratchByteCount + terms.count * stride) { s in
        var s = s
        let value = unsafe s.take(Fp12.self), loopTerms = unsafe s.take(MillerTerm.self, count: terms.count)
        // The terms' lines belong to objects that must outlive the loop.
        withExtendedLifetime(terms) {
            unsafe prepareTerms(loopTerms, terms, s)
            unsafe millerLoop(value, loopTerms, terms.count, s)
        }
        unsafe finalExponentiation(value, value, s)
        return GT(unchecked: unsafe value.pointee)
    }
}

/// Brings all points to affine coordinates, with one inversion in each field.
private func prepareTerms(_ r: Pointer<MillerTerm>, _ terms: [PairingTerm], _ s: Scratch) {
    var s = s
    let left = unsafe s.take(G1Projective.self, count: terms.count), leftAffine = unsafe s.take(G1Affine.self, count: terms.count)
    let right = unsafe s.take(G2Projective.self, count: terms.count), rightAffine = unsafe s.take(G2Affine.self, count: terms.count)
    var plainCount = 0
    for (i, term) in terms.enumerated() {
        let isSkipped: Mask, lines: Input<Line>?
        switch term {
        case .plain(let p, let q):
            unsafe left[i] = p.point
            unsafe right[plainCount] = q.point
            isSkipped = unsafe replaceInfinity(left + i) | replaceInfinity(right + plainCount)
            unsafe lines = nil
            plainCount += 1
        case .prepared(let p, let q):
            unsafe left[i] = p.point
            isSkipped = unsafe replaceInfinity(left + i) | q.isIdentity
            unsafe lines = q.lines
        }
        unsafe r[i] = MillerTerm(p: G1Affine(x: .zero, y: .zero), isSkipped: isSkipped, q: G2Affine(x: .zero, y: .zero), t: .identity, lines: lines)
    }
    unsafe pointsToAffine(leftAffine, left, terms.count, s)
    unsafe pointsToAffine(rightAffine, right, plainCount, s)
    var plain = 0
    for i in terms.indices {
        unsafe r[i].p = leftAffine[i]
        guard unsafe r[i].lines == nil else { continue }
        unsafe r[i].q = rightAffine[plain]
        unsafe r[i].t = G2Projective(rightAffine[plain])
        plain += 1
    }
}

/// Gives infinity the third coordinate 1, so that it can be normalised with the others. The mask says whether it was.
func replaceInfinity<F>(_ point: Pointer<Projective<F>>) -> Mask {
    let isIdentity = unsafe pointIsIdentity(point)
    // Infinity is (0 : y : 0) with y other than 0.
    unsafe F.cmov(point.z, point.y, isIdentity)
    return isIdentity
}
