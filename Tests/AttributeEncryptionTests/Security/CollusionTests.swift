// The games of collusion, by name: who puts what together, and that it is not enough.

import AttributeEncryption
import BLS12381
import Testing

@Suite struct CollusionTests {
    private static let both = RawPolicy(tree: .all([.row(0), .row(1)]), attributes: ["a:x", "b:y"])

    /// Two people who have one half each.
    @Test func twoUsersPoolTheirKeys() throws {
        let alice = try World.Authority("alice")
        let stmary = try World.Authority("stmary")
        let keys = [
            try alice.issue(World.doctor, "care-team"), try stmary.issue(World.nurse, "doctor"), try stmary.issue(World.doctor, "cardiology"),
        ]
        let policies: [(String, AttributeError.Code)] = [
            ("alice:care-team and stmary:doctor", .wrongIdentity), ("2 of (alice:care-team, stmary:doctor, alice:x)", .wrongIdentity),
            ("stmary:doctor and stmary:cardiology", .notSatisfied),
        ]
        for (policy, code) in policies {
            let (header, _) = try World.encapsulate(policy, alice, stmary)
            #expect(throws: AttributeError(code, ""), "\(policy)") {
                try KeyEncapsulation.decapsulate(header, keys: keys, associatedData: World.associatedData, at: World.month)
            }
        }
    }

    /// All authorities but one have given away their secrets: the record stays shut unless the last one's attributes are held.
    @Test func allAuthoritiesButOneAreCorrupted() {
        var random = SeededGenerator(seed: 71)
        let policy = RawPolicy(tree: .all([.row(0), .row(1), .row(2)]), attributes: ["a:x", "b:x", "c:x"])
        for honest in ["a", "b", "c"] {
            let corrupted = Set(["a", "b", "c"]).subtracting([honest])
            for holdsIt in [false, true] {
                var game = DecentralizedGame<SymbolicGroup>(policy, corrupted: corrupted, using: &random)
                game.issue([holdsIt ? "\(honest):x" : "\(honest):y"], to: "alice")
                #expect(game.adversary.derives(game.sharedSecret) == holdsIt)
            }
        }
    }

    /// The same on the curve: with all secrets but one, everyone's keys can be made, and they do not open it.
    @Test func corruptedAuthoritiesIssueWhateverTheyLike() {
        var random = SeededGenerator(seed: 72)
        let policy = RawPolicy(tree: .all([.row(0), .row(1), .row(2)]), attributes: ["a:x", "b:x", "c:x"])
        var game = DecentralizedGame<BLSGroup>(policy, using: &random)
        game.issue(["a:x", "b:x", "c:y"], to: "alice")
        game.issue(["c:x"], to: "bob")
        let rows = policy.weights(of: [0, 1, 2])
        for identity in ["alice", "bob"] {
            let secret = game.decapsulate(rows, identity: identity, element: { game.issuance(of: $0 == 2 ? "bob" : "alice", row: $0) }) {
                game.issuance(of: $0 == 2 ? "bob" : "alice", row: $0)
            }
            #expect(secret != game.sharedSecret)
        }
        let partial = game.decapsulate(policy.weights(of: [0, 1]), identity: "alice", element: { game.issuance(of: "alice", row: $0) }) {
            game.issuance(of: "alice", row: $0)
        }
        #expect(partial != game.sharedSecret)
    }

    // MARK: Re-issued keys

    /// An element of one issuance with the randomness of another opens nothing.
    @Test func elementsOfTwoIssuancesDoNotMix() {
        var random = SeededGenerator(seed: 73)
        var game = DecentralizedGame<BLSGroup>(RawPolicy(tree: .row(0), attributes: ["a:x"]), using: &random)
        game.issue(["a:x"], to: "alice")
        game.issue(["a:x"], to: "alice")
        for (element, randomness) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let secret = game.decapsulate([SelectedRow(row: 0)], identity: "alice", element: { _ in element }, randomness: { _ in randomness })
            #expect((secret == game.sharedSecret) == (element == randomness))
        }
    }

    /// In the decentralised scheme issuances of one epoch to one person add up, row by row: an attribute of the older key goes with the
    /// membership of the newer one. That is why an authority gives nobody a key with less than his older ones of the epoch.
    @Test func issuancesOfOnePersonAddUpInTheDecentralizedScheme() {
        var random = SeededGenerator(seed: 74)
        let policy = RawPolicy(tree: .all([.row(0), .row(1), .row(2)]), attributes: ["a:doctor", "a:member", "b:x"])
        for people in [["alice", "alice"], ["alice", "bob"]] {
            var game = DecentralizedGame<SymbolicGroup>(policy, using: &random)
            game.issue(["a:doctor"], to: people[0])
            game.issue(["a:member", "b:x"], to: people[1])
            #expect(game.adversary.derives(game.sharedSecret) == (people[0] == people[1]))
        }
    }

    /// In FABEO they do not.
    @Test func issuancesDoNotAddUpInFABEO() {
        var game = SingleAuthorityGame<SymbolicGroup>(RawPolicy(tree: .all([.row(0), .row(1)]), attributes: ["a:doctor", "a:member"]))
        game.issue(["a:doctor"])
        game.issue(["a:member"])
        #expect(!game.adversary.derives(game.sharedSecret))
    }

    // MARK: The attack on affine identities

    /// Ge, Zhang, Wei, He and Susilo, "On the security of a privacy-preserving decentralised scheme", 2013, against Han, Susilo, Mu
    /// and Yan 2012: where the identity is a known number in the exponent, two holders of an attribute make from their keys one
    /// for any third person. It must work where identities are such numbers, and fail where they are hashed to the curve.
    @Test func affineIdentitiesFallToGeAndOthers() {
        #expect(opensWithForgedKey(AffineIdentities.self))
        #expect(!opensWithForgedKey(BLSGroup.self))
    }

    private func opensWithForgedKey<Group: GameGroup>(_ group: Group.Type) -> Bool where Group.Scalar == Scalar {
        var random = SeededGenerator(seed: 75)
        var game = DecentralizedGame<Group>(Self.both, using: &random)
        game.issue(["a:x"], to: "alice")
        game.issue(["a:x"], to: "bob")
        game.issue(["b:y"], to: "carol")
        let (alice, bob, carol) = (number("alice"), number("bob"), number("carol"))
        // w·alice + (1 − w)·bob = carol
        let weight = (carol - bob) * (alice - bob).inverse()
        let weights = [weight, Scalar(1) - weight]
        let keys = game.issuances.prefix(2).map(\.key)
        let forged = DecentralizedGame<Group>.Scheme.UserKey(
            attributes: [Group.G2.sumVartime(keys.map { $0.attributes[0] }, times: weights)],
            randomness: Group.G1.sumVartime(keys.map(\.randomness), times: weights))
        game.issuances.append(.init(user: "carol", authority: "a", attributes: ["a:x"], key: forged))
        let secret = game.decapsulate(Self.both.weights(of: [0, 1]), identity: "carol", element: { $0 == 0 ? 3 : 2 }, randomness: { $0 == 0 ? 3 : 2 })
        return secret == game.sharedSecret
    }

    private func number(_ user: String) -> Scalar { AffineIdentities.logarithm(Array(user.utf8)) }
}
