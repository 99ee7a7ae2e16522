// The POSIX calls of the store: the only file of this target with raw pointers.
import CLinux
import Glibc

/// The C library's text for an `errno` value.
func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    return unsafe buffer.withUnsafeMutableBufferPointer { pointer -> String in
        guard unsafe strerror_r(code, pointer.baseAddress!, pointer.count) == 0 else { return "error \(code)" }
        return unsafe String(cString: pointer.baseAddress!)
    }
}

/// Runs calls, repeats them when a signal interrupts, gives failures their meaning, and lets tests make them fail.
struct SystemCalls: Sendable {
    let faults: FaultInjector?

    /// Runs `body` until it is not interrupted; a negative result is a `BlobError`.
    @discardableResult
    func run(_ operation: StorageOperation, _ what: @autoclosure () -> String, _ body: () -> Int) throws(BlobError) -> Int {
        try run(operation, what(), fault: faults?(operation), body)
    }

    private func run(
        _ operation: StorageOperation, _ what: @autoclosure () -> String, fault: InjectedFault?, _ body: () -> Int
    ) throws(BlobError) -> Int {
        if case .fails(let code)? = fault { throw BlobError(operation: operation, what: what(), code: code) }
        while true {
            let result = body()
            if result < 0 {
                let code = errno
                if code == EINTR { continue }
                throw BlobError(operation: operation, what: what(), code: code)
            }
            if case .doneButFails(let code)? = fault { throw BlobError(operation: operation, what: what(), code: code) }
            return result
        }
    }

    /// Asks the kernel to start writing a range to the device; nothing is waited for and nothing is promised.
    func startWriting(_ descriptor: borrowing Descriptor, from offset: UInt64, count: UInt64) {
        let startsWriting: UInt32 = 2  // SYNC_FILE_RANGE_WRITE
        _ = sync_file_range(descriptor.number, Int(offset), Int(count), startsWriting)
    }

    func open(_ directory: borrowing Descriptor, _ name: String, flags: Int32, operation: StorageOperation) throws(BlobError) -> Descriptor {
        let number = try run(operation, name) { Int(unsafe openat(directory.number, name, flags | O_CLOEXEC, 0o600)) }
        return Descriptor(owning: Int32(number))
    }

    func openFolder(path: String) throws(BlobError) -> Descriptor {
        let number = try run(.open, path) { Int(unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
        return Descriptor(owning: Int32(number))
    }

    /// Makes a folder for the server's user alone; one that exists is left as it is.
    func makeFolder(_ directory: borrowing Descriptor, _ name: String) throws(BlobError) {
        try run(.create, name) {
            let result = unsafe mkdirat(directory.number, name, 0o700)
            return result < 0 && errno == EEXIST ? 0 : Int(result)
        }
    }

    func write(_ descriptor: borrowing Descriptor, _ bytes: UnsafeRawBufferPointer, what: String) throws(BlobError) {
        var written = 0
        while written < bytes.count {
            let fault = faults?(.write)
            var count = bytes.count - written
            if case .short(let limit)? = fault { count = min(max(limit, 1), count) }
            let start = unsafe bytes.baseAddress! + written
            written += try run(.write, what, fault: fault) { unsafe Glibc.write(descriptor.number, start, count) }
        }
    }

    func read(_ descriptor: borrowing Descriptor, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, what: String) throws(BlobError) -> Int {
        guard let base = buffer.baseAddress, buffer.count > 0, let position = off_t(exactly: offset) else { return 0 }
        return try run(.read, what) { unsafe pread(descriptor.number, base, buffer.count, position) }
    }

    /// Writes a file's data, and what is needed to find it, to the device.
    func synchronizeData(_ descriptor: borrowing Descriptor, what: String) throws(BlobError) {
        try run(.synchronizeFile, what) { Int(fdatasync(descriptor.number)) }
    }

    func synchronizeFolder(_ descriptor: borrowing Descriptor, what: String) throws(BlobError) {
        try run(.synchronizeDirectory, what) { Int(fsync(descriptor.number)) }
    }

    func rename(_ from: borrowing Descriptor, to: borrowing Descriptor, name: String) throws(BlobError) {
        try run(.rename, name) { Int(unsafe renameat(from.number, name, to.number, name)) }
    }

    /// Removes a name; false when there was none.
    @discardableResult
    func remove(_ directory: borrowing Descriptor, name: String) throws(BlobError) -> Bool {
        let result = try run(.remove, name) {
            let result = unsafe unlinkat(directory.number, name, 0)
            return result < 0 && errno == ENOENT ? 1 : Int(result)
        }
        return result == 0
    }

    /// Size and time of last change of an open file.
    func status(_ descriptor: borrowing Descriptor, what: String) throws(BlobError) -> FileStatus {
        var status = stat()
        try run(.read, what) { Int(unsafe fstat(descriptor.number, &status)) }
        return FileStatus(status)
    }

    /// Size and time of last change of a named file; nil when it is gone.
    func status(_ directory: borrowing Descriptor, name: String) throws(BlobError) -> FileStatus? {
        var status = stat()
        let found = try run(.read, name) {
            let result = unsafe fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW)
            return result < 0 && errno == ENOENT ? 1 : Int(result)
        }
        return found == 0 ? FileStatus(status) : nil
    }

    /// The names in a folder, without `.` and `..`.
    func names(_ directory: borrowing Descriptor, what: String) throws(BlobError) -> [String] {
        // A fresh open file description, because the position in a folder belongs to it.
        let copy = try run(.list, what) { Int(unsafe openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
        guard let stream = unsafe fdopendir(Int32(copy)) else {
            let code = errno
            close(Int32(copy))
            throw BlobError(operation: .list, what: what, code: code)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let capacity = MemoryLayout.size(ofValue: unsafe entry.pointee.d_name)
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: capacity) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw BlobError(operation: .list, what: what, code: errno) }
        return names
    }

    /// Bytes that an ordinary user may still write on the device.
    func availableByteCount(_ directory: borrowing Descriptor, what: String) throws(BlobError) -> UInt64 {
        var status = statvfs()
        try run(.read, what) { Int(unsafe fstatvfs(directory.number, &status)) }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// Takes the folder for this process; false when another open file description has it.
    func lock(_ descriptor: borrowing Descriptor) throws(BlobError) -> Bool {
        // A program that is being started from this one shares the lock for a moment, hence the patience of a second.
        for _ in 0..<50 {
            let result = try run(.open, "lock") {
                let result = flock(descriptor.number, LOCK_EX | LOCK_NB)
                return result < 0 && errno == EWOULDBLOCK ? 1 : Int(result)
            }
            if result == 0 { return true }
            usleep(20_000)
        }
        return false
    }

    func unlock(_ descriptor: borrowing Descriptor) { flock(descriptor.number, LOCK_UN) }
}

/// What the store needs to know of a file.
struct FileStatus {
    let byteCount: UInt64
    let modifiedSeconds: Int64

    init(_ status: stat) {
        byteCount = UInt64(max(0, status.st_size))
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
    }
}

/// An open file or folder; closed when its owner lets go.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        if number >= 0 { close(number) }
    }
}
