/// From a folder's policy to a recipient: which policy holds, and whether it can be sealed under with what authorities published.
import AttributeEncryption
import Authentication
import Envelope
import FTPServer
import Foundation
import GRDB
import Ledger
import RecordStore

extension Site {
    /// The month by this machine's clock, in UTC.
    static var currentMonth: Month { Month(secondsSince1970: milliseconds() / 1000) }

    /// What the owner set last for a folder; nil if nothing, or if it says that there is no policy any more.
    func folderPolicy(_ db: Database, owner: [UInt8], folder: FolderPath) throws -> Policy? {
        guard let stored = try catalogue.currentPolicy(db, owner: owner, folder: folder.text) else { return nil }
        let document = try PolicyDocument(decoding: stored.document)
        return document.policy.isEmpty ? nil : try Policy(parsing: document.policy)
    }

    /// The policy as a recipient, with the records of its authorities as they are now.
    ///
    /// Looked up at each upload, so that a revocation holds from the next one on. An equal recipient means an equal record
    /// of each authority, so a session's wrap key can be found by it.
    /// - Throws: a refusal that names the authority when one has published no record.
    func recipient(_ db: Database, for policy: Policy) throws -> Recipient {
        var records: [String: AuthorityRecord] = [:]
        for name in policy.authorities {
            guard let account = try accounts.find(name) else {
                throw FileSystemError.policy("The policy needs the authority \(name), which has no account here")
            }
            guard let stored = try catalogue.currentAuthority(db, account: account.pseudonym) else {
                throw FileSystemError.policy(
                    "The policy needs the authority \(name), which has published no record: \(name) does it with \"phr authority publish\"")
            }
            records[name] = try authorityRecords.record(stored)
        }
        return .policy(try policy.resolved(at: Self.currentMonth), records)
    }
}
