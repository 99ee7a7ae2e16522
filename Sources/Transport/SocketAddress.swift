/// An IPv4 or IPv6 address with its port, and the text forms that FTP uses.
import Glibc

package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Family: Sendable { case ipv4, ipv6 }

    package let family: Family
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]
    package var port: UInt16

    /// Parses a numeric address; an IPv4 address mapped into IPv6 becomes IPv4.
    package init?(numeric text: String, port: UInt16) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self.init(family: .ipv4, bytes: unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }, port: port)
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self.init(ipv6: unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }, port: port)
    }

    /// From 4 or 16 bytes in network order; nil for any other count.
    package init?(bytes: [UInt8], port: UInt16) {
        switch bytes.count {
        case 4: self.init(family: .ipv4, bytes: bytes, port: port)
        case 16: self.init(ipv6: bytes, port: port)
        default: return nil
        }
    }

    private init(family: Family, bytes: [UInt8], port: UInt16) {
        self.family = family
        self.bytes = bytes
        self.port = port
    }

    private init(ipv6 bytes: [UInt8], port: UInt16) {
        let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        self.init(family: isMapped ? .ipv4 : .ipv6, bytes: isMapped ? Array(bytes[12...]) : bytes, port: port)
    }

    /// Looks a host name up. Blocks: call it on a `BlockingPool`.
    package static func resolve(host: String, port: UInt16) throws -> [SocketAddress] {
        if let address = SocketAddress(numeric: host, port: port) { return [address] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw TransportError.badAddress("host \(host) not found: \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var result: [SocketAddress] = []
        var next = unsafe list
        while let info = unsafe next {
            if let pointer = unsafe info.pointee.ai_addr, var address = unsafe SocketAddress(pointer) {
                address.port = port
                result.append(address)
            }
            unsafe next = info.pointee.ai_next
        }
        return result
    }

    /// The address that a socket call returned.
    init?(_ pointer: UnsafePointer<sockaddr>) {
        switch unsafe Int32(pointer.pointee.sa_family) {
        case AF_INET:
            var four = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
            self.init(family: .ipv4, bytes: unsafe withUnsafeBytes(of: &four.sin_addr) { unsafe Array($0) }, port: UInt16(bigEndian: four.sin_port))
        case AF_INET6:
            var six = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
            self.init(ipv6: unsafe withUnsafeBytes(of: &six.sin6_addr) { unsafe Array($0) }, port: UInt16(bigEndian: six.sin6_port))
        default:
            return nil
        }
    }

    /// Calls `body` with the C form of the address.
    func withSocketAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> R) rethrows -> R {
        switch family {
        case .ipv4:
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &four.sin_addr) { unsafe $0.copyBytes(from: bytes) }
            return try unsafe withUnsafePointer(to: &four) { pointer in
                try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        case .ipv6:
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
            return try unsafe withUnsafePointer(to: &six) { pointer in
                try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
            }
        }
    }

    /// The numeric host without the port.
    package var host: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let code = family == .ipv4 ? AF_INET : AF_INET6
        return unsafe buffer.withUnsafeMutableBufferPointer { text in
            _ = unsafe bytes.withUnsafeBytes { unsafe inet_ntop(code, $0.baseAddress!, text.baseAddress!, socklen_t(text.count)) }
            return unsafe String(cString: text.baseAddress!)
        }
    }

    /// Whether both name the same host, whatever the port.
    package func isSameHost(as other: SocketAddress) -> Bool { family == other.family && bytes == other.bytes }

    /// Loopback by address (127.0.0.0/8 or ::1).
    package var isLoopback: Bool {
        family == .ipv4 ? bytes[0] == 127 : bytes[0..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    package var description: String { family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }
}
