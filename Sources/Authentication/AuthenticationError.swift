// Why an account cannot be made or changed, or a row of the account table cannot be believed.

package enum AuthenticationError: Error, Equatable, Sendable {
    case invalidAccountName(String)
    case accountExists(String)
    case accountNotFound(String)
    /// Fewer characters than the site allows.
    case passwordTooShort(minimum: Int)
    /// More bytes than anybody types; a limit on the work that a stranger can cause.
    case passwordTooLong(maximum: Int)
    /// A stored hash is not one of ours.
    case invalidHash(String)
    /// A row of the site database is damaged.
    case damaged(account: String, what: String)
    case banNotFound(network: String, account: String?)
    /// The database does not keep its promise of durability.
    case unsafeDatabase(path: String, what: String)
}

extension AuthenticationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidAccountName(let name):
            "\(name.debugDescription): an account name has 1 to 64 of a-z, 0-9, '.', '_' and '-', and starts with a letter or digit"
        case .accountExists(let name): "account \(name) is already there"
        case .accountNotFound(let name): "no account \(name)"
        case .passwordTooShort(let minimum): "the password must have at least \(minimum) characters"
        case .passwordTooLong(let maximum): "the password must have at most \(maximum) bytes"
        case .invalidHash(let what): "the stored password hash \(what): set the password again"
        case .damaged(let account, let what): "account \(account): damaged row in the site database: \(what); restore it from a backup"
        case .banNotFound(let network, let account):
            "no ban of \(network)\(account.map { " to account \($0)" } ?? ""); \"phrd ban list\" shows them as they must be named"
        case .unsafeDatabase(let path, let what): "\(path): \(what)"
        }
    }
}
