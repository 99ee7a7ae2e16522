/// The system calls on Unix sockets, and descriptors that travel over them.
import Glibc

enum UnixSocket {
    /// - Parameter path: of the file system, or with "@" in front in the abstract namespace.
    static func connect(to path: String, type: __socket_type) throws -> Int32 {
        try unsafe open(path, type: type) { descriptor, address, length in
            _ = try checked("connect to \(path)") { unsafe Glibc.connect(descriptor, address, length) }
        }
    }

    /// Listens at a path that only the user of this process may use. What stood there before is replaced.
    static func listen(at path: String) throws -> Int32 {
        unsafe unlink(path)
        return try unsafe open(path, type: SOCK_STREAM) { descriptor, address, length in
            let mask = umask(0o177)
            defer { umask(mask) }
            try checked("bind \(path)") { unsafe bind(descriptor, address, length) }
            try checked("listen") { Glibc.listen(descriptor, 4) }
        }
    }

    private static func open(_ path: String, type: __socket_type, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw TransportError.badAddress("the path of the socket is too long: \(path)") }
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // An abstract name ends with the length, another with a zero byte.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes.first == 0 ? 0 : 1))
        let descriptor = try checked("socket") { socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
        do {
            try unsafe withUnsafePointer(to: &address) { pointer in
                try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try unsafe body(descriptor, $0, length) }
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Whether the process at the other end runs as this process's user, or as root.
    static func isOwnUser(_ descriptor: Int32) -> Bool {
        // struct ucred: process, user, group.
        var credentials = [UInt32](repeating: .max, count: 3)
        var length = socklen_t(12)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, length == 12 else { return false }
        return credentials[1] == geteuid() || credentials[1] == 0
    }

    /// Sends a text of at most 4096 bytes together with at most 64 descriptors, which stay open here.
    static func send(_ text: String, descriptors: [Int32], over socket: Int32) throws {
        precondition(text.utf8.count <= maximumByteCount && descriptors.count <= maximumDescriptorCount, "the message is too large")
        var control = Control.header(dataByteCount: descriptors.count * 4)
        for descriptor in descriptors { unsafe withUnsafeBytes(of: descriptor) { unsafe control += $0 } }
        control += [UInt8](repeating: 0, count: (8 - control.count % 8) % 8)
        if descriptors.isEmpty { control = [] }
        var bytes = Array(text.utf8)
        let sent = try unsafe message(&bytes, &control) { unsafe sendmsg(socket, $0, Int32(MSG_NOSIGNAL)) }
        guard sent.byteCount == bytes.count else { throw TransportError.truncated }
    }

    /// Receives what `send` sent; the descriptors are the caller's then.
    static func receive(over socket: Int32) throws -> (text: String, descriptors: [Int32]) {
        var bytes = [UInt8](repeating: 0, count: maximumByteCount)
        var control = [UInt8](repeating: 0, count: Control.headerByteCount + maximumDescriptorCount * 4)
        let received = try unsafe message(&bytes, &control) { unsafe recvmsg(socket, $0, Int32(MSG_CMSG_CLOEXEC)) }
        return (String(decoding: bytes.prefix(received.byteCount), as: UTF8.self), Control.descriptors(in: control.prefix(received.controlByteCount)))
    }

    private static let maximumByteCount = 4096
    private static let maximumDescriptorCount = 64

    private static func message(
        _ bytes: inout [UInt8], _ control: inout [UInt8], _ call: (UnsafeMutablePointer<msghdr>) -> Int
    ) throws -> (byteCount: Int, controlByteCount: Int) {
        try unsafe bytes.withUnsafeMutableBytes { bytes in
            try unsafe control.withUnsafeMutableBytes { control in
                var part = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return try unsafe withUnsafeMutablePointer(to: &part) { part in
                    var header = unsafe msghdr()
                    unsafe header.msg_iov = part
                    unsafe header.msg_iovlen = 1
                    unsafe header.msg_control = control.isEmpty ? nil : control.baseAddress
                    unsafe header.msg_controllen = control.count
                    let count = try checked("message on a Unix socket") { Int32(clamping: unsafe call(&header)) }
                    return (Int(count), unsafe Int(header.msg_controllen))
                }
            }
        }
    }

    /// One control message of kind SCM_RIGHTS (cmsg(3)): length of all 8 bytes, level 4, kind 4, then the descriptors. The macros are not for Swift.
    private enum Control {
        static let headerByteCount = 16
        private static let rights: Int32 = 1

        static func header(dataByteCount: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            unsafe withUnsafeBytes(of: UInt64(headerByteCount + dataByteCount)) { unsafe bytes += $0 }
            unsafe withUnsafeBytes(of: (SOL_SOCKET, rights)) { unsafe bytes += $0 }
            return bytes
        }

        static func descriptors(in control: ArraySlice<UInt8>) -> [Int32] {
            func number(at index: Int) -> UInt64 { (0..<8).reduce(UInt64(0)) { $0 | UInt64(control[index + $1]) << (8 * UInt64($1)) } }
            guard control.count > headerByteCount, number(at: 8) == UInt64(rights) << 32 | UInt64(UInt32(bitPattern: SOL_SOCKET)) else { return [] }
            let end = Int(min(number(at: 0), UInt64(control.count)))
            return stride(from: headerByteCount, to: end - 3, by: 4).map { index in
                Int32(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(control[index + $1]) << (8 * UInt32($1)) })
            }
        }
    }
}
