// Exponents as the generic-group model sees them: polynomials in what nobody knows.

import Synchronization

/// A number modulo 2^61 − 1, large enough that nothing vanishes by chance.
enum Residue {
    static let modulus: UInt64 = (1 << 61) - 1

    static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let sum = a + b
        return sum >= modulus ? sum - modulus : sum
    }

    static func negated(_ a: UInt64) -> UInt64 { a == 0 ? 0 : modulus - a }

    static func product(_ a: UInt64, _ b: UInt64) -> UInt64 { modulus.dividingFullWidth(a.multipliedFullWidth(by: b)).remainder }

    static func inverse(_ a: UInt64) -> UInt64 {
        var result: UInt64 = 1
        var base = a
        var exponent = modulus - 2
        while exponent > 0 {
            if exponent & 1 == 1 { result = product(result, base) }
            base = product(base, base)
            exponent >>= 1
        }
        return result
    }
}

/// A product of variables and of inverses of variables: their numbers, inverses negative, sorted.
struct Monomial: Hashable, Sendable {
    static let one = Monomial(factors: [])

    private(set) var factors: [Int32]

    init(factors: [Int32]) { self.factors = factors }

    static func * (first: Monomial, second: Monomial) -> Monomial {
        if first.factors.isEmpty { return second }
        if second.factors.isEmpty { return first }
        var factors = first.factors
        for factor in second.factors {
            if let opposite = factors.firstIndex(of: -factor) {
                factors.remove(at: opposite)
            } else {
                factors.insert(factor, at: factors.firstIndex { $0 > factor } ?? factors.endIndex)
            }
        }
        return Monomial(factors: factors)
    }

    var inverse: Monomial { Monomial(factors: factors.map { -$0 }.sorted()) }
}

/// A sum of monomials with coefficients other than zero.
struct Polynomial: Hashable, Sendable {
    private(set) var terms: [Monomial: UInt64] = [:]

    init(_ terms: [Monomial: UInt64] = [:]) { self.terms = terms }

    init(constant: UInt64) {
        let value = constant % Residue.modulus
        if value != 0 { terms[.one] = value }
    }

    /// A new variable.
    static func variable() -> Polynomial { Polynomial([Monomial(factors: [Variables.fresh()]): 1]) }

    /// The variable of that name, the same each time.
    static func variable(named name: String) -> Polynomial { Polynomial([Monomial(factors: [Variables.named(name)]): 1]) }

    static func + (first: Polynomial, second: Polynomial) -> Polynomial {
        var sum = first
        for (monomial, coefficient) in second.terms { sum.add(coefficient, monomial) }
        return sum
    }

    static prefix func - (value: Polynomial) -> Polynomial { Polynomial(value.terms.mapValues(Residue.negated)) }

    static func * (first: Polynomial, second: Polynomial) -> Polynomial {
        var product = Polynomial()
        for (left, a) in first.terms {
            for (right, b) in second.terms { product.add(Residue.product(a, b), left * right) }
        }
        return product
    }

    /// Of a single monomial; the schemes invert nothing else.
    var inverse: Polynomial {
        precondition(terms.count == 1, "only monomials have inverses")
        return Polynomial(Dictionary(uniqueKeysWithValues: terms.map { ($0.inverse, Residue.inverse($1)) }))
    }

    /// The polynomial with a number in place of a variable.
    func substituting(_ value: UInt64, for name: String) -> Polynomial {
        let variable = Variables.named(name)
        var result = Polynomial()
        for (monomial, coefficient) in terms {
            var scaled = coefficient
            for _ in 0..<monomial.factors.count(where: { $0 == variable }) { scaled = Residue.product(scaled, value) }
            result.add(scaled, Monomial(factors: monomial.factors.filter { $0 != variable }))
        }
        return result
    }

    private mutating func add(_ coefficient: UInt64, _ monomial: Monomial) {
        let sum = Residue.sum(terms[monomial] ?? 0, coefficient)
        terms[monomial] = sum == 0 ? nil : sum
    }
}

/// Numbers of variables, for all tests of the run.
private enum Variables {
    private static let state = Mutex<(count: Int32, names: [String: Int32])>((0, [:]))

    static func fresh() -> Int32 {
        state.withLock { state in
            state.count += 1
            return state.count
        }
    }

    static func named(_ name: String) -> Int32 {
        state.withLock { state in
            if let number = state.names[name] { return number }
            state.count += 1
            state.names[name] = state.count
            return state.count
        }
    }
}
