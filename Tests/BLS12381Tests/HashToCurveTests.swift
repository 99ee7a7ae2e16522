// Hashing to G1 and G2 against RFC 9380 appendix J.9 and J.10, with the intermediate values, and the numbers of the maps.

import Testing

@testable import BLS12381

/// A suite's file of vectors.
struct HashSuite: Decodable {
    struct Point: Decodable {
        var x, y: String
    }
    struct Vector: Decodable {
        var msg: String
        var u: [String]
        var P: Point
        var Q, Q0, Q1: Point?
    }
    var ciphersuite, dst: String
    var randomOracle: Bool
    var vectors: [Vector]

    static func load(group: String, kind: String) throws -> HashSuite {
        try VectorFiles.json("rfc9380/BLS12381\(group)_XMD-SHA-256_SSWU_\(kind)_.json")
    }
}

/// How elements of a coordinate field are written in the vectors.
protocol VectorField: MappableField {
    init(vector text: String) throws
}

extension Fp: VectorField {
    init(vector text: String) throws { self.init(hex: String(text.dropFirst(2))) }
}

extension Fp2: VectorField {
    /// "c0,c1".
    init(vector text: String) throws {
        let parts = text.split(separator: ",").map { String($0.dropFirst(2)) }
        guard parts.count == 2 else { throw MalformedVector(text: text) }
        self.init(hex: parts[0], parts[1])
    }
}

extension Affine where F: VectorField {
    init(vector point: HashSuite.Point) throws { self.init(x: try F(vector: point.x), y: try F(vector: point.y)) }
}

extension Projective {
    /// The affine point of which this is one writing; nil for infinity.
    var affine: Affine<F>? {
        withScratch { s in
            var s = s
            let point = unsafe s.copy(self), result = unsafe s.take(Affine<F>.self)
            guard unsafe pointIsIdentity(point) == 0 else { return nil }
            unsafe pointsToAffine(result, point, 1, s)
            return unsafe result.pointee
        }
    }
}

/// The elements that a message gives.
func elements<F: MappableField>(_ message: [UInt8], _ domain: [UInt8], _ count: Int) -> [F] {
    withScratch { s in
        var s = s
        let result = unsafe s.take(F.self, count: count)
        unsafe hashToField(result, count, message, domain, s)
        return (0..<count).map { unsafe result[$0] }
    }
}

/// map_to_curve of one element, before the cofactor is cleared.
func mapped<F: MappableField>(_ element: F) -> Projective<F> {
    withScratch { s in
        var s = s
        let u = unsafe s.copy(element), point = unsafe s.take(Projective<F>.self), image = unsafe s.take(Projective<F>.self)
        unsafe mapToIsogenousCurve(point, u, s)
        unsafe F.isogeny.evaluate(image, point, s)
        return unsafe image.pointee
    }
}

@Suite struct HashToCurveTests {
    private func check<F: VectorField>(_ suite: HashSuite, as field: F.Type, _ point: ([UInt8], [UInt8]) -> Projective<F>) throws {
        #expect(suite.vectors.count == 5)
        let domain = Array(suite.dst.utf8)
        for vector in suite.vectors {
            let message = Array(vector.msg.utf8)
            let u: [F] = elements(message, domain, suite.randomOracle ? 2 : 1)
            #expect(try u == vector.u.map { try F(vector: $0) })
            let expected = suite.randomOracle ? [vector.Q0, vector.Q1] : [vector.Q]
            #expect(expected.count == u.count)
            for (element, point) in zip(u, expected) {
                let q = try Affine<F>(vector: #require(point))
                let image = mapped(element).affine
                #expect(image?.x == q.x && image?.y == q.y)
            }
            let p = try Affine<F>(vector: vector.P), result = point(message, domain).affine
            #expect(result?.x == p.x && result?.y == p.y)
        }
    }

    @Test func hashesToG1AsPublished() throws {
        try check(HashSuite.load(group: "G1", kind: "RO"), as: Fp.self) { G1(hashing: $0, domain: $1).point }
        try check(HashSuite.load(group: "G1", kind: "NU"), as: Fp.self) { G1(encoding: $0, domain: $1).point }
    }

    @Test func hashesToG2AsPublished() throws {
        try check(HashSuite.load(group: "G2", kind: "RO"), as: Fp2.self) { G2(hashing: $0, domain: $1).point }
        try check(HashSuite.load(group: "G2", kind: "NU"), as: Fp2.self) { G2(encoding: $0, domain: $1).point }
    }

    /// A hash is the sum of the images of its two elements, whichever way it is added; equal and opposite elements too.
    @Test func addsTheImagesOfBothElements() throws {
        var source = FieldElements(seed: 9)
        func check<F: MappableField & Equatable>(_ u: F, _ v: F) -> Bool {
            withScratch { s in
                var s = s
                let left = unsafe s.copy(mapped(u)), right = unsafe s.copy(mapped(v)), pair = unsafe s.take(F.self, count: 2)
                let sum = unsafe s.take(Projective<F>.self), cleared = unsafe s.take(Projective<F>.self)
                unsafe pair[0] = u
                unsafe pair[1] = v
                unsafe pointAdd(sum, left, right, s)
                unsafe F.clearCofactor(cleared, sum, s)
                let direct = unsafe s.copy(mapToGroup(pair, 2, s))
                return unsafe pointEqual(cleared, direct, s) != 0
            }
        }
        for _ in 0..<20 {
            let (u, v) = (source.fp(), source.fp())
            #expect(check(u, v) && check(u, u) && check(u, -u))
            let (w, z) = (source.fp2(), source.fp2())
            #expect(check(w, z) && check(w, w) && check(w, -w))
        }
        // u and -u map to opposite points: infinity.
        let u = source.fp() + Fp.one
        let infinity = withScratch { s in
            var s = s
            let pair = unsafe s.take(Fp.self, count: 2)
            unsafe pair[0] = u
            unsafe pair[1] = -u
            return unsafe mapToGroup(pair, 2, s)
        }
        #expect(infinity.affine == nil)
    }

    /// Every image lies on the curve and, after clearing, in the subgroup: also for zero and where t² + t = 0.
    @Test func mapsEveryElementIntoTheSubgroup() {
        func check<F: MappableField & SubgroupField>(_ u: F) -> Bool {
            withScratch { s in
                var s = s
                guard var affine = mapped(u).affine else { return false }
                let onCurve = unsafe pointIsOnCurve(&affine, s) != 0
                let element = unsafe s.copy(u)
                let cleared = unsafe s.copy(mapToGroup(element, 1, s))
                return unsafe onCurve && F.isInSubgroup(cleared, s) != 0
            }
        }
        var source = FieldElements(seed: 10)
        for _ in 0..<100 { #expect(check(source.fp()) && check(source.fp2())) }
        #expect(check(Fp.zero) && check(Fp2.zero))
        // Z·u² = -1 has the solutions u = √(-1/Z).
        func root<F: MappableField>(_ value: F) -> F? {
            withScratch { s in
                var s = s
                let result = unsafe s.copy(value)
                return unsafe F.sqrt(result, result, s) != 0 ? result.pointee : nil
            }
        }
        let exceptional = root(-Fp.mapZ.inverse()), exceptional2 = root(-Fp2.mapZ.inverse())
        #expect(exceptional.map { check($0) && check(-$0) } ?? false)
        #expect(exceptional2.map { check($0) && check(-$0) } ?? true)
    }

    /// √(n/d) or √(Z·n/d) for every sign, for elements of the base field, and for multiples of u.
    @Test func findsRootsOfFractions() {
        func check<F: MappableField>(_ n: F, _ d: F, times product: (F, F) -> F) -> Bool {
            withScratch { s in
                var s = s
                let r = unsafe s.take(F.self), numerator = unsafe s.copy(n), denominator = unsafe s.copy(d)
                let isSquare = unsafe F.sqrtRatio(r, numerator, denominator, s)
                let root = unsafe r.pointee
                let quotient = unsafe s.copy(product(product(root, root), d))
                let isRootOfFraction = unsafe quotient.pointee == n
                let isRootOfOther = unsafe quotient.pointee == product(F.mapZ, n)
                return isSquare != 0 ? isRootOfFraction : isRootOfOther
            }
        }
        var source = FieldElements(seed: 11)
        func nonZero() -> Fp {
            while true {
                let value = source.fp()
                if value != .zero { return value }
            }
        }
        for _ in 0..<50 {
            let (a, b, c, d) = (nonZero(), nonZero(), nonZero(), nonZero())
            #expect(check(a, b, times: *))
            for n in [Fp2(a, b), Fp2(a, .zero), Fp2(.zero, b)] {
                for m in [Fp2(c, d), Fp2(c, .zero), Fp2(.zero, d)] { #expect(check(n, m, times: *)) }
            }
        }
    }

    @Test func holdsTheNumbersOfTheStandard() throws {
        struct Numbers: Decodable {
            struct Base: Decodable {
                var A, B, Z: String
                var xNum, xDen, yNum, yDen: [String]
                enum CodingKeys: String, CodingKey { case A, B, Z, xNum = "x_num", xDen = "x_den", yNum = "y_num", yDen = "y_den" }
            }
            struct Extension: Decodable {
                var A, B, Z: [String]
                var xNum, xDen, yNum, yDen: [[String]]
                enum CodingKeys: String, CodingKey { case A, B, Z, xNum = "x_num", xDen = "x_den", yNum = "y_num", yDen = "y_den" }
            }
            var g1: Base
            var g2: Extension
        }
        let numbers: Numbers = try VectorFiles.json("rfc9380/constants.json")
        func fp(_ text: String) -> Fp { Fp(hex: String(text.dropFirst(2))) }
        func fp2(_ parts: [String]) -> Fp2 { Fp2(fp(parts[0]), fp(parts[1])) }
        #expect([Fp.mapA, Fp.mapB, Fp.mapZ] == [fp(numbers.g1.A), fp(numbers.g1.B), fp(numbers.g1.Z)])
        #expect([Fp2.mapA, Fp2.mapB, Fp2.mapZ] == [fp2(numbers.g2.A), fp2(numbers.g2.B), fp2(numbers.g2.Z)])
        #expect(Fp.mapThreeB == Fp.mapB + Fp.mapB + Fp.mapB && Fp2.mapThreeB == Fp2.mapB + Fp2.mapB + Fp2.mapB)
        #expect(G1Map.rootOfMinusZ.squared() == -Fp.mapZ)
        #expect(G2Map.rootOfMinusNormZ.squared() == -(Fp2.mapZ.c0.squared() + Fp2.mapZ.c1.squared()))
        let g1 = Fp.isogeny, g2 = Fp2.isogeny
        #expect(g1.xNumerator == numbers.g1.xNum.map(fp) && g1.xDenominator + [.one] == numbers.g1.xDen.map(fp))
        #expect(g1.yNumerator == numbers.g1.yNum.map(fp) && g1.yDenominator + [.one] == numbers.g1.yDen.map(fp))
        #expect(g2.xNumerator == numbers.g2.xNum.map(fp2) && g2.xDenominator + [.one] == numbers.g2.xDen.map(fp2))
        #expect(g2.yNumerator == numbers.g2.yNum.map(fp2) && g2.yDenominator + [.one] == numbers.g2.yDen.map(fp2))
    }
}
