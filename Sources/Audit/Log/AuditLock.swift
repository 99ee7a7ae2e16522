/// The lock on an audit log: the server and the commands of the operator append to one chain, one at a time.
import Foundation
import Glibc

struct AuditLock: Sendable {
    private let handle: FileHandle

    /// Waits for the lock. Blocks.
    init(folder: String) throws {
        let path = "\(folder)/audit.lock"
        try NewFile.make(path, in: folder)
        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw AuditError.notWritable(path) }
        while flock(handle.fileDescriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw AuditError.notWritable(path) }
        }
        self.handle = handle
    }

    func release() { try? handle.close() }
}
