import AttributeEncryption
import Testing

@Suite struct AuthoritySetTests {
    @Test(arguments: [
        ("a:x", [["a"]]), ("a:x and b:y", [["a", "b"]]), ("a:x or b:y and c:z", [["a"], ["b", "c"]]), ("a:x or a:y and b:z", [["a"]]),
        ("2 of (a:x, b:y, c:z)", [["a", "b"], ["a", "c"], ["b", "c"]]), ("2 of (a:x, a:y, c:z)", [["a"]]),
        ("a:x and (b:x or c:x) or d:x", [["d"], ["a", "b"], ["a", "c"]]),
    ])
    func aPolicyIsAsStrongAsItsWeakestSet(policy: String, sets: [[String]]) throws {
        #expect(try Policy(parsing: policy).smallestAuthoritySets() == sets)
    }

    @Test func agreesWithTheFormula() throws {
        var random = SeededGenerator(seed: 96)
        let masks: [String: UInt8] = ["a": 0b11, "b": 0b1100, "c": 0b110000]
        for _ in 0..<500 {
            let node = PolicyNode.random(leaves: Int.random(in: 1...7, using: &random), using: &random)
            let sets = try Policy(normalizing: node).smallestAuthoritySets().map(Set.init)
            for subset in 0..<8 {
                let names = Set(["a", "b", "c"].enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element))
                let held = names.reduce(UInt8(0)) { $0 | (masks[$1] ?? 0) }
                #expect(node.isSatisfied(by: held) == sets.contains { $0.isSubset(of: names) })
            }
        }
    }
}
