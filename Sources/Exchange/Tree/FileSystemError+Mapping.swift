/// From the errors of catalogue, blobs, envelopes and ledger to what a session answers.
import AttributeEncryption
import Envelope
import FTPServer
import GRDB
import Ledger
import RecordStore

extension FileSystemError {
    init(_ error: any Error) {
        switch error {
        case let error as FileSystemError: self = error
        case let error as CatalogueError: self.init(error)
        case let error as BlobError:
            switch error {
            case .storageFull(.disk): self = .storageFull
            case .storageFull(.quota): self = .quotaExceeded("the server's file system allows no more; the operator must look")
            case .missing: self = .damaged("a stored part of the record is missing")
            case .wrongSize: self = .damaged("a stored part of the record has the wrong size")
            case .permissionDenied: self = .unavailable("The server may not write to its storage; the operator must look")
            case .inputOutput, .stopped, .stagingClosed, .inUse: self = .unavailable("The server's storage failed; the operator must look")
            }
        case let error as EnvelopeError where error.code == .unusablePolicy: self = .policy("Nothing can be sealed under this policy now: \(error.description)")
        case let error as EnvelopeError: self = .policy("Not a whole .phr envelope: \(error.description)")
        case let error as AttributeError: self = .policy("Refused: \(error.description)")
        case let error as PolicyError: self = .policy("The policy is refused: \(error.description)")
        case let error as LedgerError:
            switch error.code {
            case .diskFull: self = .storageFull
            // Of a document that was stored, not of the ledger.
            case .malformedEntry, .badSignature, .commitmentMismatch: self = .policy("Refused: \(error.description)")
            default: self = .unavailable("The ledger does not take the entry now; try again later")
            }
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_FULL: self = .storageFull
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged("the database")
            default: self = .unavailable("The database does not answer; try again later")
            }
        default: self = .unavailable("An internal error; the operator must look")
        }
    }

    private init(_ error: CatalogueError) {
        switch error {
        case .invalidName(let problem): self = .invalidName("it \(problem.rawValue)")
        case .notFound: self = .notFound
        case .exists: self = .exists
        case .notDirectory: self = .notDirectory
        case .isDirectory: self = .isDirectory
        case .notEmpty: self = .notEmpty
        case .movesIntoItself: self = .policy("A folder cannot be moved into itself")
        case .conflict: self = .unavailable("The file was changed in the meantime; try again")
        case .keyTaken: self = .policy("The key belongs to another account")
        case .leafTaken: self = .policy("The leaf of the revocation tree belongs to another holder; choose one that is free")
        case .invalidValue(let what): self = .policy("\(what) cannot be stored")
        case .damaged(let what): self = .damaged(what)
        case .unknownSchema: self = .unavailable("The database belongs to another version of the server")
        }
    }
}
