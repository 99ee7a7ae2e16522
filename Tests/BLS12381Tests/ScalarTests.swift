// The scalar field against its axioms, its encodings and its decompositions.

import Testing

@testable import BLS12381

@Suite struct ScalarTests {
    /// r - 1, the largest scalar.
    static let largest = -Scalar.one
    static let edges = [Scalar.zero, .one, Scalar(2), largest, largest - .one, Scalar(0xd201_0000_0001_0000), Scalar(.max)]

    @Test func satisfiesTheFieldAxioms() {
        for _ in 0..<500 {
            let (a, b, c) = (Scalar.random(), Scalar.random(), Scalar.random())
            #expect(a + b == b + a && (a + b) + c == a + (b + c))
            #expect(a * b == b * a && (a * b) * c == a * (b * c))
            #expect(a * (b + c) == a * b + a * c)
            #expect(a - b == a + -b && a - a == .zero && a * .one == a)
        }
    }

    @Test func addsSmallNumbers() {
        #expect(Scalar(3) + Scalar(4) == Scalar(7))
        #expect(Scalar(3) * Scalar(4) == Scalar(12))
        #expect(Scalar(3) - Scalar(4) == -Scalar.one)
        #expect(Self.largest + .one == .zero)
    }

    @Test func invertsAllButZero() {
        for a in Self.edges + (0..<200).map({ _ in Scalar.random() }) {
            #expect(a * a.inverse() == (a.isZero ? .zero : .one))
        }
        #expect(Scalar.zero.inverse() == .zero)
    }

    @Test func roundTripsBytes() throws {
        for a in Self.edges + (0..<50).map({ _ in Scalar.random() }) {
            #expect(try Scalar(bytes: a.bytes) == a)
            #expect(Scalar(reducing: a.bytes) == a)
        }
        #expect(Scalar(258).bytes == [UInt8](repeating: 0, count: 30) + [1, 2])
    }

    @Test func refusesNumbersFromTheOrderOn() {
        var order = Self.largest.bytes
        order[31] += 1
        #expect(throws: BLS12381Error.notCanonical) { try Scalar(bytes: order) }
        #expect(throws: BLS12381Error.notCanonical) { try Scalar(bytes: [UInt8](repeating: 255, count: 32)) }
        #expect(throws: BLS12381Error.wrongLength(need: 32, have: 31)) { try Scalar(bytes: [UInt8](repeating: 0, count: 31)) }
        #expect(throws: BLS12381Error.wrongLength(need: 32, have: 33)) { try Scalar(bytes: [UInt8](repeating: 0, count: 33)) }
        #expect(Scalar(reducing: order) == .zero)
    }

    @Test func reducesUpTo64Bytes() {
        // 2^512 - 1 by Horner's rule over its bytes.
        let bytes = [UInt8](repeating: 255, count: 64)
        let expected = bytes.reduce(Scalar.zero) { $0 * Scalar(256) + Scalar(UInt64($1)) }
        #expect(Scalar(reducing: bytes) == expected)
        #expect(Scalar(reducing: []) == .zero)
        for count in [1, 31, 33, 48, 63] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            #expect(Scalar(reducing: bytes) == bytes.reduce(Scalar.zero) { $0 * Scalar(256) + Scalar(UInt64($1)) })
        }
    }

    @Test func splitsByPowersOfTheParameter() {
        let x = Scalar(curveParameter)
        func scalar(_ number: UInt128) -> Scalar {
            Scalar(UInt64(truncatingIfNeeded: number >> 64)) * Scalar(reducing: [1] + [UInt8](repeating: 0, count: 8))
                + Scalar(UInt64(truncatingIfNeeded: number))
        }
        for k in Self.edges + (0..<200).map({ _ in Scalar.random() }) {
            let (m, q) = k.splitBySquare()
            #expect(scalar(m) + scalar(q) * x * x == k)
            let (a0, a1, a2, a3) = k.splitByParameter()
            #expect(Scalar(a0) + x * (Scalar(a1) + x * (Scalar(a2) + x * Scalar(a3))) == k)
        }
    }

    @Test(arguments: 2...12) func signedDigitsAddUpToTheNumber(window: Int) {
        for k in Self.edges + (0..<20).map({ _ in Scalar.random() }) {
            let digits = withScratch(byteCount: 4096) { s in
                var s = s
                let count = signedDigitCount(bitCount: 255, window: window)
                let digits = unsafe s.take(Int32.self, count: count)
                unsafe signedDigits(digits, k, window: window)
                return (0..<count).map { unsafe digits[$0] }
            }
            let half = Int32(1) << Int32(window - 1)
            #expect(digits.allSatisfy { -half < $0 && $0 <= half })
            let sum = digits.reversed().reduce(Scalar.zero) { sum, digit in
                let magnitude = Scalar(UInt64(digit.magnitude))
                return sum * Scalar(1 << UInt64(window)) + (digit < 0 ? -magnitude : magnitude)
            }
            #expect(sum == k)
        }
    }

    @Test func wipesToZero() {
        var secret = Scalar.random()
        secret.wipe()
        #expect(secret.isZero)
    }

    @Test func randomScalarsDiffer() {
        #expect(Set((0..<100).map { _ in Scalar.random().bytes }).count == 100)
    }
}
