// FABEO, both ways round.

import AttributeEncryption

/// Ciphertext-policy: users with attributes, a header with a policy.
struct SingleAuthorityGame<Group: GameGroup> {
    typealias Scheme = FABEO<Group>

    let policy: RawPolicy
    let header: Scheme.Header
    let occurrences: [Int]
    let sharedSecret: Group.GT
    fileprivate let alpha: Group.Scalar
    private(set) var issuances: [(attributes: [String], key: Scheme.UserKey)] = []

    /// - Parameter occurrences: other ones than the rule says.
    init(_ policy: RawPolicy, occurrences: [Int]? = nil) {
        var source = Group.scalars()
        self.policy = policy
        let used = occurrences ?? policy.occurrences
        self.occurrences = used
        alpha = source.next()
        let secret = source.next()
        let shares = SecretSharing<Group>.shares(of: secret, over: policy.tree, rowCount: policy.attributes.count, from: &source)
        let coins = Scheme.Coins(secret: secret, shares: shares, occurrences: (0...(used.max() ?? 0)).map { _ in source.next() })
        header = Scheme.header(attributes: policy.messages, occurrences: used, coins: coins)
        sharedSecret = Scheme.publicKey(alpha).power(secret)
    }

    mutating func issue(_ attributes: some Sequence<String>) {
        var source = Group.scalars()
        let attributes = attributes.sorted()
        issuances.append((attributes, Scheme.issue(alpha, attributes: attributes.map { Array($0.utf8) }, from: &source)))
    }

    var mayOpen: Bool { issuances.contains { policy.isSatisfied(by: Set($0.attributes)) } }

    /// The raw decapsulation with row elements of some issuances and the common elements of others.
    func decapsulate(_ rows: [SelectedRow], issuance: (Int) -> Int, master: Int, randomness: Int) -> Group.GT? {
        var keys: [Scheme.RowKey] = []
        for row in rows {
            let chosen = issuances[issuance(row.row)]
            guard let index = chosen.attributes.firstIndex(of: policy.attributes[row.row]) else { return nil }
            keys.append(.init(row: row, element: chosen.key.attributes[index]))
        }
        return Scheme.decapsulate(
            header, occurrences: occurrences, rows: keys, master: issuances[master].key.master, randomness: issuances[randomness].key.randomness)
    }
}

/// Key-policy: keys with policies, a header with attributes.
struct KeyPolicyGame<Group: GameGroup> {
    typealias Scheme = KeyPolicyFABEO<Group>

    let attributes: [String]
    let header: Scheme.Header
    let sharedSecret: Group.GT
    fileprivate let alpha: Group.Scalar
    private(set) var keys: [(policy: RawPolicy, key: Scheme.UserKey)] = []

    init(_ attributes: some Sequence<String>) {
        var source = Group.scalars()
        self.attributes = attributes.sorted()
        alpha = source.next()
        let secret = source.next()
        header = Scheme.header(attributes: self.attributes.map { Array($0.utf8) }, secret: secret)
        sharedSecret = FABEO<Group>.publicKey(alpha).power(secret)
    }

    mutating func issue(_ policy: RawPolicy, occurrences: [Int]? = nil) {
        var source = Group.scalars()
        let occurrences = occurrences ?? policy.occurrences
        let shares = SecretSharing<Group>.shares(of: alpha, over: policy.tree, rowCount: policy.attributes.count, from: &source)
        let randomness = (0...(occurrences.max() ?? 0)).map { _ in source.next() }
        keys.append((policy, Scheme.key(attributes: policy.messages, occurrences: occurrences, shares: shares, randomness: randomness)))
    }

    var mayOpen: Bool { keys.contains { $0.policy.isSatisfied(by: Set(attributes)) } }

    /// The raw decapsulation with the rows of one key and the R of another of the same policy; nil when the header has not a row's attribute.
    func decapsulate(_ rows: [SelectedRow], row: (Int) -> Int = { _ in 0 }, occurrences: Int = 0) -> Group.GT? {
        let policy = keys[0].policy
        var elements: [Scheme.RowElement] = []
        for row in rows {
            guard let position = attributes.firstIndex(of: policy.attributes[row.row]) else { return nil }
            elements.append(.init(row: row, element: header.attributes[position]))
        }
        let key = Scheme.UserKey(
            rows: policy.attributes.indices.map { keys[row($0)].key.rows[$0] }, occurrences: keys[occurrences].key.occurrences)
        return Scheme.decapsulate(header, key: key, occurrences: policy.occurrences, rows: elements)
    }
}

extension SingleAuthorityGame<SymbolicGroup> {
    var adversary: Adversary {
        var adversary = Adversary()
        adversary.see(Scheme.publicKey(alpha))
        adversary.see(SymbolicGroup.fabeoBase.point)
        adversary.see([header.secret] + header.occurrences, inG2: true)
        adversary.see(header.rows + Set(policy.attributes).map { SymbolicGroup.hashToG1(Array($0.utf8), .fabeoAttribute) })
        for issuance in issuances {
            adversary.see([issuance.key.master] + issuance.key.attributes)
            adversary.see(issuance.key.randomness, inG2: true)
        }
        return adversary
    }
}

extension KeyPolicyGame<SymbolicGroup> {
    var adversary: Adversary {
        var adversary = Adversary()
        adversary.see(FABEO<SymbolicGroup>.publicKey(alpha))
        adversary.see(header.attributes)
        adversary.see(header.secret, inG2: true)
        for (policy, key) in keys {
            adversary.see(key.rows + Set(policy.attributes).map { SymbolicGroup.hashToG1(Array($0.utf8), .keyPolicyAttribute) })
            adversary.see(key.occurrences, inG2: true)
        }
        return adversary
    }
}
