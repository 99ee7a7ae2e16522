// Why a folder cannot be added, or a row of the folder table cannot be believed.

package enum FolderError: Error, Equatable, Sendable {
    case invalidPath(String)
    case invalidAccount(path: String, account: String)
    case noPermission(path: String, account: String)
    case notForReaders(path: String, account: String)
    case wrongOwner(path: String, owner: String, expected: String)
    case wrongProfile(path: String, profile: FolderProfile)
    case exists(String)
    case notFound(String)
    case damaged(path: String, what: String)
}

extension FolderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidPath(let path):
            "\(path): a folder is /inbox/NAME, /records/NAME, /exchange/NAME or /mail/NAME, with a name of a-z, 0-9, '.', '_' and '-'"
        case .invalidAccount(let path, let account):
            "\(path): \(account) is not an account name"
        case .noPermission(let path, let account):
            "\(path): \(account) is named, but may do nothing; take it away instead"
        case .notForReaders(let path, let account):
            "\(path): \(account) is a reader, who may list and read; for more make it a writer"
        case .wrongOwner(let path, let owner, let expected):
            "\(path): must belong to \(expected), not to \(owner); folders of several owners stand below /exchange"
        case .wrongProfile(let path, let profile):
            "\(path): takes envelopes only; the profile \(profile.rawValue) is for /inbox and /exchange"
        case .exists(let path):
            "\(path): is already a folder"
        case .notFound(let path):
            "\(path): no such folder; add it with: phrd folder add \(path)"
        case .damaged(let path, let what):
            "\(path): damaged row in the site database: \(what); remove the folder and add it again"
        }
    }
}
