// What is timed: an AND of n attributes of a authorities, opened by a holder of at least twenty.

internal import AttributeEncryption
internal import BLS12381
internal import Crypto

struct Scenario {
    let attributeCount: Int
    let authorityCount: Int

    static let all = [5, 10, 20, 50].flatMap { n in [1, 2, 5].map { Scenario(attributeCount: n, authorityCount: $0) } }

    private static let month = Month(number: 322)!
    private static let associatedData = Array("abe-bench".utf8)

    /// The operations of this scenario whose names are wanted; what they need is made only then.
    func operations(where isWanted: (String) -> Bool) throws -> [Operation] {
        let suffix = "n=\(attributeCount) a=\(authorityCount)"
        let names = ["issue", "verify", "encapsulate cold", "encapsulate", "decapsulate core", "decapsulate cold", "decapsulate"].map { "\($0) \(suffix)" }
        guard names.contains(where: isWanted) else { return [] }
        let world = try BenchmarkWorld(self)
        let operations = [
            Operation(name: names[0], byteCount: world.keys[0].withEncoded(\.count)) {
                BLSGroup.forgetCachedPoints()
                _ = try world.issue(0)
            },
            Operation(name: names[1]) {
                BLSGroup.forgetCachedPoints()
                try world.keys[0].verify(with: world.secrets[0].publicKey, for: world.gid)
            },
            Operation(name: names[2], byteCount: world.header.count) {
                BLSGroup.forgetCachedPoints()
                _ = try world.encapsulate()
            },
            Operation(name: names[3], byteCount: world.header.count) { _ = try world.encapsulate() },
            try world.core(named: names[4]),
            Operation(name: names[5]) {
                BLSGroup.forgetCachedPoints()
                let keys = try world.encodedKeys.map { try AttributeKey(decoding: $0) }
                _ = try KeyEncapsulation.decapsulate(world.header, keys: keys, associatedData: Self.associatedData, at: Self.month)
            },
            Operation(name: names[6]) {
                _ = try KeyEncapsulation.decapsulate(world.header, keys: world.keys, associatedData: Self.associatedData, at: Self.month)
            },
        ]
        return operations.filter { isWanted($0.name) }
    }

    /// Authorities, keys and a header.
    private struct BenchmarkWorld {
        let secrets: [AuthoritySecretKey]
        let records: [String: AuthorityRecord]
        let policy: Policy
        let gid = GlobalIdentifier.of(signingKey: Array("reader".utf8))
        var keys: [AttributeKey] = []
        var encodedKeys: [[UInt8]] = []
        var header: [UInt8] = []
        private let heldCount: Int
        private let scenario: Scenario

        init(_ scenario: Scenario) throws {
            self.scenario = scenario
            var records: [String: AuthorityRecord] = [:]
            var secrets: [AuthoritySecretKey] = []
            for index in 0..<scenario.authorityCount {
                let signer = Curve25519.Signing.PrivateKey()
                let secret = AuthoritySecretKey.generate(epoch: 1, owner: Array(signer.publicKey.rawRepresentation))
                records["authority\(index)"] = try AuthorityRecord(publicKey: secret.publicKey, revocations: RevocationList(depth: 8), created: 0) {
                    Array(try signer.signature(for: $0))
                }
                secrets.append(secret)
            }
            self.secrets = secrets
            self.records = records
            heldCount = max(20, scenario.attributeCount) / scenario.authorityCount
            policy = try Policy(parsing: scenario.clauses.joined(separator: " and "))
            for index in secrets.indices {
                let key = try issue(index)
                keys.append(key)
                encodedKeys.append(key.withEncoded { $0 })
            }
            header = try encapsulate()
        }

        func issue(_ index: Int) throws -> AttributeKey {
            let month = Scenario.month
            return try secrets[index].issue(
                to: gid, attributes: (0..<heldCount).map { try GrantedAttribute(parsing: "attribute\($0)") }, authority: "authority\(index)",
                member: (7, 8), validity: month...month.advanced(by: 11), issuedAt: 0)
        }

        func encapsulate() throws -> [UInt8] {
            try KeyEncapsulation.encapsulate(policy, authorities: records, associatedData: Scenario.associatedData).header
        }

        /// The pairings of the scheme alone, on points that are decoded already.
        func core(named name: String) throws -> Operation {
            let structure = try AccessStructure(policy, revocations: [:])
            let messages = structure.rows.map { AttributeName.message($0.name, authority: secrets[$0.authority].publicKey.fingerprint) }
            let rows = structure.tree.cheapestSelection { _ in true } ?? []
            var source = SystemScalars()
            let alpha = source.next()
            if secrets.count == 1 {
                let coins = FABEO<BLSGroup>.Coins(structure, from: &source)
                let header = FABEO<BLSGroup>.header(attributes: messages, occurrences: structure.occurrences, coins: coins)
                let key = FABEO<BLSGroup>.issue(alpha, attributes: messages, from: &source)
                let rowKeys = rows.map { FABEO<BLSGroup>.RowKey(row: $0, element: key.attributes[$0.row]) }
                return Operation(name: name) {
                    _ = FABEO<BLSGroup>.decapsulate(
                        header, occurrences: structure.occurrences, rows: rowKeys, master: key.master, randomness: key.randomness)
                }
            }
            let secret = DecentralizedABE<BLSGroup>.SecretKey(alpha: alpha, beta: source.next())
            let coins = DecentralizedABE<BLSGroup>.Coins(structure, from: &source)
            let header = DecentralizedABE<BLSGroup>.header(attributes: messages, keys: messages.map { _ in secret.publicKey }, coins: coins)
            let keys = secrets.map { _ in DecentralizedABE<BLSGroup>.issue(secret, gid: gid, attributes: messages, from: &source) }
            let rowKeys = rows.map { row in
                let authority = structure.rows[row.row].authority
                return DecentralizedABE<BLSGroup>.RowKey(row: row, element: keys[authority].attributes[row.row], issuance: authority)
            }
            let identity = DecentralizedABE<BLSGroup>.identity(gid)
            return Operation(name: name) {
                _ = DecentralizedABE<BLSGroup>.decapsulate(header, rows: rowKeys, randomness: keys.map(\.randomness), identity: identity)
            }
        }
    }

    /// The attributes, dealt to the authorities in turn.
    var clauses: [String] { (0..<attributeCount).map { "authority\($0 % authorityCount):attribute\($0 / authorityCount)" } }
}
