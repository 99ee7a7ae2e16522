// What can go wrong between the store and its disk.
import Glibc

/// Why an object could not be written, read or removed.
package enum BlobError: Error, Equatable, Sendable {
    /// No room: of the disk (ENOSPC) or of an account on it (EDQUOT, EFBIG).
    case storageFull(Shortage)
    /// The operating system refuses access.
    case permissionDenied(operation: StorageOperation, what: String)
    /// The catalogue names an object that is not on the disk.
    case missing(BlobID)
    /// An object is shorter or longer than the catalogue says.
    case wrongSize(BlobID, expected: UInt64, found: UInt64)
    /// The device failed, or lied once: what was written may not be there.
    case inputOutput(operation: StorageOperation, what: String, code: Int32)
    /// An earlier synchronisation failed; nothing is published until the server is started again and the store checked.
    case stopped(reason: String)
    /// The staging file was published, discarded or damaged before.
    case stagingClosed
    /// Another process works on the same folder.
    case inUse(path: String)

    package enum Shortage: Equatable, Sendable { case disk, quota }

    /// The right case for a failed call.
    init(operation: StorageOperation, what: String, code: Int32) {
        self =
            switch code {
            case ENOSPC: .storageFull(.disk)
            case EDQUOT, EFBIG: .storageFull(.quota)
            case EACCES, EPERM, EROFS: .permissionDenied(operation: operation, what: what)
            default: .inputOutput(operation: operation, what: what, code: code)
            }
    }

    /// Whether the store cannot be trusted with further writes.
    package var isFatal: Bool {
        switch self {
        case .inputOutput, .stopped: true
        case .storageFull, .permissionDenied, .missing, .wrongSize, .stagingClosed, .inUse: false
        }
    }
}

extension BlobError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .storageFull(.disk):
            "no space left on the device of the record store: free some, or move the store"
        case .storageFull(.quota):
            "the quota of the record store's user is used up: raise it, or remove old records"
        case .permissionDenied(let operation, let what):
            "\(operation.rawValue) \(what): permission denied; the folder must belong to the server's user"
        case .missing(let blob):
            "object \(blob) is in the catalogue but not on the disk: restore it from a mirror or a backup"
        case .wrongSize(let blob, let expected, let found):
            "object \(blob) has \(found) bytes instead of \(expected): restore it from a mirror or a backup"
        case .inputOutput(let operation, let what, let code):
            "\(operation.rawValue) \(what): \(errorText(code)); check the device before starting the server again"
        case .stopped(let reason):
            "the record store takes no more writes after: \(reason)"
        case .stagingClosed:
            "the upload was already published, discarded or has failed"
        case .inUse(let path):
            "\(path) is used by another process: only one server may work on a record store"
        }
    }
}
