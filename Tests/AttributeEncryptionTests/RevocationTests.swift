import Testing

import AttributeEncryption

@Suite struct RevocationTests {
    @Test func coverHoldsExactlyTheOthers() throws {
        var random = SeededGenerator(seed: 3)
        for depth in 1...7 {
            for _ in 0..<40 {
                let leaves = UInt32(1) << UInt32(depth)
                let revoked = (0..<Int.random(in: 1...5, using: &random)).map { _ in UInt32.random(in: 0..<leaves, using: &random) }
                let list = try RevocationList(depth: depth, revoked: revoked)
                let cover = Set(list.cover.map { AttributeName.members(depth: depth, $0) })
                for leaf in 0..<leaves {
                    let common = RevocationList.memberNames(leaf: leaf, depth: depth).filter(cover.contains)
                    #expect(common.count == (revoked.contains(leaf) ? 0 : 1))
                }
            }
        }
    }

    @Test func coverIsSmall() throws {
        let revoked = (0..<10).map { UInt32($0 * 99_991) }
        #expect(try RevocationList(depth: 20, revoked: revoked).cover.count <= 10 * 17)
        #expect(try RevocationList(depth: 20).cover.isEmpty)
        #expect(try RevocationList(depth: 1, revoked: [0, 1]).cover.isEmpty)
    }

    @Test func isBounded() throws {
        #expect(throws: AttributeError(.limitExceeded, "")) { try RevocationList(depth: 0) }
        #expect(throws: AttributeError(.limitExceeded, "")) { try RevocationList(depth: 25) }
        #expect(throws: AttributeError(.limitExceeded, "")) { try RevocationList(depth: 4, revoked: [16]) }
        #expect(throws: AttributeError(.limitExceeded, "")) { try RevocationList(depth: 20, revoked: 0..<1025) }
    }

    /// Only the parts that rest on the authority ask for membership, and each only once.
    @Test(arguments: [
        ("b:x", "b:x"),
        ("a:x", "a:# and a:x"),
        ("a:x and a:y", "a:# and a:x and a:y"),
        ("a:x and b:y", "a:# and a:x and b:y"),
        ("a:x or b:y", "(a:# and a:x) or b:y"),
        ("a:x or a:y or b:z", "(a:# and (a:x or a:y)) or b:z"),
        ("a:x and (a:y or b:z)", "a:# and a:x and (a:y or b:z)"),
        ("2 of (a:x, b:y, a:z and b:w)", "2 of (a:# and a:x, a:# and a:z and b:w, b:y)"),
    ])
    func restrictsTheParts(text: String, expected: String) throws {
        let list = try RevocationList(depth: 3, revoked: [5])
        let node = try Policy(parsing: text).root.restricted(to: ["a": list])
        #expect(node.normalized.text.replacing("member of 8 without 5", with: "#") == expected)
    }

    @Test func revokedMemberIsToldSo() throws {
        let month = try #require(Month("2026-11"))
        let attribute = try GrantedAttribute(parsing: "x")
        let list = try RevocationList(depth: 3, revoked: [5])
        let policy = try Policy(parsing: "a:x or b:y")
        for leaf in UInt32(0)..<8 {
            let held = HeldAttributes(authority: "a", epoch: 1, attributes: [attribute], validity: month...month, member: (leaf, 3))
            let explanation = policy.explain([held], at: month, authorities: ["a": AuthorityState(epoch: 1, revocations: list)])
            #expect(explanation.isSatisfied == (leaf != 5))
            guard leaf == 5 else { continue }
            #expect(explanation.missing.map { $0.map(\.text) } == [["a:membership"], ["b:y"]])
            #expect(explanation.missing.first?.first?.reason == .revoked)
        }
    }
}
