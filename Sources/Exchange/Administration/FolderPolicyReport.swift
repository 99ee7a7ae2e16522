/// The policies of folders for the operator, read beside a running server.
import AttributeEncryption
import Authentication
import GRDB
import Ledger
package import RecordStore

package struct FolderPolicyFacts: Sendable {
    package let folder: Folder
    /// In its normal form.
    package let policy: String
    /// Authorities it names that have no account or have published no record: uploads are refused until they do.
    package let missingAuthorities: [String]
}

extension Site {
    /// The folders for which a policy is in force. Opens the database for reading only.
    package static func folderPolicies(_ configuration: Configuration) throws -> [FolderPolicyFacts] {
        let registry = try registry(configuration)
        let (accounts, folders) = (registry.accounts, registry.folders)
        let catalogue = try Catalogue(key: try KeyFiles.load(from: configuration.storage.keys).catalogue)
        var settings = GRDB.Configuration()
        settings.readonly = true
        settings.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: databasePath(configuration), configuration: settings)
        return try database.read { db in
            // A site of an older program has no policies; they come with its first start under this one.
            guard try !Catalogue.needsInstall(db) else { return [] }
            return try folders.list().compactMap { folder in
                guard let owner = try accounts.find(folder.owner),
                    let stored = try catalogue.currentPolicy(db, owner: owner.pseudonym, folder: folder.path.text)
                else { return nil }
                let text = try PolicyDocument(decoding: stored.document).policy
                guard !text.isEmpty else { return nil }
                let policy = try Policy(parsing: text)
                let missing = try policy.authorities.filter { name in
                    guard let account = try accounts.find(name) else { return true }
                    return try catalogue.authoritySequence(db, account: account.pseudonym) == nil
                }
                return FolderPolicyFacts(folder: folder, policy: policy.text, missingAuthorities: missing)
            }
        }
    }
}
