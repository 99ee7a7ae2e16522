/// The system calls on TCP sockets: creation, options, addresses. Descriptors here are plain numbers owned by `Connection` and `Listener`.
import CLinux
import Glibc

enum Socket {
    /// A non-blocking TCP socket.
    static func open(_ family: SocketAddress.Family) throws(TransportError) -> Int32 {
        try checked("socket") {
            socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
    }

    static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Non-blocking, and closed in programs that this one starts.
    static func setFlags(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Whether the peer has closed its side or reset the connection, though there may still be bytes to read.
    static func hasEnded(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: phr_poll_end_events, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    static func isListening(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value == 1
    }

    /// No Nagle delay, and immediate acknowledgements: clients that leave Nagle on otherwise wait 40 ms for our delayed ACK.
    static func hurry(_ descriptor: Int32) {
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, 1)
    }

    /// Keep-alives that hold a NAT entry open through a long transfer: first after 60 s, then every 15 s, four times.
    static func keepAlive(_ descriptor: Int32) {
        setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? { unsafe address(descriptor, getsockname) }

    static func peerAddress(_ descriptor: Int32) -> SocketAddress? { unsafe address(descriptor, getpeername) }

    private static func address(
        _ descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe call(descriptor, address, &length) == 0 else { return nil }
                return unsafe SocketAddress(address)
            }
        }
    }

    /// The error a non-blocking connect ended with; 0 for success.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code
    }
}
