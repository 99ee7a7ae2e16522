// What can go wrong with the keyring and the files beside it, each with the file and what to do.

/// Why the keyring cannot be used. The file on disk is never changed by a failure.
package enum KeyringError: Error, Equatable, Sendable {
    case missing(path: String)
    case alreadyExists(path: String)
    /// Its mode lets others read or write it, or it belongs to somebody else.
    case exposed(path: String, reason: String)
    case wrongPassphrase(path: String)
    /// The bytes are not those that were written.
    case damaged(path: String, reason: String)
    /// A newer program wrote it.
    case unsupportedVersion(path: String, version: UInt64)
    case emptyPassphrase
    case noPassphrase(reason: String)
    case cannotRead(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case invalidKey(String)
    /// No authority of that name can be issued for with this keyring.
    case noSuchAuthority(name: String)
    /// Every leaf of the revocation tree has a holder.
    case noLeafLeft(authority: String)
}

extension KeyringError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "no keyring at \(path)"
        case .alreadyExists(let path): "a keyring is already at \(path)"
        case .exposed(let path, let reason): "\(path) \(reason)"
        case .wrongPassphrase(let path): "wrong passphrase for \(path)"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
        case .unsupportedVersion(let path, let version): "\(path) has version \(version), which this program does not know"
        case .emptyPassphrase: "the passphrase is empty"
        case .noPassphrase(let reason): "no passphrase: \(reason)"
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .invalidKey(let reason): "a key in the keyring cannot be used: \(reason)"
        case .noSuchAuthority(let name): "the keyring holds no authority key of \(name)"
        case .noLeafLeft(let authority): "all places of the authority \(authority) are taken"
        }
    }

    /// What the user can do about it, if anything.
    package var hint: String? {
        switch self {
        case .missing: "make an identity with: phr init"
        case .alreadyExists: "set PHR_HOME to another folder to keep a second identity"
        case .exposed(let path, _): "run: chmod go-rwx \(path)"
        case .wrongPassphrase: "the keyring was not changed; try again"
        case .damaged: "restore the file from a backup; it was not changed"
        case .unsupportedVersion: "use a newer phr"
        case .emptyPassphrase, .noPassphrase: "set PHR_PASSPHRASE_FILE, or use --passphrase-fd, or run it on a terminal"
        case .noSuchAuthority: "make one with: phr authority init, or let its owner add you: phr authority issuer add"
        case .noLeafLeft: "a new epoch frees the places of revoked holders: phr authority rotate"
        case .cannotRead, .cannotWrite, .invalidKey: nil
        }
    }
}
