// What a site shows of authorities and issuances, put on its ledger by hand.

import AttributeEncryption
import CanonicalEncoding
import Ledger

extension TestSite {
    /// Puts a record on the ledger and shows it, with its place in the history.
    func publishAuthority(_ record: AuthorityRecord, of person: Person) async throws {
        let index = try await submit(
            .authority(
                AuthorityTransaction(
                    pseudonym: person.pseudonym, sequence: record.sequence, epoch: record.publicKey.epoch, record: record.encoded())))
        try showProof(".authorities/\(person.name)", index: index, opening: nil)
        try showProof(".authorities/\(person.name).history/\(record.sequence)", index: index, opening: nil)
    }

    func publishIssuance(_ transaction: IssueTransaction, of authority: String) async throws {
        let index = try await submit(.issue(transaction))
        try showProof(".issued/\(authority)/\(transaction.commitment.hexadecimal)", index: index, opening: nil)
    }
}
