// Rows and a tree, without a policy text and its normal form: repeats and odd shapes stay as they are.

import AttributeEncryption

struct RawPolicy: CustomStringConvertible {
    let tree: AccessTree
    /// Of each row: an authority's letter, a colon and a label.
    let attributes: [String]

    var messages: [[UInt8]] { attributes.map { Array($0.utf8) } }

    /// For each row, how often its attribute stood in the rows before.
    var occurrences: [Int] {
        attributes.indices.map { row in attributes[..<row].count { $0 == attributes[row] } }
    }

    var description: String { "\(text(tree))" }

    func isSatisfied(by held: Set<String>) -> Bool { isSatisfied { held.contains(attributes[$0]) } }

    func isSatisfied(_ isAvailable: (Int) -> Bool) -> Bool { tree.cheapestSelection(isAvailable) != nil }

    /// The rows of `subset` with the weights they would have if all rows were there.
    func weights(of subset: [Int]) -> [SelectedRow] {
        if let selection = tree.cheapestSelection({ subset.contains($0) }) { return selection }
        let all = tree.cheapestSelection { _ in true } ?? []
        return subset.map { row in all.first { $0.row == row } ?? SelectedRow(row: row) }
    }

    private func text(_ tree: AccessTree) -> String {
        switch tree {
        case .row(let row): attributes[row]
        case .all(let children): "(" + children.map(text).joined(separator: " and ") + ")"
        case .any(let children): "(" + children.map(text).joined(separator: " or ") + ")"
        case .threshold(let count, of: let children): "\(count) of (" + children.map(text).joined(separator: ", ") + ")"
        }
    }
}

extension RawPolicy {
    static let labels = ["a:x", "a:y", "b:x", "b:y", "c:x"]

    static func random(_ rowCount: Int, labels: [String] = labels, using random: inout some RandomNumberGenerator) -> RawPolicy {
        let tree = AccessTree.shapes(rowCount).randomElement(using: &random) ?? .row(0)
        return RawPolicy(tree: tree, attributes: (0..<rowCount).map { _ in labels.randomElement(using: &random) ?? "a:x" })
    }

    /// Every tree of so many rows under every choice of attributes.
    static func all(_ rowCount: Int, labels: [String]) -> [RawPolicy] {
        let choices = (0..<rowCount).reduce([[String]]([[]])) { lists, _ in lists.flatMap { list in labels.map { list + [$0] } } }
        return AccessTree.shapes(rowCount).flatMap { tree in choices.map { RawPolicy(tree: tree, attributes: $0) } }
    }
}

extension AccessTree {
    /// Every tree with so many rows whose inner nodes are gates over two children or more.
    static func shapes(_ rowCount: Int) -> [AccessTree] { shapes(rows: Array(0..<rowCount)[...]) }

    private static func shapes(rows: ArraySlice<Int>) -> [AccessTree] {
        guard rows.count > 1 else { return rows.map(AccessTree.row) }
        return splits(rows).filter { $0.count > 1 }.flatMap { parts in
            let children = parts.reduce([[AccessTree]]([[]])) { lists, part in lists.flatMap { list in shapes(rows: part).map { list + [$0] } } }
            return children.flatMap { children in
                [.all(children), .any(children)] + (2..<max(children.count, 2)).map { AccessTree.threshold($0, of: children) }
            }
        }
    }

    private static func splits(_ rows: ArraySlice<Int>) -> [[ArraySlice<Int>]] {
        guard !rows.isEmpty else { return [[]] }
        return (1...rows.count).flatMap { count in splits(rows.dropFirst(count)).map { [rows.prefix(count)] + $0 } }
    }
}
