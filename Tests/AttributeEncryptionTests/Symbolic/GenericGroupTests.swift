// What can be derived must be what may be opened: the generic-group model, computed.

import AttributeEncryption
import Testing

/// For random policies, users and corrupted authorities: the shared secret is in the span of all products of what the adversary
/// has seen exactly if one person, together with the corrupted authorities, satisfies the policy. Evidence against attacks that
/// use the groups as groups, for the sizes tried.
@Suite struct GenericGroupTests {
    private func subset(of labels: [String], _ random: inout SeededGenerator) -> [String] { labels.filter { _ in Bool.random(using: &random) } }

    @Test func decentralizedSchemeOpensToThePolicyAlone() {
        var random = SeededGenerator(seed: 31)
        var counts = [true: 0, false: 0]
        for _ in 0..<3000 {
            let policy = RawPolicy.random(Int.random(in: 1...5, using: &random), using: &random)
            let corrupted = Set(["a", "b", "c"].filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
            var game = DecentralizedGame<SymbolicGroup>(policy, corrupted: corrupted, using: &random)
            let honest = RawPolicy.labels.filter { !corrupted.contains(DecentralizedGame<SymbolicGroup>.authority($0)) }
            for user in ["alice", "bob"] { game.issue(subset(of: honest, &random).filter { _ in Bool.random(using: &random) }, to: user) }
            let mayOpen = game.mayOpen
            counts[mayOpen, default: 0] += 1
            #expect(game.adversary.derives(game.sharedSecret) == mayOpen, "\(policy), corrupted \(corrupted), \(game.issuances)")
        }
        #expect(counts.values.allSatisfy { $0 > 50 }, "\(counts)")
    }

    @Test func fabeoOpensToThePolicyAlone() {
        var random = SeededGenerator(seed: 32)
        var counts = [true: 0, false: 0]
        for _ in 0..<4000 {
            let policy = RawPolicy.random(Int.random(in: 1...6, using: &random), labels: ["a:x", "a:y", "a:z"], using: &random)
            var game = SingleAuthorityGame<SymbolicGroup>(policy)
            for _ in 0..<3 { game.issue(subset(of: ["a:x", "a:y", "a:z"], &random)) }
            let mayOpen = game.mayOpen
            counts[mayOpen, default: 0] += 1
            #expect(game.adversary.derives(game.sharedSecret) == mayOpen, "\(policy), \(game.issuances.map(\.attributes))")
        }
        #expect(counts.values.allSatisfy { $0 > 50 }, "\(counts)")
    }

    @Test func keyPolicyOpensToThePolicyAlone() {
        var random = SeededGenerator(seed: 33)
        var counts = [true: 0, false: 0]
        for _ in 0..<4000 {
            var game = KeyPolicyGame<SymbolicGroup>(subset(of: RawPolicy.labels, &random))
            for _ in 0..<2 { game.issue(.random(Int.random(in: 1...5, using: &random), using: &random)) }
            let mayOpen = game.mayOpen
            counts[mayOpen, default: 0] += 1
            #expect(game.adversary.derives(game.sharedSecret) == mayOpen, "\(game.attributes), \(game.keys.map(\.policy))")
        }
        #expect(counts.values.allSatisfy { $0 > 50 }, "\(counts)")
    }

    /// Headers of one policy, for the same people, open nothing of each other.
    @Test func rowsOfAnotherHeaderDoNotHelp() {
        var random = SeededGenerator(seed: 34)
        for _ in 0..<300 {
            let policy = RawPolicy.random(Int.random(in: 2...4, using: &random), using: &random)
            var game = DecentralizedGame<SymbolicGroup>(policy, using: &random)
            for user in ["alice", "bob"] { game.issue(subset(of: RawPolicy.labels, &random), to: user) }
            guard !game.mayOpen else { continue }
            let other = DecentralizedGame<SymbolicGroup>(policy, using: &random)
            var adversary = game.adversary
            for row in other.header {
                adversary.see(row.c1, row.c3, row.c4)
                adversary.see(row.c2, inG2: true)
            }
            #expect(!adversary.derives(game.sharedSecret))
        }
    }
}
