/// A stream to a Unix socket on this machine, for threads that may block: every call ends within the time limit.
import Glibc

package struct LocalSocket: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Connects. Throws for a path too long for a socket (107 bytes).
    package init(path: String, timeoutSeconds: Int) throws {
        var address = try LocalAddress.make(path)
        let descriptor = try checked("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        // On Linux the limit for sending holds for connecting, too.
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        do {
            try checked("connect") { unsafe LocalAddress.with(&address) { unsafe connect(descriptor, $0, $1) } }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Sends all bytes.
    package func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try checked("send") { Int32(unsafe rest.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) }
            rest = rest.dropFirst(Int(count))
        }
    }

    deinit { close(descriptor) }
}

/// Paths as the system takes them.
enum LocalAddress {
    /// Throws for a path too long for a socket (107 bytes).
    static func make(_ path: String) throws -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw TransportError.badAddress("the path of the socket is too long: \(path)") }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    static func with<R>(_ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
