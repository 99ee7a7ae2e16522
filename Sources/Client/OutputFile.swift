// A file that appears under its name only when it is whole.

internal import Glibc
internal import Keyring

/// Plain output of a command: without a name until `commit()`, so that not even a kill leaves plaintext behind.
///
/// Where the file system has no nameless files it is `NAME.part` until then, and removed on failure.
package struct OutputFile: ~Copyable {
    private let path: String
    private let folder: String
    private let temporary: String
    private let descriptor: Int32
    private let isNameless: Bool

    /// - Parameter mayReplace: whether a file of that name may be replaced.
    package init(_ path: String, mayReplace: Bool) throws(ClientError) {
        let folder = Self.folder(of: path)
        try Self.check(path, mayReplace: mayReplace)
        let temporary = path + ".part"
        // O_TMPFILE, which the C library shows only with _GNU_SOURCE.
        var descriptor = unsafe open(folder, 0o20000000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o600)
        let isNameless = descriptor >= 0
        if !isNameless { descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard descriptor >= 0 else { throw ClientError(.cannotWrite, "cannot write \(path): \(systemMessage(errno))") }
        self.path = path
        self.folder = folder
        self.temporary = temporary
        self.descriptor = descriptor
        self.isNameless = isNameless
    }

    /// Refuses a name that is taken by something that must not be replaced.
    package static func check(_ path: String, mayReplace: Bool) throws(ClientError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ClientError(.cannotWrite, "\(path) is not a file") }
        guard mayReplace else { throw ClientError(.cannotWrite, "\(path) exists", hint: "use --force to replace it") }
    }

    deinit {
        close(descriptor)
        if !isNameless { unsafe unlink(temporary) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(ClientError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ClientError(.cannotWrite, "cannot write \(path): \(systemMessage(code))")
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package func write(_ bytes: [UInt8]) throws(ClientError) {
        var failure: ClientError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(ClientError) { try unsafe write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Sets the time of the last change.
    package func setModificationTime(_ seconds: Int64) {
        var times = [timespec(tv_sec: 0, tv_nsec: Int(UTIME_OMIT_VALUE)), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
        unsafe times.withUnsafeMutableBufferPointer { _ = unsafe futimens(descriptor, $0.baseAddress!) }
    }

    /// Makes the file durable and gives it its name.
    package consuming func commit() throws(ClientError) {
        guard fsync(descriptor) == 0 else { throw failure() }
        if isNameless {
            unsafe unlink(temporary)
            let nameless = "/proc/self/fd/\(descriptor)"
            guard unsafe linkat(AT_FDCWD, nameless, AT_FDCWD, temporary, Int32(AT_SYMLINK_FOLLOW)) == 0 else { throw failure() }
        }
        guard unsafe rename(temporary, path) == 0 else {
            let error = failure()
            unsafe unlink(temporary)
            throw error
        }
        do { try PrivateFile.syncFolder(folder) } catch { throw ClientError(error) }
    }

    private func failure() -> ClientError { ClientError(.cannotWrite, "cannot write \(path): \(systemMessage(errno))") }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}

/// `UTIME_OMIT` of the C library, a macro that Swift does not import: leave the time of the last access as it is.
private let UTIME_OMIT_VALUE = (1 << 30) - 2
