/// Compares the documents of sharing with what the ledger says of them, and their order on the ledger with its rules.
import AttributeEncryption
import GRDB
import Ledger
import RecordStore

struct DocumentCheck {
    let site: Site
    /// The next sequence of each account's keys and authority records, and of each folder's policies.
    private var keySequences: [[UInt8]: UInt64] = [:]
    private var authoritySequences: [[UInt8]: UInt64] = [:]
    private var policySequences: [[UInt8]: UInt64] = [:]
    private var epochs: [[UInt8]: UInt64] = [:]
    private var auditLineCount: UInt64 = 0

    init(site: Site) { self.site = site }

    /// What is wrong with an entry; nil when nothing is.
    mutating func problem(with body: TransactionBody, index: UInt64) throws -> String? {
        switch body {
        case .key(let key): try problem(with: key, index: index)
        case .authority(let authority): try problem(with: authority, index: index)
        case .issue(let issue): try problem(with: issue, index: index)
        case .policy(let policy): try problem(with: policy, index: index)
        case .emergency(let emergency): try problem(with: emergency, index: index)
        case .audit(let audit): problem(with: audit)
        case .record, .header, .tombstone, .access: nil
        }
    }

    private mutating func problem(with audit: AuditTransaction) -> String? {
        guard audit.lineCount > auditLineCount else { return "the audit log did not grow" }
        auditLineCount = audit.lineCount
        return nil
    }

    private mutating func problem(with key: KeyTransaction, index: UInt64) throws -> String? {
        if let problem = Self.step(&keySequences, key.pseudonym, key.sequence) { return problem }
        let stored = try site.database.read { try site.catalogue.keyBundle($0, account: key.pseudonym, sequence: key.sequence) }
        guard let stored else { return "the catalogue has no keys \(key.sequence) of this account" }
        return stored.bundle == key.bundle && stored.ledgerIndex == index ? nil : "the keys in the catalogue are other ones"
    }

    private mutating func problem(with authority: AuthorityTransaction, index: UInt64) throws -> String? {
        if let problem = Self.step(&authoritySequences, authority.pseudonym, authority.sequence) { return problem }
        if let epoch = epochs.updateValue(authority.epoch, forKey: authority.pseudonym), epoch > authority.epoch { return "its epoch falls" }
        let stored = try site.database.read { try site.catalogue.authority($0, account: authority.pseudonym, sequence: authority.sequence) }
        guard let stored else { return "the catalogue has no record \(authority.sequence) of this authority" }
        guard stored.record == authority.record, stored.ledgerIndex == index, stored.epoch == authority.epoch else {
            return "the authority's record in the catalogue is another one"
        }
        let record = try AuthorityRecord(decoding: authority.record)
        guard record.sequence == authority.sequence, record.publicKey.epoch == authority.epoch else {
            return "the authority's record has another sequence or epoch than its entry"
        }
        guard
            let previous = try site.database.read({ db in
                try authority.sequence == 0 ? nil : site.catalogue.authority(db, account: authority.pseudonym, sequence: authority.sequence - 1)
            })
        else { return nil }
        try record.verify(following: try site.authorityRecords.record(previous))
        return nil
    }

    private func problem(with issue: IssueTransaction, index: UInt64) throws -> String? {
        guard let stored = try site.database.read({ try site.catalogue.issuance($0, commitment: issue.commitment) }) else {
            return "the catalogue has no such issuance"
        }
        let statement = try IssuanceStatement(decoding: stored.statement)
        let isSame =
            stored.ledgerIndex == index && stored.authority == issue.authorityPseudonym && stored.epoch == issue.epoch
            && statement.commitment == issue.commitment && statement.epoch == issue.epoch && statement.issuerKeyID == issue.issuerKeyID
            && statement.holder == stored.holder && statement.leaf == stored.leaf
        return isSame ? nil : "the issuance in the catalogue is another one"
    }

    private mutating func problem(with policy: PolicyTransaction, index: UInt64) throws -> String? {
        if let problem = Self.step(&policySequences, policy.folderID, policy.sequence) { return problem }
        guard let stored = try site.database.read({ try site.catalogue.policy($0, folderID: policy.folderID, sequence: policy.sequence) }) else {
            return "the catalogue has no policy \(policy.sequence) of this folder"
        }
        guard stored.ledgerIndex == index, stored.owner == policy.ownerPseudonym,
            DocumentCommitment.policy.commitment(salt: stored.salt, document: stored.document) == policy.commitment,
            try PolicyDocument(decoding: stored.document).sequence == policy.sequence
        else { return "the policy in the catalogue does not open the commitment" }
        return nil
    }

    private func problem(with emergency: EmergencyTransaction, index: UInt64) throws -> String? {
        guard let stored = try site.database.read({ try site.catalogue.emergency($0, ledgerIndex: index) }) else {
            return "the catalogue has no such use of emergency access"
        }
        guard stored.owner == emergency.ownerPseudonym, stored.holder == emergency.holderPseudonym,
            DocumentCommitment.emergency.commitment(salt: stored.salt, document: stored.document) == emergency.commitment
        else { return "the request in the catalogue does not open the commitment" }
        return nil
    }

    /// Takes the next sequence of somebody; what is wrong with it, if anything.
    private static func step(_ sequences: inout [[UInt8]: UInt64], _ name: [UInt8], _ sequence: UInt64) -> String? {
        let expected = sequences[name] ?? 0
        sequences[name] = sequence &+ 1
        return sequence == expected ? nil : "it has sequence \(sequence) instead of \(expected)"
    }
}
