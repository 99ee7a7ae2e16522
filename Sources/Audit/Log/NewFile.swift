/// A file of the audit log that is not there yet.
import Glibc

enum NewFile {
    /// Makes an empty file for its owner alone; one that is there stays as it is. Root, who administers beside the server of another user,
    /// makes it for the owner of the folder, as SQLite does with its journals: the server must be able to write it.
    /// - Throws: `AuditError.notWritable`.
    static func make(_ path: String, in folder: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw AuditError.notWritable(path)
        }
        defer { close(descriptor) }
        guard geteuid() == 0 else { return }
        var facts = stat()
        guard unsafe stat(folder, &facts) == 0, fchown(descriptor, facts.st_uid, facts.st_gid) == 0 else { throw AuditError.notWritable(path) }
    }
}
