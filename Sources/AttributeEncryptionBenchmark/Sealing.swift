// A thousand small records under one policy, beside one public key: what the shared encapsulation saves.

internal import AttributeEncryption
internal import Crypto
internal import Envelope

enum Sealing {
    private static let recordCount = 1000
    private static let record = [UInt8](repeating: 0x20, count: 2048)

    /// Ten attributes of two authorities, as in the scenario of that size.
    private static let scenario = Scenario(attributeCount: 10, authorityCount: 2)

    static func operations(where isWanted: (String) -> Bool) throws -> [Operation] {
        let recipients =
            ([
                ("X25519", Identity.generateX25519().recipient), ("X-Wing", try Identity.generateXWing().recipient), ("policy n=10 a=2", try policy()),
            ] as [(String, Recipient?)]).compactMap { name, recipient in recipient.map { (name, $0) } }
        let signer = Signer.generate()
        return try recipients.flatMap { name, recipient in
            let shared = try WrapKey(recipients: [recipient])
            return [
                Operation(name: "seal \(recordCount) shared \(name)") { for _ in 0..<recordCount { try seal(under: shared, signer) } },
                Operation(name: "seal \(recordCount) each \(name)") {
                    for _ in 0..<recordCount { try seal(under: WrapKey(recipients: [recipient]), signer) }
                },
            ]
        }.filter { isWanted($0.name) }
    }

    private static func policy() throws -> Recipient {
        var records: [String: AuthorityRecord] = [:]
        for index in 0..<scenario.authorityCount {
            let signer = Signer.generate()
            let secret = AuthoritySecretKey.generate(epoch: 1, owner: signer.publicKey)
            records["authority\(index)"] = try AuthorityRecord(publicKey: secret.publicKey, revocations: RevocationList(depth: 8), created: 0) {
                try signer.sign($0)
            }
        }
        return .policy(try Policy(parsing: scenario.clauses.joined(separator: " and ")), records)
    }

    private static func seal(under wrapKey: WrapKey, _ signer: Signer) throws {
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey, options: SealingOptions(), signer: signer)
        var byteCount = sealer.head.count
        try unsafe sealer.update(record) { byteCount += $0.count }
        _ = try unsafe sealer.finish(metadata: RecordMetadata(), interrupted: false) { byteCount += $0.count }
        precondition(byteCount > record.count)
    }
}
