// Policies of folders: for whom what arrives there is sealed besides its owner. Signed by the owner, committed on the ledger.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// The policy of a folder, as the ledger proves it.
package struct FolderPolicyReport: Encodable, Sendable {
    package let folder: String
    package let owner: String
    /// `nil` when the folder has none.
    package let policy: String?
    /// Counts the changes.
    package let sequence: UInt64?
    /// Seconds since 1970.
    package let created: UInt64?
    package let ledgerIndex: UInt64?
}

extension ClientSession {
    /// What the ledger proves of a folder's policy. The policy is empty when it was taken away.
    struct ProvenFolderPolicy {
        let document: PolicyDocument
        let owner: String
        let index: UInt64
    }

    /// Sets the policy of a folder of the user's own; an empty text takes it away.
    package func setFolderPolicy(_ name: String, to text: String) async throws -> FolderPolicyReport {
        let folder = try policyFolder(name)
        let policy = text.isEmpty ? "" : try await policy(typed: text, keepingNow: true).text
        let current = try await folderPolicy(folder, of: user)
        if let current, current.document.policy == policy { return Self.report(current, folder: folder) }
        let signer = try keyring.signer()
        let document = try PolicyDocument(
            folder: folder.description, sequence: current.map { $0.document.sequence + 1 } ?? 0, policy: policy,
            created: UInt64(max(currentTime(), 0)), sign: { try signer.sign($0) })
        try await ftp.store(try Self.policyPath(folder, of: user), bytes: document.encoded())
        guard let published = try await folderPolicy(folder, of: user), published.document == document else {
            throw ClientError(.notOnLedger, "the server has another policy than the one that was sent")
        }
        return Self.report(published, folder: folder)
    }

    /// The policy of a folder that the user owns, or may write to.
    package func showFolderPolicy(_ name: String) async throws -> FolderPolicyReport {
        let folder = try policyFolder(name)
        if let found = try await folderPolicy(folder) { return Self.report(found, folder: folder) }
        return FolderPolicyReport(
            folder: folder.description, owner: RemoteName(path: folder).owner ?? user, policy: nil, sequence: nil, created: nil, ledgerIndex: nil)
    }

    /// The policy of a folder, whoever owns it; `nil` when none was ever set.
    func folderPolicy(_ folder: VirtualPath) async throws -> ProvenFolderPolicy? {
        if folder.components.first == "inbox", folder.components.count > 1 { return try await folderPolicy(folder, of: folder.components[1]) }
        for owner in try await ftp.list(try VirtualPath(absolute: "/.policies")).map(\.name) {
            if let found = try await folderPolicy(folder, of: owner) { return found }
        }
        return nil
    }

    private func folderPolicy(_ folder: VirtualPath, of owner: String) async throws -> ProvenFolderPolicy? {
        guard let text = try await text(try Self.policyPath(folder, of: owner)) else {
            guard profile.folderPolicies?[folder.description] == nil else {
                throw ClientError(.staleHeader, "the server shows no policy of \(folder); there was one before", hint: "ask the site's operator")
            }
            return nil
        }
        let proof = try DocumentProof(parsing: text)
        let entry = try await prove(proof)
        guard case .policy(let transaction) = entry.body else {
            throw ClientError(.notOnLedger, "the proof of the policy of \(folder) is about something else")
        }
        let contact = try await contact(owner)
        let document = try PolicyDocument(decoding: proof.document)
        do {
            try document.verify(by: contact.bundle.signingKey)
        } catch {
            throw ClientError(.tampered, "the policy of \(folder) is not signed by \(owner)")
        }
        guard transaction.ownerPseudonym == contact.pseudonym, document.folder == folder.description, document.sequence == transaction.sequence else {
            throw ClientError(.tampered, "the policy shown for \(folder) is that of another folder, or out of order")
        }
        try remember(folder, id: transaction.folderID.hexadecimal, sequence: document.sequence)
        return ProvenFolderPolicy(document: document, owner: owner, index: entry.index)
    }

    private func remember(_ folder: VirtualPath, id: String, sequence: UInt64) throws {
        if let seen = profile.folderPolicies?[folder.description] {
            guard seen.folderID == id, sequence >= seen.sequence else {
                throw ClientError(
                    .staleHeader, "the server shows policy \(sequence) of \(folder); policy \(seen.sequence) was seen before",
                    hint: "the site may have been restored from a backup; ask its operator")
            }
        }
        let seen = Profile.SeenFolderPolicy(folderID: id, sequence: sequence)
        profile.folderPolicies = (profile.folderPolicies ?? [:]).merging([folder.description: seen]) { $1 }
    }

    /// `inbox` is the user's own.
    func policyFolder(_ text: String) throws -> VirtualPath {
        let name = try RemoteName(text == "inbox" ? "/inbox/\(user)" : text)
        guard let folder = name.folder, folder == name.path, let tree = name.tree, tree == "inbox" || tree == "exchange" else {
            throw ClientError(.usage, "\(text) has no policy of its own", hint: "for example: phr policy set /inbox/alice \"stmary:doctor\"")
        }
        return folder
    }

    private static func policyPath(_ folder: VirtualPath, of owner: String) throws -> VirtualPath {
        try folder.components.reduce(try VirtualPath(absolute: "/.policies").appending(owner)) { try $0.appending($1) }
    }

    private static func report(_ policy: ProvenFolderPolicy, folder: VirtualPath) -> FolderPolicyReport {
        FolderPolicyReport(
            folder: folder.description, owner: policy.owner, policy: policy.document.policy.isEmpty ? nil : policy.document.policy,
            sequence: policy.document.sequence, created: policy.document.created, ledgerIndex: policy.index)
    }
}
