// GT elements from and to bytes: twelve little-endian coefficients of 48 bytes, as mcl and arkworks write them.

extension GT {
    /// Reads 576 bytes: the coefficients c0.c0.c0, c0.c0.c1, c0.c1.c0, … c1.c2.c1, each little-endian.
    ///
    /// - Throws: `wrongLength`, `notCanonical`, and `notInSubgroup` for what is not in GT.
    public init(bytes: [UInt8]) throws(BLS12381Error) {
        guard bytes.count == GT.byteCount else { throw .wrongLength(need: GT.byteCount, have: bytes.count) }
        self = try withScratch { s throws(BLS12381Error) in
            var s = s
            let value = unsafe s.take(Fp12.self), bigEndian = unsafe s.take(UInt8.self, count: 48)
            for i in 0..<12 {
                for j in 0..<48 { unsafe bigEndian[j] = bytes[i * 48 + 47 - j] }
                guard unsafe fpFromBytes(value.part(i, of: Fp.self), bigEndian) != 0 else { throw .notCanonical }
            }
            guard unsafe isInGT(value, s) else { throw .notInSubgroup }
            return GT(unchecked: unsafe value.pointee)
        }
    }

    /// 576 bytes.
    public var bytes: [UInt8] {
        withScratch(byteCount: 4096) { s in
            var s = s
            let copy = unsafe s.copy(value), bigEndian = unsafe s.take(UInt8.self, count: 48)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(GT.byteCount)
            for i in 0..<12 {
                unsafe fpToBytes(bigEndian, copy.part(i, of: Fp.self))
                for j in 0..<48 { unsafe bytes.append(bigEndian[47 - j]) }
            }
            return bytes
        }
    }
}

/// Whether f^(p⁴)·f = f^(p²) (cyclotomic) and f^p = f^x (Scott 2021), and f is not 0.
private func isInGT(_ f: Input<Fp12>, _ s: Scratch) -> Bool {
    var s = s
    let square = unsafe s.take(Fp12.self), fourth = unsafe s.take(Fp12.self), zero = unsafe s.copy(Fp12())
    unsafe fp12FrobeniusSquare(square, f, s)
    unsafe fp12FrobeniusSquare(fourth, square, s)
    unsafe fp12Mul(fourth, fourth, f, s)
    guard unsafe fp12Equal(f, zero) == 0, unsafe fp12Equal(fourth, square) != 0 else { return false }
    unsafe fp12Frobenius(square, f, s)
    unsafe cyclotomicPowX(fourth, f, s)
    return unsafe fp12Equal(square, fourth) != 0
}
