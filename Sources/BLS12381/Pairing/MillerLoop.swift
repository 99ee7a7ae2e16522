// The Miller loop of the optimal ate pairing, for products of pairings with one accumulator.
//
// Invariants:
// 1. The sequence of operations depends on the number of terms and on which are prepared, never on a coordinate.
// 2. A term with infinity on either side runs through the same steps, and its lines are replaced by 1 under a mask.

/// One factor of a product of pairings.
@safe
struct MillerTerm: BitwiseCopyable {
    /// The point of E.
    var p: G1Affine
    /// All ones when one of the two points is infinity.
    var isSkipped: Mask
    /// The point of the twist, for a term that is not prepared, and the running multiple of it.
    var q: G2Affine
    var t: G2Projective
    /// The lines of a prepared point.
    var lines: Input<Line>?
}

extension UnsafeMutablePointer where Pointee == MillerTerm {
    @inline(__always) var p: Pointer<G1Affine> {
        unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: G1Affine.self)
    }
    @inline(__always) var q: Pointer<G2Affine> {
        unsafe (UnsafeMutableRawPointer(self) + MillerTerm.offsetOfQ).assumingMemoryBound(to: G2Affine.self)
    }
    @inline(__always) var t: Pointer<G2Projective> {
        unsafe (UnsafeMutableRawPointer(self) + MillerTerm.offsetOfT).assumingMemoryBound(to: G2Projective.self)
    }
}

extension MillerTerm {
    fileprivate static var offsetOfQ: Int { MemoryLayout<G1Affine>.stride + MemoryLayout<Mask>.stride }
    fileprivate static var offsetOfT: Int { offsetOfQ + MemoryLayout<G2Affine>.stride }
}

/// How many lines the loop takes from a point: 63 doublings and 5 additions.
let millerLineCount = 68

/// f = the product of f_{|x|,Q}(P) over the terms, conjugated because x is negative. `terms` is overwritten.
func millerLoop(_ f: Pointer<Fp12>, _ terms: Pointer<MillerTerm>, _ count: Int, _ s: Scratch) {
    var s = s
    let raw = unsafe s.take(Line.self), lines = unsafe s.take(Line.self, count: 2)
    unsafe f.pointee = Fp12.one
    var step = 0
    // Lines are multiplied in pairs; `pending` is how many wait.
    var pending = 0

    func multiply(_ source: Input<Line>, _ term: Pointer<MillerTerm>) {
        unsafe lineEvaluate(lines + pending, source, term.p, term.pointee.isSkipped, s)
        pending += 1
        if pending == 2 {
            unsafe fp12MulByLines(f, f, lines, lines + 1, s)
            pending = 0
        }
    }

    for i in stride(from: 62, through: 0, by: -1) {
        if i != 62 { unsafe fp12Sqr(f, f, s) }
        for j in 0..<count {
            let term = unsafe terms + j
            if let prepared = unsafe term.pointee.lines {
                unsafe multiply(prepared + step, term)
            } else {
                unsafe lineDouble(raw, term.t, s)
                unsafe multiply(raw, term)
            }
        }
        step += 1
        if curveParameter >> UInt64(i) & 1 == 1 {
            for j in 0..<count {
                let term = unsafe terms + j
                if let prepared = unsafe term.pointee.lines {
                    unsafe multiply(prepared + step, term)
                } else {
                    unsafe lineAdd(raw, term.t, term.q, s)
                    unsafe multiply(raw, term)
                }
            }
            step += 1
        }
        if pending == 1 {
            unsafe fp12MulBy014(f, f, lines, s)
            pending = 0
        }
    }
    unsafe fp12Conj(f, f)
}

/// The lines of a point of the twist, in the order in which the loop takes them.
func millerLines(_ lines: Pointer<Line>, _ q: Input<G2Affine>, _ s: Scratch) {
    var s = s
    let t = unsafe s.copy(G2Projective(q.pointee))
    var step = 0
    for i in stride(from: 62, through: 0, by: -1) {
        unsafe lineDouble(lines + step, t, s)
        step += 1
        if curveParameter >> UInt64(i) & 1 == 1 {
            unsafe lineAdd(lines + step, t, q, s)
            step += 1
        }
    }
}
