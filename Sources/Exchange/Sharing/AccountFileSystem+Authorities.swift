/// `/.authorities`: records of authorities, published by themselves, read by everyone with their proof.
import AttributeEncryption
import Audit
import Authentication
import Envelope
import FTPServer
import GRDB
import Ledger
import Logging
import RecordStore

extension AccountFileSystem {
    func hasAuthority(_ name: String) async throws(FileSystemError) -> Bool {
        try await onPool { [site] in
            guard let account = try site.accounts.find(name) else { return false }
            return try site.database.read { try site.catalogue.authoritySequence($0, account: account.pseudonym) } != nil
        }
    }

    func authorityProof(of name: String, sequence: UInt64?) async throws(FileSystemError) -> [UInt8] {
        try await onPool { [self] in
            let account = try requireAccount(name)
            let stored = try site.database.read { db in
                if let sequence {
                    try site.catalogue.authority(db, account: account.pseudonym, sequence: sequence)
                } else {
                    try site.catalogue.currentAuthority(db, account: account.pseudonym)
                }
            }
            guard let stored else { throw FileSystemError.notFound }
            return Array(try site.ledger.recordProof(index: stored.ledgerIndex, opening: nil).utf8)
        }
    }

    func authorityNames() async throws(FileSystemError) -> [String] {
        try await onPool { [self] in try names(of: try site.database.read { try site.catalogue.authorityAccounts($0) }) }
    }

    func authorityHistory(of name: String) async throws(FileSystemError) -> ClosedRange<UInt64> {
        try await onPool { [self] in
            let account = try requireAccount(name)
            guard let last = try site.database.read({ try site.catalogue.authoritySequence($0, account: account.pseudonym) }) else {
                throw FileSystemError.notFound
            }
            return 0...last
        }
    }

    func publishAuthority(_ bytes: [UInt8]) async throws(FileSystemError) -> String {
        let (record, known) = try await onPool { [self] in try checkedAuthority(bytes) }
        if let known { return "This authority record is published already. index=\(known.ledgerIndex)" }
        let (sequence, epoch) = (record.sequence, record.publicKey.epoch)
        let transaction = AuthorityTransaction(pseudonym: account.pseudonym, sequence: sequence, epoch: epoch, record: bytes)
        let receipt = try await commit([.authority(transaction)]) { [site, account] db, indices in
            try site.catalogue.storeAuthority(
                db, StoredAuthority(account: account.pseudonym, sequence: sequence, epoch: epoch, record: bytes, ledgerIndex: indices[0]))
        }
        await tell(.authorityPublished, index: receipt.indices[0])
        logger.notice("authority published", metadata: ["authority.sequence": "\(sequence)", "ledger.index": "\(receipt.indices[0])"])
        return "Authority published. sequence=\(sequence) epoch=\(epoch) index=\(receipt.indices[0]) height=\(receipt.head.height)"
    }

    /// The record, and the row that holds it already. Blocks.
    private func checkedAuthority(_ bytes: [UInt8]) throws -> (AuthorityRecord, StoredAuthority?) {
        let (bundle, current) = try site.database.read { db in
            (try requireBundle(db, of: account), try site.catalogue.currentAuthority(db, account: account.pseudonym))
        }
        let record = try AuthorityRecord(decoding: bytes)
        if let current, current.record == bytes { return (record, current) }
        guard record.publicKey.owner == bundle.signingKey else {
            throw FileSystemError.policy("The record is not signed by the signing key of /.keys/\(account.name)")
        }
        let next = current.map { $0.sequence + 1 } ?? 0
        guard record.sequence == next else { throw Self.wrongSequence(record.sequence, next: next) }
        if let current { try record.verify(following: try site.authorityRecords.record(current)) }
        return (record, nil)
    }
}
