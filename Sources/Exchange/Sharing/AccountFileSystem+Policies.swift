/// `/.policies`: for whom a folder's records are sealed besides their owner; set by the owner, read by those who write there.
import AttributeEncryption
import Audit
import Authentication
import Envelope
import FTPServer
import GRDB
import Ledger
import Logging
import RecordStore
import Transport

extension AccountFileSystem {
    func policyProof(of owner: String, _ folder: FolderPath) async throws(FileSystemError) -> [UInt8] {
        try await onPool { [self] in
            let owner = try requireAccount(owner)
            guard let stored = try site.database.read({ try site.catalogue.currentPolicy($0, owner: owner.pseudonym, folder: folder.text) }) else {
                throw FileSystemError.notFound
            }
            return Array(try site.ledger.documentProof(index: stored.ledgerIndex, salt: stored.salt, document: stored.document).text.utf8)
        }
    }

    /// The policy in force for a folder that this account may use.
    func policyText(of folder: FolderPath) async throws(FileSystemError) -> String {
        let access = try requireAccess(folder)
        return try await onPool { [self] in
            let owner = try requireAccount(access.folder.owner)
            let stored = try site.database.read { try site.catalogue.currentPolicy($0, owner: owner.pseudonym, folder: folder.text) }
            let policy = try stored.map { try PolicyDocument(decoding: $0.document).policy } ?? ""
            return policy.isEmpty ? "No policy: what arrives here opens for \(owner.name) alone" : policy
        }
    }

    /// Folders this account may use and for which a policy was set, of one owner and section or of all.
    func foldersWithPolicy(_ owner: String?, _ section: FolderPath.Section?) async throws(FileSystemError) -> [Folder] {
        let table = site.folderSnapshot()
        let folders = [FolderPath.Section.inbox, .exchange].filter { section == nil || $0 == section }
            .flatMap { table.folders(in: $0, of: account.name) }.filter { owner == nil || $0.owner == owner }
        return try await onPool { [self] in
            try folders.filter { folder in
                guard let owner = try site.accounts.find(folder.owner) else { return false }
                return try site.database.read { try site.catalogue.currentPolicy($0, owner: owner.pseudonym, folder: folder.path.text) } != nil
            }
        }
    }

    func setPolicy(of path: FolderPath, _ bytes: [UInt8]) async throws(FileSystemError) -> String {
        let folder = try requireAccess(path).folder
        guard folder.profile != .envelope else {
            throw .policy("Envelopes in \(path.text) are sealed by their senders, so a policy would do nothing there")
        }
        let (sequence, current) = try await onPool { [self] in try checkedPolicy(of: path, bytes) }
        if let current, current.document == bytes { return "This policy is set already. index=\(current.ledgerIndex)" }
        let (salt, folderID) = (randomBytes(DocumentCommitment.saltByteCount), current?.folderID ?? randomBytes(TransactionBody.identifierByteCount))
        let transaction = PolicyTransaction(
            ownerPseudonym: account.pseudonym, folderID: folderID, sequence: sequence,
            commitment: DocumentCommitment.policy.commitment(salt: salt, document: bytes))
        let receipt = try await commit([.policy(transaction)]) { [site, account] db, indices in
            try site.catalogue.storePolicy(
                db,
                StoredPolicy(
                    owner: account.pseudonym, folderID: folderID, sequence: sequence, document: bytes, salt: salt, ledgerIndex: indices[0]),
                folder: path.text)
        }
        await tell(.policySet, folder: path, index: receipt.indices[0])
        logger.notice("folder policy set", metadata: ["folder": "\(path.text)", "ledger.index": "\(receipt.indices[0])"])
        return "Policy set. sequence=\(sequence) index=\(receipt.indices[0]) height=\(receipt.head.height)"
    }

    /// The sequence of a policy that may be stored, and the policy it follows or equals. Blocks.
    private func checkedPolicy(of path: FolderPath, _ bytes: [UInt8]) throws -> (sequence: UInt64, current: StoredPolicy?) {
        let document = try PolicyDocument(decoding: bytes)
        let recipient = try site.database.read { db -> (current: StoredPolicy?, recipient: Recipient?) in
            let bundle = try requireBundle(db, of: account)
            let current = try site.catalogue.currentPolicy(db, owner: account.pseudonym, folder: path.text)
            if let current, current.document == bytes { return (current, nil) }
            guard document.folder == path.text else { throw FileSystemError.policy("The policy is for \(document.folder), not for \(path.text)") }
            try document.verify(by: bundle.signingKey)
            let next = current.map { $0.sequence + 1 } ?? 0
            guard document.sequence == next else { throw Self.wrongSequence(document.sequence, next: next) }
            guard !document.policy.isEmpty else { return (current, nil) }
            let policy = try Policy(parsing: document.policy)
            let limit = site.configuration.limits.policy_rows
            guard policy.rowCount <= limit else {
                throw FileSystemError.policy(
                    "The policy takes \(policy.rowCount) rows, at most \(limit) are allowed here; comparisons and months take many")
            }
            return (current, try site.recipient(db, for: policy))
        }
        // What cannot be sealed now would refuse every upload.
        if let recipient = recipient.recipient { _ = try WrapKey(recipients: [recipient]) }
        return (document.sequence, recipient.current)
    }
}
