/// `/.issued`: that keys were issued, by whom and for whom. Which attributes they hold, the site is not told.
import AttributeEncryption
import Audit
import Authentication
import CanonicalEncoding
import Envelope
import FTPServer
import GRDB
import Ledger
import Logging
import RecordStore

extension AccountFileSystem {
    func issuanceProof(of name: String, _ commitment: [UInt8]) async throws(FileSystemError) -> [UInt8] {
        try await onPool { [self] in
            let authority = try requireAccount(name)
            guard let stored = try site.database.read({ try site.catalogue.issuance($0, commitment: commitment) }), stored.authority == authority.pseudonym
            else { throw FileSystemError.notFound }
            return Array(try site.ledger.recordProof(index: stored.ledgerIndex, opening: nil).utf8)
        }
    }

    /// The authorities for which this account issues.
    func authoritiesIssuedFor() async throws(FileSystemError) -> [String] {
        try await onPool { [self] in
            let authorities = try site.database.read { db -> [[UInt8]] in
                guard let stored = try site.catalogue.currentKeyBundle(db, account: account.pseudonym) else { return [] }
                let bundle = try keyBundle(stored.bundle)
                return try site.catalogue.authorityAccounts(db).filter { authority in
                    guard let current = try site.catalogue.currentAuthority(db, account: authority) else { return false }
                    return tree.isIssuer(try site.authorityRecords.record(current), bundle)
                }
            }
            return try names(of: authorities)
        }
    }

    func issuances(of name: String) async throws(FileSystemError) -> [String] {
        try await onPool { [self] in
            let authority = try requireAccount(name)
            return try site.database.read { db in
                guard let current = try site.catalogue.currentAuthority(db, account: authority.pseudonym) else { throw FileSystemError.notFound }
                try tree.requireIssuer(of: name, record: try site.authorityRecords.record(current), bundle: try requireBundle(db, of: account))
                var names: [String] = []
                var last: UInt64 = 0
                while true {
                    let page = try site.catalogue.issuances(db, authority: authority.pseudonym, afterIndex: last, limit: 1000)
                    names += page.map(\.commitment.hexadecimal)
                    guard page.count == 1000, let index = page.last?.ledgerIndex else { return names }
                    last = index
                }
            }
        }
    }

    func recordIssuance(of name: String, _ commitment: [UInt8], _ bytes: [UInt8]) async throws(FileSystemError) -> String {
        let (transaction, issuance, known) = try await onPool { [self] in try checkedIssuance(of: name, commitment, bytes) }
        if let known { return "This issuance is recorded already. index=\(known.ledgerIndex)" }
        let receipt = try await commit([.issue(transaction)]) { [site] db, indices in
            guard try site.catalogue.currentAuthority(db, account: issuance.authority)?.epoch == issuance.epoch else {
                throw FileSystemError.unavailable("The authority's record was changed in the meantime; read it, then try again")
            }
            var issuance = issuance
            issuance.ledgerIndex = indices[0]
            try site.catalogue.storeIssuance(db, issuance)
        }
        await tell(.keyIssued, owner: name, index: receipt.indices[0])
        logger.notice("issuance recorded", metadata: ["ledger.index": "\(receipt.indices[0])"])
        return "Issuance recorded. index=\(receipt.indices[0]) height=\(receipt.head.height)"
    }

    /// Blocks.
    private func checkedIssuance(
        of name: String, _ commitment: [UInt8], _ bytes: [UInt8]
    ) throws -> (IssueTransaction, StoredIssuance, known: StoredIssuance?) {
        let authority = try requireAccount(name)
        let (bundle, current, known) = try site.database.read { db in
            (
                try requireBundle(db, of: account), try site.catalogue.currentAuthority(db, account: authority.pseudonym),
                try site.catalogue.issuance(db, commitment: commitment)
            )
        }
        guard let current else { throw FileSystemError.policy("\(name) has published no authority record: \"phr authority publish\" does it") }
        let record = try site.authorityRecords.record(current)
        try tree.requireIssuer(of: name, record: record, bundle: bundle)
        let statement = try IssuanceStatement(decoding: bytes)
        guard statement.commitment == commitment else { throw FileSystemError.policy("The name of the file is not the statement's commitment") }
        guard statement.issuerKeyID == bundle.signingKeyID else {
            throw FileSystemError.policy("The statement names another signing key than that of /.keys/\(account.name)")
        }
        try statement.verify(by: bundle.signingKey)
        guard let lastMonth = Month(statement.lastMonth) else { throw FileSystemError.policy("\(statement.lastMonth) is no month that keys can have") }
        let issuance = StoredIssuance(
            commitment: commitment, authority: authority.pseudonym, epoch: statement.epoch, holder: statement.holder, leaf: statement.leaf,
            lastMonth: UInt64(lastMonth.number), statement: bytes, ledgerIndex: 0)
        let transaction = IssueTransaction(
            authorityPseudonym: authority.pseudonym, epoch: statement.epoch, commitment: commitment, issuerKeyID: statement.issuerKeyID)
        if let known {
            guard known.statement == bytes else { throw FileSystemError.policy("Another issuance stands on the ledger under this commitment") }
            return (transaction, issuance, known)
        }
        guard statement.epoch == record.publicKey.epoch else {
            throw FileSystemError.policy("Keys of epoch \(statement.epoch) are not issued any more: \(name) is at epoch \(record.publicKey.epoch)")
        }
        guard statement.leaf < record.revocations.capacity, let leaf = UInt32(exactly: statement.leaf) else {
            throw FileSystemError.policy("\(name)'s revocation tree has no leaf \(statement.leaf)")
        }
        guard !record.revocations.isRevoked(leaf) else { throw FileSystemError.policy("Leaf \(leaf) is revoked; choose another for this holder") }
        guard lastMonth >= Site.currentMonth else {
            throw FileSystemError.policy("The keys were valid until \(statement.lastMonth), which is past")
        }
        return (transaction, issuance, nil)
    }
}
