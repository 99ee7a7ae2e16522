// A file to be sent, read once from front to back.

internal import Glibc
internal import Keyring

/// An open regular file.
final class InputFile {
    let path: String
    let byteCount: UInt64
    let modificationTime: UInt64
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

    init(_ path: String) throws(ClientError) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw ClientError(code == ENOENT ? .notFound : .configuration, "cannot read \(path): \(systemMessage(code))")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ClientError(.usage, "\(path) is not a file")
        }
        self.path = path
        byteCount = UInt64(status.st_size)
        modificationTime = UInt64(max(status.st_mtim.tv_sec, 0))
    }

    deinit { close(descriptor) }

    /// The last component of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The next piece, or `nil` at the end.
    func read() throws(ClientError) -> [UInt8]? {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return count == buffer.count ? buffer : Array(buffer[..<count]) }
            if count == 0 { return nil }
            let code = errno
            guard code == EINTR else { throw ClientError(.configuration, "cannot read \(path): \(systemMessage(code))") }
        }
    }

    /// A file that grew or shrank meanwhile is not sent as if it were whole.
    func requireUnchanged(byteCount read: UInt64) throws(ClientError) {
        guard read == byteCount else {
            throw ClientError(.truncated, "\(path) changed while it was read: \(read) of \(byteCount) bytes")
        }
    }
}
