import Testing

import AttributeEncryption

@Suite struct ExplanationTests {
    private let month: Month
    private let policy: Policy

    init() throws {
        month = try #require(Month("2026-11"))
        policy = try Policy(parsing: "alice:care-team or (stmary:doctor and stmary:clearance >= 3)")
    }

    private func held(_ authority: String, _ attributes: String..., months: ClosedRange<Int> = 0...0, epoch: UInt64 = 1) throws -> HeldAttributes {
        HeldAttributes(
            authority: authority, epoch: epoch, attributes: try attributes.map { try GrantedAttribute(parsing: $0) },
            validity: month.advanced(by: months.lowerBound)...month.advanced(by: months.upperBound))
    }

    @Test func namesTheShortestWay() throws {
        let explanation = policy.explain([try held("stmary", "doctor")], at: month)
        #expect(!explanation.isSatisfied)
        #expect(explanation.usable == ["stmary:doctor"])
        #expect(explanation.missing.map { $0.map(\.text) } == [["stmary:clearance >= 3"], ["alice:care-team"]])
        #expect(explanation.lines == ["missing: stmary:clearance >= 3", "or: alice:care-team", "held: stmary:doctor"])
    }

    @Test func namesEveryWayThroughAThreshold() throws {
        let policy = try Policy(parsing: "2 of (a:x, b:x, c:x)")
        #expect(policy.explain([], at: month).missing.map { $0.map(\.text) } == [["a:x", "b:x"], ["a:x", "c:x"], ["b:x", "c:x"]])
        #expect(policy.explain([try held("b", "x")], at: month).missing.map { $0.map(\.text) } == [["a:x"], ["c:x"]])
    }

    @Test func tellsExpiredAndOtherEpochApart() throws {
        let expired = policy.explain([try held("alice", "care-team", months: -3 ... -1)], at: month)
        #expect(expired.missing.first?.first?.reason == .expired)
        let state = ["alice": AuthorityState(epoch: 2, revocations: nil)]
        let old = policy.explain([try held("alice", "care-team")], at: month, authorities: state)
        #expect(old.missing.first?.first?.reason == .wrongEpoch)
        #expect(policy.explain([], at: month).missing.first?.first?.reason == .notHeld)
    }

    @Test func twoIssuancesAreNotMixed() throws {
        let parts = [try held("stmary", "doctor"), try held("stmary", "clearance=5")]
        #expect(!policy.explain(parts, at: month).isSatisfied)
        #expect(policy.explain(parts + [try held("stmary", "doctor", "clearance=5")], at: month).isSatisfied)
    }

    @Test func agreesWithTheFormula() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let node = PolicyNode.random(leaves: Int.random(in: 1...7, using: &random), using: &random)
            let policy = try Policy(normalizing: node)
            for held in UInt8(0)..<64 {
                let keys = ["a", "b", "c"].enumerated().compactMap { index, authority in
                    let labels = ["x", "y"].enumerated().filter { held >> (2 * index + $0.offset) & 1 == 1 }.map(\.element)
                    return labels.isEmpty
                        ? nil
                        : try? HeldAttributes(
                            authority: authority, attributes: labels.map { try GrantedAttribute(parsing: $0) }, validity: month...month)
                }
                let explanation = policy.explain(keys, at: month)
                #expect(explanation.isSatisfied == node.isSatisfied(by: held))
                // What is said to be missing is enough, and no part of it is held.
                for set in explanation.missing {
                    let added = set.reduce(held) { $0 | Self.bit($1) }
                    #expect(node.isSatisfied(by: added))
                    #expect(set.allSatisfy { held & Self.bit($0) == 0 })
                }
            }
        }
    }

    private static func bit(_ missing: Explanation.Missing) -> UInt8 {
        PolicyNode.sampleClauses.firstIndex { $0.text == missing.text }.map { 1 << UInt8($0) } ?? 0
    }
}
