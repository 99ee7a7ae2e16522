// The target group of the pairing: the subgroup of order r of Fp12, written multiplicatively.

/// An element of GT.
///
/// Operations take constant time unless their name says otherwise. A plain value: who holds a secret one wipes it with `wipe()`.
public struct GT: Sendable {
    var value: Fp12

    /// A value that is known to be in the group.
    init(unchecked value: Fp12) { self.value = value }

    /// Bytes of an encoded element.
    public static let byteCount = 576
    public static let one = GT(unchecked: .one)
    /// e(g1, g2).
    public static let generator = pairing(.generator, .generator)
    /// Powers of e(g1, g2).
    public static let generatorTable = Table(generator)

    public var isOne: Bool { self == .one }

    /// Overwrites the value, in a way that the compiler does not remove.
    public mutating func wipe() {
        overwrite(&value)
        value = .one
    }

    /// The conjugate, which is the inverse in the cyclotomic subgroup.
    public func inverse() -> GT {
        withScratch(byteCount: 4096) { s in
            var s = s
            let result = unsafe s.copy(value)
            unsafe fp12Conj(result, result)
            return GT(unchecked: unsafe result.pointee)
        }
    }

    public static func * (a: GT, b: GT) -> GT {
        withScratch { s in
            var s = s
            let left = unsafe s.copy(a.value), right = unsafe s.copy(b.value)
            unsafe fp12Mul(left, left, right, s)
            return GT(unchecked: unsafe left.pointee)
        }
    }

    public static func *= (a: inout GT, b: GT) { a = a * b }
}

extension GT: Equatable {
    /// Constant time.
    public static func == (a: GT, b: GT) -> Bool {
        withScratch(byteCount: 4096) { s in
            var s = s
            let left = unsafe s.copy(a.value), right = unsafe s.copy(b.value)
            return unsafe fp12Equal(left, right) != 0
        }
    }
}
