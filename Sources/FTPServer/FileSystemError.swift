/// Why the store refused, and the one table from there to reply codes.
package import FTPProtocol

package enum FileSystemError: Error, Equatable, Sendable {
    case notFound
    case denied(String)
    case exists
    case notEmpty
    case isDirectory
    case notDirectory
    case invalidName(String)
    /// The folder's rules forbid it; the text says which rule and what to do.
    case policy(String)
    case storageFull
    /// The text says whose.
    case quotaExceeded(String)
    /// An upload can go on at `expected` only.
    case badOffset(expected: UInt64)
    /// What is asked for begins behind the end of a file of this size.
    case pastEnd(byteCount: UInt64)
    /// Stored data fails its checks.
    case damaged(String)
    /// It may work later.
    case unavailable(String)
    /// Somebody else works on the file.
    case busy(String)
    case unsupported(String)

    package var reply: Reply {
        switch self {
        case .notFound: Reply(550, "No such file or folder")
        case .denied(let reason): Reply(550, "Permission denied: \(reason)")
        case .exists: Reply(550, "A file or folder of this name exists")
        case .notEmpty: Reply(550, "The folder is not empty")
        case .isDirectory: Reply(550, "This is a folder")
        case .notDirectory: Reply(550, "This is not a folder")
        case .invalidName(let reason): Reply(553, "Name not allowed: \(reason)")
        case .policy(let reason): Reply(553, reason)
        case .storageFull: Reply(452, "The server's disk is full; nothing was stored. Try again later")
        case .quotaExceeded(let reason): Reply(552, "Quota exceeded, nothing was stored: \(reason)")
        case .badOffset(expected: 0): Reply(554, "There is nothing to go on with: send the file from its start, with REST 0")
        case .pastEnd(let count): Reply(554, "The file has \(count) bytes: REST and RANG must begin within it")
        case .badOffset(let expected): Reply(554, "The transfer can go on at offset \(expected) only: send REST \(expected), or REST 0 to start over")
        case .damaged(let what): Reply(451, "Stored data is damaged: \(what). The operator has been told")
        case .unavailable(let reason): Reply(451, reason)
        case .busy(let reason): Reply(450, reason)
        case .unsupported(let reason): Reply(504, reason)
        }
    }
}
