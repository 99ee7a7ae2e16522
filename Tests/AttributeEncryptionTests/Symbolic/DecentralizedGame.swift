// The decentralised scheme with users, corrupted authorities and what an adversary sees of them.

import AttributeEncryption

struct DecentralizedGame<Group: GameGroup> {
    typealias Scheme = DecentralizedABE<Group>

    struct Issuance {
        let user: String
        let authority: String
        let attributes: [String]
        let key: Scheme.UserKey
    }

    let policy: RawPolicy
    private(set) var header: [Scheme.Row] = []
    private(set) var sharedSecret: Group.GT
    private let secrets: [String: Scheme.SecretKey]
    private let corrupted: Set<String>
    var issuances: [Issuance] = []

    /// - Parameter coins: changes what an encryptor by the rules would draw.
    init(
        _ policy: RawPolicy, corrupted: Set<String> = [], using random: inout some RandomNumberGenerator,
        coins change: (inout Scheme.Coins) -> Void = { _ in }
    ) {
        self.policy = policy
        self.corrupted = corrupted
        var source = Group.scalars()
        var secrets: [String: Scheme.SecretKey] = [:]
        for name in ["a", "b", "c"] {
            func scalar() -> Group.Scalar { corrupted.contains(name) ? .init(UInt64.random(in: 1..<Residue.modulus, using: &random)) : source.next() }
            secrets[name] = Scheme.SecretKey(alpha: scalar(), beta: scalar())
        }
        self.secrets = secrets
        sharedSecret = Group.GT.generator(power: Group.Scalar(0))
        seal(change)
    }

    /// Another header of the same policy, for the same authorities and users.
    func resealed() -> DecentralizedGame {
        var game = self
        game.seal { _ in }
        return game
    }

    private mutating func seal(_ change: (inout Scheme.Coins) -> Void) {
        var source = Group.scalars()
        let count = policy.attributes.count
        let secret = source.next()
        let shares = SecretSharing<Group>.shares(of: secret, over: policy.tree, rowCount: count, from: &source)
        let zeroShares = SecretSharing<Group>.shares(of: Group.Scalar(0), over: policy.tree, rowCount: count, from: &source)
        var coins = Scheme.Coins(secret: secret, shares: shares, zeroShares: zeroShares, rows: (0..<count).map { _ in source.next() })
        change(&coins)
        header = Scheme.header(attributes: policy.messages, keys: policy.attributes.map { secrets[Self.authority($0)]!.publicKey }, coins: coins)
        sharedSecret = Scheme.sharedSecret(coins)
    }

    static func authority(_ attribute: String) -> String { String(attribute.prefix(1)) }

    /// Gives a user attributes, one issuance for each authority among them.
    mutating func issue(_ attributes: some Sequence<String>, to user: String) {
        var source = Group.scalars()
        for (authority, own) in Dictionary(grouping: attributes, by: Self.authority).sorted(by: { $0.key < $1.key }) {
            guard let secret = secrets[authority] else { continue }
            let key = Scheme.issue(secret, gid: Array(user.utf8), attributes: own.map { Array($0.utf8) }, from: &source)
            issuances.append(Issuance(user: user, authority: authority, attributes: own, key: key))
        }
    }

    /// Whether someone alone, with the help of all corrupted authorities, may open it.
    var mayOpen: Bool {
        let users = Dictionary(grouping: issuances, by: \.user).mapValues { Set($0.flatMap(\.attributes)) }
        return (Array(users.values) + [[]]).contains { held in
            policy.isSatisfied { held.contains(policy.attributes[$0]) || corrupted.contains(Self.authority(policy.attributes[$0])) }
        }
    }

    /// The raw decapsulation: for each row the element of one issuance with the randomness of one, whoever they belong to; nil when an
    /// issuance has not the attribute.
    func decapsulate(_ rows: [SelectedRow], identity user: String, element: (Int) -> Int, randomness: (Int) -> Int) -> Group.GT? {
        var keys: [Scheme.RowKey] = []
        for row in rows {
            let chosen = issuances[element(row.row)]
            guard let index = chosen.attributes.firstIndex(of: policy.attributes[row.row]) else { return nil }
            keys.append(.init(row: row, element: chosen.key.attributes[index], issuance: randomness(row.row)))
        }
        return Scheme.decapsulate(header, rows: keys, randomness: issuances.map(\.key.randomness), identity: Scheme.identity(Array(user.utf8)))
    }

    /// The same with a user's own keys and the rows of any header.
    func decapsulate(_ rows: [SelectedRow], of header: [Scheme.Row], identity user: String) -> Group.GT? {
        var game = self
        game.header = header
        let own = { game.issuance(of: user, row: $0) }
        return game.decapsulate(rows, identity: user, element: own, randomness: own)
    }

    /// The issuance by the authority of a row to a user.
    func issuance(of user: String, row: Int) -> Int {
        issuances.firstIndex { $0.user == user && $0.authority == Self.authority(policy.attributes[row]) } ?? 0
    }
}

extension DecentralizedGame<SymbolicGroup> {
    /// All that is public, all keys that were issued, and all secrets of corrupted authorities.
    var adversary: Adversary {
        var adversary = Adversary()
        for secret in secrets.values { adversary.see(secret.publicKey.a.point, secret.publicKey.b.point) }
        for row in header {
            adversary.see(row.c1, row.c3, row.c4)
            adversary.see(row.c2, inG2: true)
        }
        for issuance in issuances {
            adversary.see(issuance.key.randomness)
            adversary.see(issuance.key.attributes, inG2: true)
        }
        for user in Set(issuances.map(\.user) + ["nobody"]) { adversary.see(Scheme.identity(Array(user.utf8)), inG2: true) }
        for attribute in Set(policy.attributes) { adversary.see(Self.point(attribute), inG2: true) }
        return adversary
    }

    private static func point(_ attribute: String) -> SymbolicGroup.Element { SymbolicGroup.hashToG2(Array(attribute.utf8), .decentralizedAttribute) }
}
