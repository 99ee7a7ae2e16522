// Files of the user's own: read only when nobody else could have, replaced whole or not at all.

internal import Glibc

/// Reading and replacing files with mode 0600 in folders with mode 0700.
package enum PrivateFile {
    /// The steps of a replacement, for tests that make one of them fail.
    package enum Step: Sendable, CaseIterable {
        case create, write, sync, rename, syncFolder
    }

    /// Reads a whole file of at most `limit` bytes. Links are not followed.
    ///
    /// - Parameter isSecret: refuse the file when its mode lets others read or write it.
    /// - Throws: `KeyringError.missing`, `.exposed`, `.cannotRead`.
    package static func read(_ path: String, limit: Int = 1 << 20, isSecret: Bool = true) throws(KeyringError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { throw .missing(path: path) }
            throw .cannotRead(path: path, reason: code == ELOOP ? "it is a symbolic link" : systemMessage(code))
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path, reason: systemMessage(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotRead(path: path, reason: "it is not a file") }
        if isSecret {
            guard status.st_mode & 0o077 == 0 else { throw .exposed(path: path, reason: "can be read or changed by others") }
            guard status.st_uid == geteuid() else { throw .exposed(path: path, reason: "belongs to another user") }
        }
        guard status.st_size <= limit else { throw .cannotRead(path: path, reason: "it is larger than \(limit) bytes") }
        do {
            return try readAll(descriptor, limit: limit)
        } catch {
            throw .cannotRead(path: path, reason: error.reason)
        }
    }

    /// Reads a descriptor to its end; it must not give more than `limit` bytes.
    static func readAll(_ descriptor: Int32, limit: Int) throws(ReadFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        defer { wipe(&piece) }
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ReadFailure(reason: systemMessage(code))
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw ReadFailure(reason: "it is larger than \(limit) bytes") }
            append(piece[..<count], to: &bytes)
        }
    }

    /// Appends so that no copy of a secret stays behind in memory that an array has outgrown.
    private static func append(_ piece: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        guard bytes.count + piece.count > bytes.capacity else {
            bytes += piece
            return
        }
        var grown: [UInt8] = []
        grown.reserveCapacity(max(bytes.count * 2, bytes.count + piece.count))
        grown += bytes
        grown += piece
        wipe(&bytes)
        bytes = grown
    }

    struct ReadFailure: Error { let reason: String }

    /// Makes a folder for the user alone, with its parents; one that exists is left as it is.
    package static func makeFolder(_ path: String) throws(KeyringError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .cannotWrite(path: path, reason: systemMessage(errno))
        }
        try makeFolder(String(path[..<slash]))
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .cannotWrite(path: path, reason: systemMessage(errno))
        }
    }

    /// Replaces a file: a new one beside it is written, synced and renamed over it. On any failure the old file stays.
    ///
    /// - Parameter fault: called before each step; what it throws is taken as that step's failure.
    package static func replace(
        _ path: String, with bytes: [UInt8], mayExist: Bool = true, fault: (Step) throws(KeyringError) -> Void = { _ in }
    ) throws(KeyringError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max)).new"
        try fault(.create)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
        do throws(KeyringError) {
            do throws(KeyringError) {
                try fault(.write)
                try writeAll(bytes, to: descriptor, path: path)
                try fault(.sync)
                guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
            } catch {
                close(descriptor)
                throw error
            }
            guard close(descriptor) == 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
            try fault(.rename)
            if mayExist {
                guard unsafe rename(temporary, path) == 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
            } else {
                // A hard link fails when the name is taken; a rename would replace it.
                guard unsafe link(temporary, path) == 0 else {
                    if errno == EEXIST { throw .alreadyExists(path: path) }
                    throw .cannotWrite(path: path, reason: systemMessage(errno))
                }
                unsafe unlink(temporary)
            }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try fault(.syncFolder)
        try syncFolder(folder)
    }

    /// A lock file, held by one program at a time until it is released or the program ends.
    struct Lock {
        private let descriptor: Int32

        /// Waits until nobody else holds it.
        init(_ path: String) throws(KeyringError) {
            descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
            while flock(descriptor, LOCK_EX) != 0 {
                let code = errno
                guard code == EINTR else {
                    close(descriptor)
                    throw .cannotWrite(path: path, reason: systemMessage(code))
                }
            }
        }

        func release() { close(descriptor) }
    }

    /// Makes the names in a folder durable.
    package static func syncFolder(_ folder: String) throws(KeyringError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: systemMessage(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotWrite(path: folder, reason: systemMessage(errno)) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(KeyringError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .cannotWrite(path: path, reason: systemMessage(code))
            }
            offset += count
        }
    }
}

/// The system's words for an error number.
package func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    return unsafe buffer.withUnsafeMutableBufferPointer { text in
        unsafe strerror_r(code, text.baseAddress!, text.count) == 0 ? unsafe String(cString: text.baseAddress!) : "error \(code)"
    }
}
