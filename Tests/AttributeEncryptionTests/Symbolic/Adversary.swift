// What someone can compute from elements that only the group operations and the pairing touch.

/// Everything an adversary has seen. Numbers it knows, such as secrets of corrupted authorities, are constants in the exponents.
struct Adversary {
    private(set) var first = [Polynomial(constant: 1)]
    private(set) var second = [Polynomial(constant: 1)]
    private(set) var target: [Polynomial] = []

    mutating func see(_ elements: SymbolicGroup.Element..., inG2: Bool = false) { see(elements, inG2: inG2) }

    mutating func see(_ elements: [SymbolicGroup.Element], inG2: Bool = false) {
        if inG2 { second += elements.map(\.exponent) } else { first += elements.map(\.exponent) }
    }

    mutating func see(_ element: SymbolicGroup.Target) { target.append(element.exponent) }

    /// The same with a known number in place of a variable.
    func knowing(_ value: UInt64, for name: String) -> Adversary {
        var result = self
        result.first = first.map { $0.substituting(value, for: name) }
        result.second = second.map { $0.substituting(value, for: name) }
        result.target = target.map { $0.substituting(value, for: name) }
        return result
    }

    /// Whether pairings of what was seen, multiplied with powers the adversary chooses, give the element.
    func derives(_ wanted: SymbolicGroup.Target) -> Bool {
        var span = Span()
        for element in target { span.insert(element) }
        for p in Set(first) {
            for q in Set(second) { span.insert(p * q) }
        }
        return span.contains(wanted.exponent)
    }
}

/// A vector space of polynomials, by Gaussian elimination over the monomials.
struct Span {
    private var columns: [Monomial: Int] = [:]
    /// Rows by the column of their first entry, which is one.
    private var rows: [Int: [Int: UInt64]] = [:]

    mutating func insert(_ polynomial: Polynomial) {
        let row = reduced(vector(polynomial))
        guard let pivot = row.keys.min() else { return }
        let scale = Residue.inverse(row[pivot] ?? 1)
        rows[pivot] = row.mapValues { Residue.product($0, scale) }
    }

    func contains(_ polynomial: Polynomial) -> Bool {
        var copy = self
        return reduced(copy.vector(polynomial)).isEmpty
    }

    private mutating func vector(_ polynomial: Polynomial) -> [Int: UInt64] {
        var vector: [Int: UInt64] = [:]
        for (monomial, coefficient) in polynomial.terms {
            let column = columns[monomial] ?? columns.count
            columns[monomial] = column
            vector[column] = coefficient
        }
        return vector
    }

    private func reduced(_ vector: [Int: UInt64]) -> [Int: UInt64] {
        var vector = vector
        var pending = Set(vector.keys)
        while let column = pending.min() {
            pending.remove(column)
            guard let factor = vector[column], let row = rows[column] else { continue }
            let negated = Residue.negated(factor)
            for (other, coefficient) in row {
                let sum = Residue.sum(vector[other] ?? 0, Residue.product(negated, coefficient))
                vector[other] = sum == 0 ? nil : sum
                if other > column { pending.insert(other) }
            }
        }
        return vector
    }
}
