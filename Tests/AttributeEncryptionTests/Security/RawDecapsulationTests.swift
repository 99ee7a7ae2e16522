// The pairing equations alone, without a look at the policy: they must not lead to the secret when the policy does not.

import AttributeEncryption
import Testing

/// Every tree of up to four rows over formal exponents, and a sample on the curve itself.
@Suite struct RawDecapsulationTests {
    private static let labels = ["a:x", "a:y", "b:x"]

    private static var allPolicies: [RawPolicy] { (1...4).flatMap { RawPolicy.all($0, labels: labels) } }

    private static func samples(_ count: Int, rows: ClosedRange<Int>, labels: [String] = labels) -> [RawPolicy] {
        var random = SeededGenerator(seed: 51)
        return (0..<count).map { _ in RawPolicy.random(Int.random(in: rows, using: &random), labels: labels, using: &random) }
    }

    private static func subsets(_ policy: RawPolicy) -> [[Int]] {
        (1..<1 << policy.attributes.count).map { mask in policy.attributes.indices.filter { mask >> $0 & 1 == 1 } }
    }

    // MARK: Subsets of rows

    @Test func decentralizedRowsOpenIfTheySatisfyThePolicy() {
        checkDecentralized(SymbolicGroup.self, Self.allPolicies)
        checkDecentralized(BLSGroup.self, Self.samples(6, rows: 2...4))
    }

    private func checkDecentralized<Group: GameGroup>(_ group: Group.Type, _ policies: [RawPolicy]) {
        var random = SeededGenerator(seed: 52)
        for policy in policies {
            var game = DecentralizedGame<Group>(policy, using: &random)
            game.issue(Self.labels, to: "alice")
            for subset in Self.subsets(policy) {
                let issuance = { game.issuance(of: "alice", row: $0) }
                let secret = game.decapsulate(policy.weights(of: subset), identity: "alice", element: issuance, randomness: issuance)
                #expect((secret == game.sharedSecret) == policy.isSatisfied { subset.contains($0) }, "\(policy), rows \(subset)")
            }
        }
    }

    @Test func fabeoRowsOpenIfTheySatisfyThePolicy() {
        checkFABEO(SymbolicGroup.self, Self.allPolicies)
        checkFABEO(BLSGroup.self, Self.samples(6, rows: 2...4))
    }

    private func checkFABEO<Group: GameGroup>(_ group: Group.Type, _ policies: [RawPolicy]) {
        for policy in policies {
            var game = SingleAuthorityGame<Group>(policy)
            game.issue(Self.labels)
            var mirrored = KeyPolicyGame<Group>(Self.labels)
            mirrored.issue(policy)
            for subset in Self.subsets(policy) {
                let isSatisfied = policy.isSatisfied { subset.contains($0) }
                let rows = policy.weights(of: subset)
                let secret = game.decapsulate(rows, issuance: { _ in 0 }, master: 0, randomness: 0)
                #expect((secret == game.sharedSecret) == isSatisfied, "\(policy), rows \(subset)")
                #expect((mirrored.decapsulate(rows) == mirrored.sharedSecret) == isSatisfied, "key policy \(policy), rows \(subset)")
            }
        }
    }

    // MARK: Elements of different keys

    /// Every choice, row by row, of whose element and whose randomness to use, under either identity.
    @Test func elementsOfTwoPeopleDoNotMix() {
        checkMixing(SymbolicGroup.self, Self.samples(150, rows: 2...4))
        checkMixing(BLSGroup.self, Self.samples(3, rows: 2...2))
    }

    private func checkMixing<Group: GameGroup>(_ group: Group.Type, _ policies: [RawPolicy]) {
        let users = ["alice", "bob"]
        var random = SeededGenerator(seed: 53)
        for policy in policies {
            var game = DecentralizedGame<Group>(policy, using: &random)
            for user in users { game.issue(Self.labels, to: user) }
            let rows = policy.weights(of: Array(policy.attributes.indices))
            for choice in 0..<1 << (2 * rows.count) {
                func user(_ row: Int, bit: Int) -> String {
                    let position = rows.firstIndex { $0.row == row } ?? 0
                    return users[choice >> (2 * position + bit) & 1]
                }
                for identity in users {
                    let secret = game.decapsulate(
                        rows, identity: identity, element: { game.issuance(of: user($0, bit: 0), row: $0) },
                        randomness: { game.issuance(of: user($0, bit: 1), row: $0) })
                    let isHonest = rows.allSatisfy { user($0.row, bit: 0) == identity && user($0.row, bit: 1) == identity }
                    #expect((secret == game.sharedSecret) == isHonest, "\(policy), \(choice), \(identity)")
                }
            }
        }
    }

    @Test func elementsOfTwoFABEOKeysDoNotMix() {
        checkFABEOMixing(SymbolicGroup.self, Self.samples(300, rows: 1...4))
        checkFABEOMixing(BLSGroup.self, Self.samples(4, rows: 1...2))
    }

    private func checkFABEOMixing<Group: GameGroup>(_ group: Group.Type, _ policies: [RawPolicy]) {
        for policy in policies {
            var game = SingleAuthorityGame<Group>(policy)
            var mirrored = KeyPolicyGame<Group>(Self.labels)
            for _ in 0..<2 {
                game.issue(Self.labels)
                mirrored.issue(policy)
            }
            let rows = policy.weights(of: Array(policy.attributes.indices))
            for choice in 0..<1 << (rows.count + 2) {
                func of(_ row: Int) -> Int { choice >> ((rows.firstIndex { $0.row == row } ?? 0) + 2) & 1 }
                let (master, randomness) = (choice & 1, choice >> 1 & 1)
                let isHonest = rows.allSatisfy { of($0.row) == master } && master == randomness
                #expect(
                    (game.decapsulate(rows, issuance: of, master: master, randomness: randomness) == game.sharedSecret) == isHonest, "\(policy), \(choice)")
                guard master == 0 else { continue }
                let isOneKey = rows.allSatisfy { of($0.row) == randomness }
                let secret = mirrored.decapsulate(rows, row: of, occurrences: randomness)
                #expect((secret == mirrored.sharedSecret) == isOneKey, "key policy \(policy), \(choice)")
            }
        }
    }

    // MARK: Rows of different headers

    @Test func rowsOfTwoHeadersDoNotMix() {
        checkHeaders(SymbolicGroup.self, Self.samples(200, rows: 2...4))
        checkHeaders(BLSGroup.self, Self.samples(3, rows: 2...2))
    }

    private func checkHeaders<Group: GameGroup>(_ group: Group.Type, _ policies: [RawPolicy]) {
        typealias Scheme = DecentralizedABE<Group>
        var random = SeededGenerator(seed: 54)
        for policy in policies {
            let rows = policy.weights(of: Array(policy.attributes.indices))
            guard rows.count > 1 else { continue }
            var game = DecentralizedGame<Group>(policy, using: &random)
            game.issue(Self.labels, to: "alice")
            let other = game.resealed()
            for choice in 1..<(1 << rows.count) - 1 {
                let mixed = policy.attributes.indices.map { row in
                    choice >> (rows.firstIndex { $0.row == row } ?? 0) & 1 == 1 ? game.header[row] : other.header[row]
                }
                let secret = game.decapsulate(rows, of: mixed, identity: "alice")
                #expect(secret != game.sharedSecret && secret != other.sharedSecret, "\(policy), \(choice)")
            }
        }
    }
}
