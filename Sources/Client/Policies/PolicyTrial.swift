// What a policy means before it is used: who satisfies it, whom it trusts, what it costs.

internal import AttributeEncryption
internal import Envelope
internal import Ledger

/// The outcome of `phr policy test`.
package struct PolicyTrial: Encodable, Sendable {
    /// Canonical text, as it would stand in an envelope.
    package let policy: String
    /// `FABEO` for one authority, `decentralised` for several.
    package let scheme: String
    package let authorities: [String]
    package let clauseCount: Int
    /// Rows of the header: a comparison or a month takes several, revoked members add some.
    package let rowCount: Int
    /// Up to four sets of attributes, the smallest first; each is enough.
    package let ways: [[String]]
    /// The smallest sets of authorities that could together open it, whoever holds what; the policy is as strong as the weakest.
    package let trusts: [[String]]
    package let headerByteCount: Int
    /// Measured on this machine; once for all files of a session.
    package let sealMilliseconds: Double
    /// Measured on this machine, with keys made up for the first of the ways; `nil` when that has hidden names.
    package let openMilliseconds: Double?
    /// Under the records that the authorities have published; else under made-up ones with nobody revoked.
    package let isUnderPublishedRecords: Bool
    /// Whether the user's keys satisfy it, and what is missing; `nil` when that was not asked for.
    package let mine: PolicyFact?

    /// Without a network: the authorities are made up.
    package static func offline(_ text: String) throws(ClientError) -> PolicyTrial {
        let month = Month(secondsSince1970: currentTime())
        let policy = try Policy(typed: text, sealedAt: month)
        let model = try PolicyModel(policy, month: month)
        let sealing = try model.seal(policy, under: model.records)
        return PolicyTrial(policy, sealing, model, isUnderPublishedRecords: false, mine: nil)
    }

    /// - Parameters:
    ///   - plain: as typed, to show which attributes are meant.
    ///   - policy: with hidden names where they are to be hidden.
    init(plain: Policy, sealed policy: Policy, under records: [String: AuthorityRecord], month: Month, heldBy keys: [AttributeKey]?) throws(ClientError) {
        let model = try PolicyModel(plain, month: month)
        let sealing = try model.seal(policy, under: records)
        self.init(plain, sealing, model, isUnderPublishedRecords: true, mine: keys.map { PolicyFact(sealing.facts, heldBy: $0, at: month) })
    }

    private init(_ plain: Policy, _ sealing: PolicyModel.Sealing, _ model: PolicyModel, isUnderPublishedRecords: Bool, mine: PolicyFact?) {
        policy = sealing.facts.policy.text
        scheme = PolicyFact.name(of: sealing.facts.suite)
        authorities = plain.authorities
        clauseCount = plain.leafCount
        rowCount = sealing.facts.rowCount
        ways = model.ways.map { $0.map(\.text) }
        trusts = plain.smallestAuthoritySets()
        headerByteCount = sealing.facts.byteCount
        sealMilliseconds = sealing.milliseconds
        openMilliseconds = model.openMilliseconds
        self.isUnderPublishedRecords = isUnderPublishedRecords
        self.mine = mine
    }
}

/// A policy with authorities and a reader made up for it: what it costs can be measured, not only estimated.
private struct PolicyModel {
    struct Sealing {
        let facts: HeaderFacts
        let milliseconds: Double
    }

    let records: [String: AuthorityRecord]
    let ways: [[Explanation.Missing]]
    let openMilliseconds: Double?

    private static let memberTreeDepth = 10
    private static let runCount = 3

    init(_ policy: Policy, month: Month) throws(ClientError) {
        let signer = Signer.generate()
        var secrets: [String: AuthoritySecretKey] = [:]
        var records: [String: AuthorityRecord] = [:]
        do {
            for name in policy.authorities {
                let secret = AuthoritySecretKey.generate(epoch: 1, owner: signer.publicKey)
                secrets[name] = secret
                records[name] = try AuthorityRecord(
                    publicKey: secret.publicKey, revocations: RevocationList(depth: Self.memberTreeDepth), created: 0, sign: { try signer.sign($0) })
            }
            ways = policy.explain([], at: month).missing
            self.records = records
            let keys = try Self.keys(for: ways.first ?? [], from: secrets, to: signer, month: month)
            guard let keys else {
                openMilliseconds = nil
                return
            }
            let header = try KeyEncapsulation.encapsulate(policy, authorities: records, associatedData: []).header
            openMilliseconds = try Self.milliseconds { () throws(AttributeError) in
                _ = try KeyEncapsulation.decapsulate(header, keys: keys, associatedData: [], at: month)
            }
        } catch {
            throw ClientError(error)
        }
    }

    func seal(_ policy: Policy, under records: [String: AuthorityRecord]) throws(ClientError) -> Sealing {
        do {
            var header: [UInt8] = []
            let milliseconds = try Self.milliseconds { () throws(AttributeError) in
                header = try KeyEncapsulation.encapsulate(policy, authorities: records, associatedData: []).header
            }
            return Sealing(facts: try KeyEncapsulation.inspect(header), milliseconds: milliseconds)
        } catch {
            throw ClientError(error)
        }
    }

    /// Keys that go one way; `nil` when it has hidden names, which nobody can be given by name.
    private static func keys(
        for way: [Explanation.Missing], from secrets: [String: AuthoritySecretKey], to signer: Signer, month: Month
    ) throws -> [AttributeKey]? {
        var attributes: [String: Set<GrantedAttribute>] = [:]
        for missing in way where missing.month == nil {
            guard let text = missing.grantable, let attribute = try? GrantedAttribute(parsing: text) else { return nil }
            attributes[missing.authority, default: []].insert(attribute)
        }
        let months = way.compactMap(\.month) + [month]
        guard let first = months.min(), let last = months.max() else { return nil }
        let gid = GlobalIdentifier.of(signingKey: signer.publicKey)
        return try Set(way.map(\.authority)).sorted().compactMap { name in
            let granted = try attributes[name] ?? [GrantedAttribute(parsing: "any")]
            return try secrets[name]?.issue(
                to: gid, attributes: granted, authority: name, member: (0, memberTreeDepth), validity: first...last, issuedAt: 0)
        }
    }

    /// The best of some runs; the first makes tables that later ones use.
    private static func milliseconds(_ body: () throws(AttributeError) -> Void) throws(AttributeError) -> Double {
        let clock = ContinuousClock()
        var best = Double.infinity
        for _ in 0..<runCount {
            let start = clock.now
            try body()
            let time = start.duration(to: clock.now).components
            best = min(best, Double(time.seconds) * 1000 + Double(time.attoseconds) / 1e15)
        }
        return best
    }
}

extension Explanation.Missing {
    /// The month of a clause `valid in 2026-11`.
    fileprivate var month: Month? {
        let words = attribute.split(separator: " ")
        return words.count == 3 && words[0] == "valid" ? Month(String(words[2])) : nil
    }
}

extension ClientSession {
    /// Tries a policy, or that of a folder, under the records that its authorities have published.
    package func tryPolicy(_ text: String?, ofFolder folder: String?, asMe: Bool) async throws -> PolicyTrial {
        var typed = text ?? ""
        if let folder {
            let path = try policyFolder(folder)
            guard let found = try await folderPolicy(path)?.document.policy, !found.isEmpty else { throw ClientError(.notFound, "\(path) has no policy") }
            typed = found
        }
        let month = Month(secondsSince1970: currentTime())
        let plain = try Policy(typed: typed, sealedAt: month)
        let sealed = try await policy(typed: typed)
        var records: [String: AuthorityRecord] = [:]
        for name in sealed.authorities { records[name] = try await authority(name).record }
        return try PolicyTrial(plain: plain, sealed: sealed, under: records, month: month, heldBy: asMe ? attributeKeys() : nil)
    }
}
