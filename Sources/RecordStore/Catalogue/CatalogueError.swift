// Why the catalogue refuses an order, or cannot believe a row.

package enum CatalogueError: Error, Equatable, Sendable {
    /// A name that no entry may have; the text says why.
    case invalidName(NameProblem)
    /// No entry of that name.
    case notFound
    /// The folder has an entry whose name is the same, perhaps in another Unicode spelling.
    case exists
    /// A record where a folder is needed.
    case notDirectory
    /// A folder where a record is needed.
    case isDirectory
    /// A folder can be removed only when nothing is in it.
    case notEmpty
    /// A folder cannot move into itself.
    case movesIntoItself
    /// Another upload was quicker: the record is not at the version or revision that the caller saw.
    case conflict(expected: UInt64, found: UInt64)
    /// A key is registered for another account.
    case keyTaken
    /// A leaf of an authority's revocation tree belongs to another holder.
    case leafTaken
    /// The caller handed over a value that cannot be stored.
    case invalidValue(what: String)
    /// A row is damaged: restore the database, or rebuild the row from a mirror.
    case damaged(what: String)
    /// The database was made by a newer program.
    case unknownSchema(found: Int64, supported: Int64)
}

/// What is wrong with a name.
package enum NameProblem: String, Sendable {
    case empty = "is empty"
    case reserved = "is . or .."
    case tooLong = "is longer than 255 bytes"
    case tooDeep = "lies deeper than 64 folders"
    case separator = "contains a slash"
    case control = "contains a control character"
    case direction = "contains a character that turns the direction of writing"
}

extension CatalogueError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidName(let problem): "the name \(problem.rawValue)"
        case .notFound: "no such file or folder"
        case .exists: "a file or folder of that name is already there"
        case .notDirectory: "not a folder"
        case .isDirectory: "is a folder"
        case .notEmpty: "the folder is not empty"
        case .movesIntoItself: "a folder cannot be moved into itself"
        case .conflict(let expected, let found): "changed in the meantime: version \(expected) expected, \(found) found; try again"
        case .keyTaken: "the key belongs to another account"
        case .leafTaken: "the leaf of the revocation tree belongs to another holder"
        case .invalidValue(let what): "\(what) cannot be stored"
        case .damaged(let what): "damaged catalogue: \(what); restore the database from a backup or a mirror"
        case .unknownSchema(let found, let supported):
            "the catalogue has schema \(found), this program knows up to \(supported): install the newer program"
        }
    }
}
