import Crypto
import Testing

import AttributeEncryption

@Suite struct PolicyTests {
    @Test(arguments: [
        ("alice:care-team or (stmary:doctor and stmary:cardiology)", "alice:care-team or (stmary:cardiology and stmary:doctor)"),
        ("b:x AND a:y Or c:z", "(a:y and b:x) or c:z"),
        ("a:x and (a:x or b:y)", "a:x"),
        ("a:x or (a:x and b:y)", "a:x"),
        ("(a:x and b:y) or (a:x and c:z)", "a:x and (b:y or c:z)"),
        ("(a:x or b:y) and (a:x or c:z)", "a:x or (b:y and c:z)"),
        ("((a:x))", "a:x"),
        ("1 of (a:x, b:y)", "a:x or b:y"),
        ("2 of (b:y, a:x)", "a:x and b:y"),
        ("2 of (c:z, a:x, b:y or d:w)", "2 of (a:x, b:y or d:w, c:z)"),
        ("2 of (a:x, a:x, b:y)", "2 of (a:x, a:x, b:y)"),
        ("a:role = Doctor", "a:role=Doctor"),
        ("a:n>3", "a:n >= 4"),
        ("a:n < 4", "a:n <= 3"),
        ("a:n<=65535", "a:n >= 0"),
        ("a:n in 3 .. 7", "a:n in 3..7"),
        ("a:n in 3..3", "a:n=3"),
        ("a:since >= 2024-05-01", "a:since >= 2024-05-01"),
        ("a:x and valid in 2026-11", "a:valid in 2026-11 and a:x"),
        ("a:x and valid now", "a:valid now and a:x"),
        ("a:x and b:y and valid in 2026-11", "a:valid in 2026-11 and a:x and b:valid in 2026-11 and b:y"),
        ("(a:x or b:y) and valid in 2026-11", "(a:valid in 2026-11 and a:x) or (b:valid in 2026-11 and b:y)"),
        ("2fast:x", "2fast:x"),
        ("a:ward=Innere-Süd", "a:ward=Innere-Süd"),
        ("a:~h00112233445566778899aabbccddeeff", "a:~h00112233445566778899aabbccddeeff"),
    ])
    func isBroughtToNormalForm(text: String, expected: String) throws {
        let policy = try Policy(parsing: text)
        #expect(policy.text == expected)
        #expect(try Policy(decoding: policy.encoded()) == policy)
    }

    @Test(arguments: [
        ("", 1, "expected an attribute"),
        ("alice", 6, "expected `:`"),
        ("alice:", 7, "expected an attribute's name"),
        ("alice:x and", 12, "expected an attribute"),
        ("alice:x or (b:y", 16, "expected `)`"),
        ("alice:care-team doctor", 17, "expected `and`, `or` or the end"),
        ("Alice:x", 1, "is no authority"),
        ("not a:x", 1, "there is no `not`"),
        ("and a:x", 1, "expected an attribute before"),
        ("3 of (a:x, b:y)", 1, "expected a number of 1 to 2"),
        ("0 of (a:x)", 1, "expected a number of 1 to 1"),
        ("2 (a:x)", 3, "expected `of` or `:`"),
        ("2 of a:x", 6, "expected `(`"),
        ("2 of (a:x; b:y)", 10, "expected `,` or `)`"),
        ("a:n >= x", 8, "expected a number"),
        ("a:n >= 70000", 8, "neither an integer"),
        ("a:n >= 2024-02-30", 8, "neither an integer"),
        ("a:n > 65535", 5, "nothing meets"),
        ("a:n < 0", 5, "nothing meets"),
        ("a:n in 7..3", 5, "ends before it begins"),
        ("a:n in 3..2024-01-01", 5, "from date to date"),
        ("a:n in 3", 9, "expected `..`"),
        ("a:valid", 8, "expected `in` and a month"),
        ("a:valid in 2026-13", 12, "no month"),
        ("valid now", 1, "needs attributes beside it"),
        ("a:x or valid now", 8, "needs attributes beside it"),
        ("a:role=", 8, "expected a value"),
        ("a:~n/x/3/1", 3, "reserved"),
        ("a:x = u\u{308}", 8, "combining mark"),
        ("a:x & b:y", 5, "found `&`"),
    ])
    func saysWhereItWentWrong(text: String, column: Int, fragment: String) {
        let error = #expect(throws: PolicyError.self) { try Policy(parsing: text) }
        #expect(error?.column == column)
        #expect(error?.description.contains(fragment) ?? false, "\(error?.description ?? "")")
    }

    @Test func refusesOtherFormsAsBytes() {
        for text in ["b:y and a:x", "a:x  and b:y", "a:x AND b:y", "(a:x)", "a:n > 3", "a:x or a:x", " a:x", "1 of (a:x, b:y)"] {
            #expect(throws: PolicyError(.notCanonical, "")) { try Policy(decoding: Array(text.utf8)) }
        }
        #expect(throws: PolicyError(.character, "")) { try Policy(decoding: [0x61, 0x3A, 0xFF]) }
    }

    @Test func isBounded() throws {
        func nested(_ depth: Int) -> String { String(repeating: "(", count: depth - 1) + "a:x" + String(repeating: ")", count: depth - 1) }
        #expect(try Policy(parsing: nested(64)).text == "a:x")
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: nested(65)) }
        func many(_ count: Int) -> String { (0..<count).map { "a:x\($0)" }.joined(separator: " and ") }
        #expect(try Policy(parsing: many(512)).rowCount == 512)
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: many(513)) }
        func authorities(_ count: Int) -> String { (0..<count).map { "a\($0):x" }.joined(separator: " and ") }
        #expect(try Policy(parsing: authorities(64)).authorities.count == 64)
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: authorities(65)) }
        let ranges = (0..<20).map { "a:n\($0) in 1..65534" }.joined(separator: " and ")
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: ranges) }
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: String(repeating: " ", count: 70_000)) }
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: "a:x=" + String(repeating: "v", count: 129)) }
        // Alternating levels beyond the limit of the tree without many parentheses in a row.
        var text = "a:x0"
        for level in 1...65 { text = "(\(text) \(level % 2 == 0 ? "and" : "or") a:x\(level))" }
        #expect(throws: PolicyError(.limit, "")) { try Policy(parsing: text) }
    }

    /// Hostile input takes time by its length, not more.
    @Test(.timeLimit(.minutes(1))) func normalizesLargeFormulasQuickly() throws {
        let pairs = (0..<256).map { "(a:x\($0) and a:y\(255 - $0))" }.joined(separator: " or ")
        #expect(try Policy(parsing: pairs).rowCount == 512)
        let factors = (0..<170).map { "(a:x\($0) and a:y\($0 / 2) and a:z)" }.joined(separator: " or ")
        #expect(try Policy(parsing: factors).rowCount == 170 + 85 + 1)
    }

    /// The normal form means the same, is a fixed point, and does not depend on order.
    @Test func normalFormIsEquivalentAndStable() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<3_000 {
            let node = PolicyNode.random(leaves: Int.random(in: 1...9, using: &random), using: &random)
            let normal = node.normalized
            #expect(normal.normalized == normal)
            #expect(try Policy(decoding: Array(normal.text.utf8)).root == normal)
            #expect(normal.clauses.count <= node.clauses.count)
            for held in 0..<UInt8(64) {
                #expect(node.isSatisfied(by: held) == normal.isSatisfied(by: held), "\(node.text) became \(normal.text)")
            }
        }
    }

    @Test func dependsNotOnOrder() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<1_000 {
            let node = PolicyNode.random(leaves: Int.random(in: 1...9, using: &random), using: &random)
            #expect(node.shuffled(using: &random).normalized == node.normalized, "\(node.text)")
        }
    }

    @Test func comparisonsBecomeFewPrefixes() throws {
        for (low, high) in [(0, 65_535), (1, 65_534), (3, 7), (5, 5), (40_000, 40_001), (0, 1)] {
            let cover = DyadicPrefix.cover(low...high, bitCount: 16)
            #expect(cover.count <= 30)
            var expected = low
            for prefix in cover {
                #expect(prefix.bits << (16 - prefix.length) == expected)
                expected += 1 << (16 - prefix.length)
            }
            #expect(expected == high + 1)
        }
    }

    @Test func comparisonsHoldForTheRightValues() throws {
        let validity = try #require(Month("2026-01"))...(try #require(Month("2026-12")))
        for (text, good, bad) in [
            ("a:n >= 3", ["n=3", "n=65535"], ["n=2", "m=3", "n=2024-05-01"]),
            ("a:n in 10..99", ["n=10", "n=64", "n=99"], ["n=9", "n=100", "n"]),
            ("a:d <= 2024-02-29", ["d=2024-02-29", "d=2000-01-01"], ["d=2024-03-01", "d=3"]),
            ("a:n=3", ["n=3"], ["n=03", "n=4"]),
            ("a:n", ["n"], ["n=3"]),
        ] {
            let policy = try Policy(parsing: text)
            for (attributes, expected) in [(good, true), (bad, false)] {
                for attribute in attributes {
                    let held = HeldAttributes(authority: "a", attributes: [try GrantedAttribute(parsing: attribute)], validity: validity)
                    #expect(policy.explain([held], at: validity.lowerBound).isSatisfied == expected, "\(text) and \(attribute)")
                }
            }
        }
    }

    @Test func validityIsEnforcedByNames() throws {
        let from = try #require(Month("2026-03"))
        let to = try #require(Month("2027-02"))
        let held = HeldAttributes(authority: "a", attributes: [try GrantedAttribute(parsing: "x")], validity: from...to)
        for number in from.number - 3...to.number + 3 {
            let month = try #require(Month(number: number))
            let policy = try Policy(parsing: "a:x and valid in \(month)")
            #expect(policy.explain([held], at: from).isSatisfied == (from...to).contains(month))
        }
    }

    @Test func hiddenNamesTellNothing() throws {
        let key = SymmetricKey(size: .bits256)
        let policy = try Policy(parsing: "alice:x or (stmary:doctor and stmary:clearance >= 3 and valid in 2026-11)")
        let hidden = try policy.hidingNames { $0 == "stmary" ? key : nil }
        #expect(!hidden.text.contains("doctor") && !hidden.text.contains("clearance"))
        #expect(hidden.text.contains("alice:x") && hidden.text.contains("stmary:valid in 2026-11"))
        #expect(try Policy(parsing: hidden.text) == hidden)
        #expect(try hidden.hidingNames { $0 == "stmary" ? key : nil } == hidden)
        #expect(hidden.authoritiesNamedPlainly == ["alice"])
        let month = try #require(Month("2026-11"))
        let attributes = [try GrantedAttribute(parsing: "doctor"), try GrantedAttribute(parsing: "clearance=4")]
        let held = HeldAttributes(authority: "stmary", attributes: attributes, validity: month...month, nameKey: key)
        let explanation = hidden.explain([held], at: month)
        #expect(explanation.isSatisfied)
        #expect(explanation.usable == ["stmary:clearance=4", "stmary:doctor"])
        let plain = HeldAttributes(authority: "stmary", attributes: attributes, validity: month...month)
        #expect(!hidden.explain([plain], at: month).isSatisfied)
    }

    @Test func openMonthIsResolved() throws {
        let month = try #require(Month("2026-11"))
        let policy = try Policy(parsing: "a:x and valid now")
        #expect(policy.isOpen)
        #expect(try policy.resolved(at: month) == Policy(parsing: "a:x and valid in 2026-11"))
        #expect(try Policy(parsing: "a:x and valid now", sealedAt: month) == policy.resolved(at: month))
    }
}
