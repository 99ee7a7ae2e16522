// How a curve splits a scalar with its endomorphism into short scalars of images of the point.

/// A coordinate field whose curve has an endomorphism that acts on the subgroup of order r as a small power of x.
protocol GroupField: SubgroupField {
    /// How many short scalars make a whole one.
    static var partCount: Int { get }
    /// Bits of a short scalar.
    static var partBitCount: Int { get }
    /// The short scalars, least significant first.
    static func split(_ parts: Pointer<UInt128>, _ scalar: Scalar)
    /// From the image that belongs to one short scalar to the image of the next, sign included.
    static func nextImage(_ r: Pointer<Projective<Self>>, _ a: Input<Projective<Self>>, _ s: Scratch)
}

extension Fp: GroupField {
    static var partCount: Int { 2 }
    static var partBitCount: Int { 128 }

    static func split(_ parts: Pointer<UInt128>, _ scalar: Scalar) {
        let (m, q) = scalar.splitBySquare()
        unsafe parts[0] = m
        unsafe parts[1] = q
    }

    /// -φ acts as x².
    static func nextImage(_ r: Pointer<G1Projective>, _ a: Input<G1Projective>, _ s: Scratch) {
        unsafe g1Phi(r, a, s)
        unsafe fpNeg(r.y, r.y)
    }
}

extension Fp2: GroupField {
    static var partCount: Int { 4 }
    static var partBitCount: Int { 64 }

    static func split(_ parts: Pointer<UInt128>, _ scalar: Scalar) {
        let (a0, a1, a2, a3) = scalar.splitByParameter()
        unsafe parts[0] = UInt128(a0)
        unsafe parts[1] = UInt128(a1)
        unsafe parts[2] = UInt128(a2)
        unsafe parts[3] = UInt128(a3)
    }

    /// -ψ acts as |x|.
    static func nextImage(_ r: Pointer<G2Projective>, _ a: Input<G2Projective>, _ s: Scratch) {
        unsafe g2Psi(r, a, s)
        unsafe fp2Neg(r.y, r.y)
    }
}
