/// Takes short messages at a Unix socket, one connection after the other, for threads that may block.
import CLinux
import Glibc

package struct LocalListener: ~Copyable, Sendable {
    private let descriptor: Int32
    private let path: String

    /// How many connections may wait.
    private static let backlog: Int32 = 1024

    /// Binds the path, for this user and group. A socket that a process before left there is replaced; one that is listened at is not.
    package init(path: String) throws {
        var address = try LocalAddress.make(path)
        var facts = stat()
        if unsafe lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK {
            if (try? LocalSocket(path: path, timeoutSeconds: 1)) != nil { throw TransportError.badAddress("another process listens at \(path)") }
            unsafe unlink(path)
        }
        let descriptor = try checked("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0) }
        do {
            let mask = umask(0o117)
            defer { umask(mask) }
            try checked("bind") { unsafe LocalAddress.with(&address) { unsafe bind(descriptor, $0, $1) } }
            try checked("listen") { listen(descriptor, Self.backlog) }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// The bytes of the next connection up to its end; nil when none comes in time.
    /// - Throws: for a message above `limit` bytes and one that is not whole after `timeoutSeconds`.
    package func message(limit: Int, timeoutSeconds: Int, waitMilliseconds: Int32) throws -> [UInt8]? {
        guard try Self.isReadable(descriptor, milliseconds: waitMilliseconds) else { return nil }
        let connection = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        guard connection >= 0 else { return nil }
        defer { close(connection) }
        let deadline = monotonicNanoseconds() + UInt64(timeoutSeconds) * 1_000_000_000
        var message: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let now = monotonicNanoseconds()
            guard now < deadline, try Self.isReadable(connection, milliseconds: Int32((deadline - now) / 1_000_000) + 1) else {
                throw TransportError.timedOut("waiting for a message")
            }
            let count = try checked("recv") { Int32(unsafe buffer.withUnsafeMutableBytes { unsafe recv(connection, $0.baseAddress, $0.count, 0) }) }
            if count == 0 { return message }
            message += buffer[..<Int(count)]
            guard message.count <= limit else { throw TransportError.disconnected("a message is longer than \(limit) bytes") }
        }
    }

    private static func isReadable(_ descriptor: Int32, milliseconds: Int32) throws -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return try checked("poll") { unsafe poll(&watched, 1, milliseconds) } > 0
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }
}
