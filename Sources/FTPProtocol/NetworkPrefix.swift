// A network in CIDR notation (RFC 4632 §3.1): the addresses that share their first bits.

package struct NetworkPrefix: Sendable, Hashable {
    /// 4 or 16 bytes in network order; the bits behind the prefix are zero.
    package let bytes: [UInt8]
    package let bitCount: Int

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits behind the prefix must be zero: `10.1.2.3/8` is a mistake of somebody.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = InternetAddress.parseIPv4(parts[0]) ?? InternetAddress.parseIPv6(parts[0]) else { return nil }
        var bitCount = bytes.count * 8
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), let number = StrictDecimal.parse(parts[1]), number <= bitCount else { return nil }
            bitCount = Int(number)
        }
        self.bytes = bytes
        self.bitCount = bitCount
        guard (bitCount..<(bytes.count * 8)).allSatisfy({ bytes[$0 / 8] >> (7 - UInt8($0 % 8)) & 1 == 0 }) else { return nil }
    }

    /// The network of an address: the bits behind the prefix are cleared.
    /// - Parameters:
    ///   - bytes: 4 or 16 bytes in network order.
    ///   - bitCount: at most as many as the address has.
    package init(bytes: [UInt8], bitCount: Int) {
        self.bitCount = bitCount
        self.bytes = bytes.enumerated().map { index, byte in byte & ~UInt8(truncatingIfNeeded: 0xFF >> min(8, max(0, bitCount - 8 * index))) }
    }

    /// - Parameter address: 4 or 16 bytes in network order.
    package func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        let whole = bitCount / 8
        guard address[..<whole] == bytes[..<whole] else { return false }
        return bitCount % 8 == 0 || (address[whole] ^ bytes[whole]) >> (8 - UInt8(bitCount % 8)) == 0
    }

    /// Whether all addresses of `other` are in this network.
    package func covers(_ other: NetworkPrefix) -> Bool { bitCount <= other.bitCount && contains(other.bytes) }
}

extension [NetworkPrefix] {
    package func contain(_ address: [UInt8]) -> Bool { contains { $0.contains(address) } }
}
