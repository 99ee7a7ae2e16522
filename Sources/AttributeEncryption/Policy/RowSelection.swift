// Which rows open a secret: the cheapest satisfying part of a tree, and the weight of each row in it.

/// A row with the factors of its Lagrange coefficient, numerators over denominators; none means one.
package struct SelectedRow: Hashable, Sendable {
    package let row: Int
    package var numerators: [Int] = []
    package var denominators: [Int] = []

    package init(row: Int) {
        self.row = row
    }
}

extension AccessTree {
    /// The fewest rows out of those that are available which together determine the secret; nil when none do.
    package func cheapestSelection(_ isAvailable: (Int) -> Bool) -> [SelectedRow]? {
        switch self {
        case .row(let row):
            return isAvailable(row) ? [SelectedRow(row: row)] : nil
        case .all(let children):
            var selection: [SelectedRow] = []
            for child in children {
                guard let part = child.cheapestSelection(isAvailable) else { return nil }
                selection += part
            }
            return selection
        case .any(let children):
            return children.compactMap { $0.cheapestSelection(isAvailable) }.min { $0.count < $1.count }
        case .threshold(let count, of: let children):
            let parts = children.enumerated().compactMap { index, child in
                child.cheapestSelection(isAvailable).map { (index: index + 1, selection: $0) }
            }
            guard parts.count >= count else { return nil }
            let chosen = parts.sorted { ($0.selection.count, $0.index) < ($1.selection.count, $1.index) }.prefix(count)
            return chosen.flatMap { part in
                Self.weigh(part.selection, at: part.index, among: chosen.map(\.index))
            }
        }
    }

    /// Multiplies by the Lagrange coefficient at zero: the product of j / (j − i) over the other points j.
    private static func weigh(_ selection: [SelectedRow], at index: Int, among points: [Int]) -> [SelectedRow] {
        let others = points.filter { $0 != index }
        return selection.map { row in
            var row = row
            row.numerators += others
            row.denominators += others.map { $0 - index }
            return row
        }
    }
}
