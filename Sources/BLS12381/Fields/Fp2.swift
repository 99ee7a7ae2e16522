// The quadratic extension of the base field: pairs a + b·u with u² = -1.

/// c0 + c1·u, an element of Fp2 = Fp[u]/(u² + 1).
struct Fp2: Sendable, BitwiseCopyable {
    var c0, c1: Fp

    @inline(__always)
    init(_ c0: Fp, _ c1: Fp) { (self.c0, self.c1) = (c0, c1) }

    /// Zero.
    @inline(__always)
    init() { self.init(Fp(), Fp()) }

    static let zero = Fp2()
    static let one = Fp2(Fp.one, Fp.zero)
}

extension UnsafeMutablePointer where Pointee == Fp2 {
    @inline(__always) var c0: Pointer<Fp> { unsafe part(0, of: Fp.self) }
    @inline(__always) var c1: Pointer<Fp> { unsafe part(1, of: Fp.self) }
}

extension UnsafePointer where Pointee == Fp2 {
    @inline(__always) var c0: Input<Fp> { unsafe part(0, of: Fp.self) }
    @inline(__always) var c1: Input<Fp> { unsafe part(1, of: Fp.self) }
}
