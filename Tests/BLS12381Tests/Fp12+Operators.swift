// The top of the tower in value style, for tests.

@testable import BLS12381

extension Fp12 {
    private static func made(_ body: (Pointer<Fp12>, Scratch) -> Void) -> Fp12 {
        withScratch { s in
            var s = s
            let result = unsafe s.copy(Fp12.one)
            unsafe body(result, s)
            return unsafe result.pointee
        }
    }

    static func * (a: Fp12, b: Fp12) -> Fp12 {
        var (a, b) = (a, b)
        return unsafe made { unsafe fp12Mul($0, &a, &b, $1) }
    }

    static func + (a: Fp12, b: Fp12) -> Fp12 {
        var (a, b) = (a, b)
        return unsafe made { r, _ in
            unsafe fp6Add(r.c0, &a.c0, &b.c0)
            unsafe fp6Add(r.c1, &a.c1, &b.c1)
        }
    }

    static func == (a: Fp12, b: Fp12) -> Bool {
        var (a, b) = (a, b)
        return unsafe fp12Equal(&a, &b) != 0
    }

    func squared() -> Fp12 {
        var value = self
        return unsafe .made { unsafe fp12Sqr($0, &value, $1) }
    }

    func cyclotomicSquare() -> Fp12 {
        var value = self
        return unsafe .made { unsafe cyclotomicSqr($0, &value, $1) }
    }

    func inverse() -> Fp12 {
        var value = self
        return unsafe .made { unsafe fp12Inv($0, &value, $1) }
    }

    func conjugate() -> Fp12 {
        var value = self
        return unsafe .made { r, _ in unsafe fp12Conj(r, &value) }
    }

    func frobenius() -> Fp12 {
        var value = self
        return unsafe .made { unsafe fp12Frobenius($0, &value, $1) }
    }

    func frobeniusSquare() -> Fp12 {
        var value = self
        return unsafe .made { unsafe fp12FrobeniusSquare($0, &value, $1) }
    }

    func times(_ line: Line) -> Fp12 {
        var (value, line) = (self, line)
        return unsafe .made { unsafe fp12MulBy014($0, &value, &line, $1) }
    }

    func times(_ first: Line, _ second: Line) -> Fp12 {
        var (value, first, second) = (self, first, second)
        return unsafe .made { unsafe fp12MulByLines($0, &value, &first, &second, $1) }
    }
}
