// The base field in value style, for cold code and tests.

extension Fp: Equatable {
    /// Constant time.
    static func == (a: Fp, b: Fp) -> Bool { a.isEqual(b) != 0 }

    static func + (a: Fp, b: Fp) -> Fp { a.sum(b) }
    static func - (a: Fp, b: Fp) -> Fp { a.difference(b) }
    static prefix func - (a: Fp) -> Fp { a.negated }
    @inline(never) static func * (a: Fp, b: Fp) -> Fp { a.product(b) }

    func doubled() -> Fp { sum(self) }
    func squared() -> Fp { self * self }

    /// 1/self, and 0 for 0. Constant time.
    func inverse() -> Fp {
        withScratch(byteCount: 4096) { s in
            var s = s
            let value = unsafe s.copy(self)
            unsafe fpInv(value, value, s)
            return unsafe value.pointee
        }
    }

    /// From canonical big-endian hexadecimal digits, of which there are at most 96. Traps on anything else.
    init(hex: String) {
        precondition(hex.utf8.count <= 96, "more than 48 bytes")
        let digits = String(repeating: "0", count: 96 - hex.utf8.count) + hex
        var limbs: [UInt64] = []
        var rest = Substring(digits)
        for _ in 0..<6 {
            guard let limb = UInt64(rest.prefix(16), radix: 16) else { preconditionFailure("not hexadecimal: \(hex)") }
            limbs.append(limb)
            rest = rest.dropFirst(16)
        }
        let number = Fp(limbs[5], limbs[4], limbs[3], limbs[2], limbs[1], limbs[0])
        precondition(number.plainDifference(Fp.modulus(masked: ~0)).isNegative != 0, "not below p: \(hex)")
        self = Fp.montgomerySquare.product(number)
    }
}
