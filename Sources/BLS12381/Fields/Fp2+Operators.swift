// The quadratic extension in value style, for cold code and tests.

extension Fp2: Equatable {
    /// Constant time.
    static func == (a: Fp2, b: Fp2) -> Bool { a.c0.isEqual(b.c0) & a.c1.isEqual(b.c1) != 0 }

    static func + (a: Fp2, b: Fp2) -> Fp2 { Fp2(a.c0 + b.c0, a.c1 + b.c1) }
    static func - (a: Fp2, b: Fp2) -> Fp2 { Fp2(a.c0 - b.c0, a.c1 - b.c1) }
    static prefix func - (a: Fp2) -> Fp2 { Fp2(-a.c0, -a.c1) }
    static func * (a: Fp2, b: Fp2) -> Fp2 {
        Fp2(a.c0 * b.c0 - a.c1 * b.c1, a.c0 * b.c1 + a.c1 * b.c0)
    }

    func doubled() -> Fp2 { self + self }
    func squared() -> Fp2 { self * self }
    var conjugate: Fp2 { Fp2(c0, -c1) }

    /// 1/self, and 0 for 0. Constant time.
    func inverse() -> Fp2 {
        let norm = (c0.squared() + c1.squared()).inverse()
        return Fp2(c0 * norm, -(c1 * norm))
    }

    /// From canonical big-endian hexadecimal digits. Traps on anything else.
    init(hex c0: String, _ c1: String) { self.init(Fp(hex: c0), Fp(hex: c1)) }
}
