// Negative controls: what breaks the rules of the schemes on purpose must be caught by the very test that passes them.

import AttributeEncryption
import Testing

@Suite struct BrokenSchemeTests {
    private func policy(_ tree: AccessTree, _ attributes: String...) -> RawPolicy { RawPolicy(tree: tree, attributes: attributes) }

    /// `a and (b or a)`: with one randomness for both rows of a, who holds b alone opens it.
    @Test func oneRandomnessForRepeatedAttributesIsCaught() {
        let policy = policy(.all([.row(0), .any([.row(1), .row(2)])]), "a:x", "a:y", "a:x")
        for (occurrences, isBroken) in [([0, 0, 0], true), (nil, false)] as [([Int]?, Bool)] {
            var game = SingleAuthorityGame<SymbolicGroup>(policy, occurrences: occurrences)
            game.issue(["a:y"])
            #expect(!game.mayOpen)
            #expect(game.adversary.derives(game.sharedSecret) == isBroken)
            var mirrored = KeyPolicyGame<SymbolicGroup>(["a:y"])
            mirrored.issue(policy, occurrences: occurrences)
            #expect(!mirrored.mayOpen)
            #expect(mirrored.adversary.derives(mirrored.sharedSecret) == isBroken)
        }
    }

    /// Rows of one authority with one randomness give away differences of their shares.
    @Test func rowsThatShareRandomnessAreCaught() {
        var random = SeededGenerator(seed: 41)
        let policy = policy(.any([.all([.row(0), .row(1)]), .row(2)]), "a:x", "b:x", "a:y")
        for (isShared, isBroken) in [(true, true), (false, false)] {
            var isDerivable = false
            for tree in [policy.tree, .all([.row(0), .any([.row(1), .row(2)])])] {
                var game = DecentralizedGame<SymbolicGroup>(RawPolicy(tree: tree, attributes: ["a:x", "b:x", "a:y"]), using: &random) { coins in
                    if isShared { coins.rows[2] = coins.rows[0] }
                }
                game.issue(["a:y"], to: "bob")
                game.issue(["b:x"], to: "bob")
                let mayOpen = game.mayOpen
                if !mayOpen { isDerivable = isDerivable || game.adversary.derives(game.sharedSecret) }
            }
            #expect(isDerivable == isBroken)
        }
    }

    /// An encryptor that gives both children of an AND the whole secret.
    @Test func aWrongShareIsCaught() {
        var random = SeededGenerator(seed: 42)
        var game = DecentralizedGame<SymbolicGroup>(policy(.all([.row(0), .row(1)]), "a:x", "b:x"), using: &random) { coins in
            coins.shares = [coins.secret, .init(0)]
            coins.zeroShares = [.init(0), .init(0)]
        }
        game.issue(["a:x"], to: "alice")
        #expect(!game.mayOpen)
        #expect(game.adversary.derives(game.sharedSecret))
    }

    /// Hashes of identities with a known logarithm: two people with x and one with y make a key for y's holder.
    @Test func identitiesWithAKnownLogarithmAreCaught() {
        var random = SeededGenerator(seed: 43)
        var game = DecentralizedGame<SymbolicGroup>(policy(.all([.row(0), .row(1)]), "a:x", "b:y"), using: &random)
        game.issue(["a:x"], to: "alice")
        game.issue(["a:x"], to: "bob")
        game.issue(["b:y"], to: "carol")
        #expect(!game.mayOpen)
        #expect(!game.adversary.derives(game.sharedSecret))
        var adversary = game.adversary
        var secret = game.sharedSecret
        for user in ["alice", "bob", "carol"] {
            let number = UInt64.random(in: 1..<Residue.modulus, using: &random)
            let name = SymbolicGroup.name(Array(user.utf8), .decentralizedIdentity)
            adversary = adversary.knowing(number, for: name)
            secret = .init(secret.exponent.substituting(number, for: name))
        }
        #expect(adversary.derives(secret))
    }

    /// Hashes of attributes with a known logarithm: one attribute of an authority stands for all.
    @Test func attributesWithAKnownLogarithmAreCaught() {
        var random = SeededGenerator(seed: 44)
        var game = DecentralizedGame<SymbolicGroup>(policy(.row(0), "a:x"), using: &random)
        game.issue(["a:y"], to: "alice")
        #expect(!game.mayOpen)
        #expect(!game.adversary.derives(game.sharedSecret))
        var adversary = game.adversary
        for attribute in ["a:x", "a:y"] {
            let number = UInt64.random(in: 1..<Residue.modulus, using: &random)
            adversary = adversary.knowing(number, for: SymbolicGroup.name(Array(attribute.utf8), .decentralizedAttribute))
        }
        #expect(adversary.derives(game.sharedSecret))
    }

    /// Update keys for ciphertexts, as published for schemes of this kind, open the record: that is why a policy is changed by
    /// sealing anew and never by such keys.
    @Test func policyUpdateKeysLeak() {
        var random = SeededGenerator(seed: 45)
        var coins: DecentralizedGame<SymbolicGroup>.Scheme.Coins?
        let game = DecentralizedGame<SymbolicGroup>(policy(.all([.row(0), .row(1)]), "a:x", "b:x"), using: &random) { coins = $0 }
        #expect(!game.adversary.derives(game.sharedSecret))
        var adversary = game.adversary
        // From AND to OR, each share becomes s: the difference is published for each row.
        if let coins { adversary.see(coins.shares.map { .init((coins.secret - $0).value) }) }
        #expect(adversary.derives(game.sharedSecret))
    }
}
