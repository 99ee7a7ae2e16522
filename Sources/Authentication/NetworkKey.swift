// The network a peer comes from, as the login throttle counts it.
import Glibc

/// One IPv4 address, or the /64 that one IPv6 customer has.
package enum NetworkKey: Hashable, Sendable {
    case ipv4(UInt32)
    case ipv6(prefix: UInt64)

    /// From 4 or 16 bytes in network order; IPv4-mapped addresses count as IPv4 (RFC 4291 §2.5.5.2).
    package init?(addressBytes bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .ipv4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16 where bytes[..<10].allSatisfy({ $0 == 0 }) && bytes[10] == 0xFF && bytes[11] == 0xFF:
            self = .ipv4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .ipv6(prefix: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// From text such as `192.0.2.1` or `2001:db8::1`; a zone (`%eth0`) is ignored.
    package init?(_ text: String) {
        let address = String(text.prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        let family = address.contains(":") ? AF_INET6 : AF_INET
        guard unsafe inet_pton(family, address, &bytes) == 1 else { return nil }
        self.init(addressBytes: family == AF_INET ? Array(bytes[..<4]) : bytes)
    }
}
