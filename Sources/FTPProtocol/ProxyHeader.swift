// The PROXY protocol, version 2: what a load balancer says about the client in front of it, before the first byte of the client's.
// haproxy.org/download/2.9/doc/proxy-protocol.txt §2.2

package enum ProxyHeaderError: Error, Equatable, Sendable {
    /// The connection does not begin with the signature of version 2.
    case noSignature
    case unsupportedVersion
    case unsupportedCommand
    /// Neither TCP over IPv4 nor over IPv6: there is no address to go by.
    case unsupportedFamily
    case tooLong(limit: Int)
    /// The addresses or a further field reach beyond the end.
    case malformed
    case wrongChecksum
}

package struct ProxyHeader: Sendable, Equatable {
    package struct Endpoint: Sendable, Equatable {
        /// 4 or 16 bytes in network order.
        package let bytes: [UInt8]
        package let port: UInt16

        package init(bytes: [UInt8], port: UInt16) {
            self.bytes = bytes
            self.port = port
        }
    }

    /// Signature, version, command, family, and the count of the bytes that follow.
    package static let prefixByteCount = 16
    package static let maximumBodyByteCount = 2048
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// The client and the address it connected to; nil when the proxy speaks for itself (LOCAL), as it does for its health checks.
    package let addresses: (source: Endpoint, destination: Endpoint)?

    /// How many bytes follow the prefix.
    package static func bodyByteCount(of prefix: [UInt8]) throws(ProxyHeaderError) -> Int {
        guard prefix.count == prefixByteCount, prefix.starts(with: signature) else { throw .noSignature }
        guard prefix[12] >> 4 == 2 else { throw .unsupportedVersion }
        let count = Int(prefix[14]) << 8 | Int(prefix[15])
        guard count <= maximumBodyByteCount else { throw .tooLong(limit: maximumBodyByteCount) }
        return count
    }

    /// - Parameter body: as many bytes as `bodyByteCount(of:)` says.
    package init(prefix: [UInt8], body: [UInt8]) throws(ProxyHeaderError) {
        guard body.count == (try Self.bodyByteCount(of: prefix)) else { throw .malformed }
        switch prefix[12] & 0x0F {
        case 0: addresses = nil
        case 1:
            let width: Int
            switch prefix[13] {
            case 0x11: width = 4
            case 0x21: width = 16
            default: throw .unsupportedFamily
            }
            guard body.count >= 2 * width + 4 else { throw .malformed }
            func port(_ index: Int) -> UInt16 { UInt16(body[2 * width + index]) << 8 | UInt16(body[2 * width + index + 1]) }
            addresses = (
                Endpoint(bytes: Array(body[..<width]), port: port(0)), Endpoint(bytes: Array(body[width..<(2 * width)]), port: port(2))
            )
            try Self.checkFields(prefix: prefix, body: body, from: 2 * width + 4)
        default: throw .unsupportedCommand
        }
    }

    /// Type, length, value (§2.2 of the specification): they must fill the rest, and a checksum among them must be right.
    private static func checkFields(prefix: [UInt8], body: [UInt8], from start: Int) throws(ProxyHeaderError) {
        var index = start
        while index < body.count {
            guard index + 3 <= body.count else { throw .malformed }
            let end = index + 3 + (Int(body[index + 1]) << 8 | Int(body[index + 2]))
            guard end <= body.count else { throw .malformed }
            if body[index] == 0x03 {
                guard end == index + 7 else { throw .malformed }
                let value = body[(index + 3)..<end].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                var covered = prefix + body
                for position in (index + 3)..<end { covered[prefixByteCount + position] = 0 }
                guard crc32c(covered) == value else { throw .wrongChecksum }
            }
            index = end
        }
    }

    /// Castagnoli's CRC, reflected (RFC 3720 §12.1).
    private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~value
    }

    package static func == (first: ProxyHeader, second: ProxyHeader) -> Bool {
        first.addresses?.source == second.addresses?.source && first.addresses?.destination == second.addresses?.destination
    }
}
