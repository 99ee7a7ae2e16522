// Every choice of one element a group, in order, without building them all.

/// Choices of one element for each group that there is; the first choice takes each group's first element.
struct Combinations<Key: Hashable, Element>: Sequence, IteratorProtocol {
    private let groups: [(key: Key, elements: [Element])]
    private var indices: [Int]?

    init(_ elements: [Element], of key: (Element) -> Key) {
        var groups: [(key: Key, elements: [Element])] = []
        for element in elements {
            if let index = groups.firstIndex(where: { $0.key == key(element) }) {
                groups[index].elements.append(element)
            } else {
                groups.append((key(element), [element]))
            }
        }
        self.groups = groups
        indices = groups.map { _ in 0 }
    }

    mutating func next() -> [Key: Element]? {
        guard var current = indices else { return nil }
        let choice = Dictionary(uniqueKeysWithValues: zip(groups, current).map { ($0.key, $0.elements[$1]) })
        indices = nil
        for position in current.indices {
            if current[position] + 1 < groups[position].elements.count {
                current[position] += 1
                indices = current
                break
            }
            current[position] = 0
        }
        return choice
    }
}
