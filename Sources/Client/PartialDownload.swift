// An envelope that is on its way: a file that outlives a broken connection, so that the next run can go on.

internal import Glibc
internal import Keyring

/// A file `NAME.phr.part`, held by one program at a time. It never holds plaintext.
struct PartialDownload: ~Copyable {
    let descriptor: Int32
    private let path: String

    /// Opens the file, or makes it.
    init(path: String) throws(ClientError) {
        self.path = path
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ClientError(.cannotWrite, "cannot write \(path): \(systemMessage(errno))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ClientError(.cannotWrite, "\(path) is in use by another program")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Keeps what is there when it begins with the record's first head; else empties the file.
    ///
    /// A head has a random salt and key commitment: equal heads belong to one version of one record.
    /// - Returns: the bytes that need not be read again.
    mutating func keepPrefix(of heads: [[UInt8]]) throws(ClientError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure() }
        let head = heads.first ?? []
        var start = [UInt8](repeating: 0, count: head.count)
        let count = unsafe start.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        if count == head.count, start == head { return UInt64(status.st_size) }
        guard ftruncate(descriptor, 0) == 0 else { throw failure() }
        return 0
    }

    /// Removes the file; nothing of it is worth keeping.
    func remove() { unsafe unlink(path) }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64) throws(ClientError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ClientError(.cannotWrite, "cannot write the download: \(systemMessage(code))")
            }
            done += count
        }
    }

    /// Gives a finished file its name, durably.
    static func publish(_ path: String, as name: String) throws(ClientError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ClientError(.cannotWrite, "cannot write \(name): \(systemMessage(errno))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, unsafe rename(path, name) == 0 else {
            throw ClientError(.cannotWrite, "cannot write \(name): \(systemMessage(errno))")
        }
        do { try PrivateFile.syncFolder(OutputFile.folder(of: name)) } catch { throw ClientError(error) }
    }

    private func failure() -> ClientError { ClientError(.cannotWrite, "cannot write \(path): \(systemMessage(errno))") }
}
