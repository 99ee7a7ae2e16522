// Shares a scalar over the leaves of an access tree and weighs them to get it back. No matrices.

/// Linear secret sharing on the tree.
///
/// An OR gives each child the value; an AND gives random values that sum to it; k of n gives child i the value f(i) of a random
/// polynomial of degree k − 1 with f(0) = value. Shares of an unsatisfying set of rows are independent of the secret.
package enum SecretSharing<Group: PairingGroup> {
    /// One share a row, drawing scalars from left to right.
    package static func shares(
        of secret: Group.Scalar, over tree: AccessTree, rowCount: Int, from source: inout some ScalarSource<Group.Scalar>
    ) -> [Group.Scalar] {
        var shares = [Group.Scalar](repeating: Group.Scalar(0), count: rowCount)
        share(secret, tree, &shares, &source)
        return shares
    }

    private static func share(
        _ value: Group.Scalar, _ tree: AccessTree, _ shares: inout [Group.Scalar], _ source: inout some ScalarSource<Group.Scalar>
    ) {
        switch tree {
        case .row(let row):
            shares[row] = value
        case .any(let children):
            for child in children { share(value, child, &shares, &source) }
        case .all(let children):
            var rest = value
            for child in children.dropLast() {
                let part = source.next()
                rest = rest - part
                share(part, child, &shares, &source)
            }
            if let last = children.last { share(rest, last, &shares, &source) }
        case .threshold(let count, of: let children):
            var coefficients: [Group.Scalar] = []
            for _ in 1..<count { coefficients.append(source.next()) }
            for (index, child) in children.enumerated() {
                share(evaluate([value] + coefficients, at: UInt64(index + 1)), child, &shares, &source)
            }
            for index in coefficients.indices { coefficients[index].wipe() }
        }
    }

    /// Horner's rule, lowest coefficient first.
    private static func evaluate(_ coefficients: [Group.Scalar], at point: UInt64) -> Group.Scalar {
        let point = Group.Scalar(point)
        return coefficients.dropLast().reversed().reduce(coefficients[coefficients.count - 1]) { $0 * point + $1 }
    }

    /// The weight of a row in its selection: the product of its factors.
    package static func coefficient(_ row: SelectedRow) -> Group.Scalar {
        let numerator = row.numerators.reduce(Group.Scalar(1)) { $0 * scalar($1) }
        guard !row.denominators.isEmpty else { return numerator }
        return numerator * row.denominators.reduce(Group.Scalar(1)) { $0 * scalar($1) }.inverse()
    }

    private static func scalar(_ value: Int) -> Group.Scalar {
        let magnitude = Group.Scalar(UInt64(value.magnitude))
        return value < 0 ? -magnitude : magnitude
    }
}

/// Points of selected rows with their public weights.
struct WeightedPoints<Point: SourceGroup> {
    private var plain: Point = .identity
    private var points: [Point] = []
    private var scalars: [Point.Scalar] = []

    /// Nil weighs one.
    mutating func add(_ point: Point, times weight: Point.Scalar?) {
        guard let weight else {
            plain = plain + point
            return
        }
        points.append(point)
        scalars.append(weight)
    }

    var sum: Point { points.isEmpty ? plain : plain + Point.sumVartime(points, times: scalars) }
}

extension SelectedRow {
    /// Its coefficient, nil for one.
    func weight<Group: PairingGroup>(in group: Group.Type) -> Group.Scalar? {
        numerators.isEmpty && denominators.isEmpty ? nil : SecretSharing<Group>.coefficient(self)
    }
}
