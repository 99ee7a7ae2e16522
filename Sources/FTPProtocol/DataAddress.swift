// Where a data connection is to be opened: the arguments of PORT and EPRT, and the texts of replies 227 and 229.

/// Why an address was refused.
package enum DataAddressError: Error, Equatable {
    case malformed
    /// EPRT or EPSV names a network protocol other than 1 (IPv4) and 2 (IPv6): reply 522.
    case unsupportedProtocol
}

/// An IP address and a port.
package struct DataAddress: Sendable, Equatable {
    package enum Family: Int, Sendable {
        case ipv4 = 1
        case ipv6 = 2
    }

    package let family: Family
    /// The address in network order: 4 or 16 bytes.
    package let bytes: [UInt8]
    /// The address as text, as it was given.
    package let host: String
    package let port: UInt16

    /// An address from its text; `nil` when it is neither IPv4 nor IPv6.
    package init?(host: String, port: UInt16) {
        if let bytes = InternetAddress.parseIPv4(host) {
            self.init(family: .ipv4, bytes: bytes, host: host, port: port)
        } else if let bytes = InternetAddress.parseIPv6(host) {
            self.init(family: .ipv6, bytes: bytes, host: host, port: port)
        } else {
            return nil
        }
    }

    private init(family: Family, bytes: [UInt8], host: String, port: UInt16) {
        self.family = family
        self.bytes = bytes
        self.host = host
        self.port = port
    }

    /// Reads `h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2).
    package static func parsePORT(_ argument: some StringProtocol) throws(DataAddressError) -> DataAddress {
        var numbers: [UInt8] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard part.utf8.count <= 3, let value = StrictDecimal.parse(part), value <= 255 else { throw .malformed }
            numbers.append(UInt8(value))
        }
        guard numbers.count == 6 else { throw .malformed }
        let port = UInt16(numbers[4]) << 8 | UInt16(numbers[5])
        guard port > 0 else { throw .malformed }
        let host = numbers[..<4].map(String.init).joined(separator: ".")
        return DataAddress(family: .ipv4, bytes: Array(numbers[..<4]), host: host, port: port)
    }

    /// Reads `|1|132.235.1.2|6275|` with any printable delimiter (RFC 2428 §2).
    package static func parseEPRT(_ argument: String) throws(DataAddressError) -> DataAddress {
        guard let delimiter = argument.utf8.first, (33...126).contains(delimiter) else { throw .malformed }
        let parts = argument.utf8.split(separator: delimiter, omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard parts.count == 5, parts[0].isEmpty, parts[4].isEmpty else { throw .malformed }
        guard let number = StrictDecimal.parse(parts[1]) else { throw .malformed }
        guard let family = Family(rawValue: Int(number)) else { throw .unsupportedProtocol }
        guard let port = parsePort(parts[3]) else { throw .malformed }
        let bytes = family == .ipv4 ? InternetAddress.parseIPv4(parts[2]) : InternetAddress.parseIPv6(parts[2])
        guard let bytes else { throw .malformed }
        return DataAddress(family: family, bytes: bytes, host: parts[2], port: port)
    }

    /// The text of reply 227; `nil` for IPv6, which it cannot tell.
    package var passiveText: String? {
        guard family == .ipv4 else { return nil }
        let numbers = bytes + [UInt8(port >> 8), UInt8(port & 0xFF)]
        return "Entering Passive Mode (" + numbers.map(String.init).joined(separator: ",") + ")."
    }

    /// The text of reply 229.
    package static func extendedPassiveText(port: UInt16) -> String { "Entering Extended Passive Mode (|||\(port)|)" }

    /// Reads the text of reply 227: six numbers, with or without brackets.
    ///
    /// Only the port may be used: the address is the server's word, and may point anywhere.
    package static func parse227(_ text: String) throws(DataAddressError) -> DataAddress {
        for word in text.split(whereSeparator: { !"0123456789,".contains($0) }) where word.contains(",") {
            return try parsePORT(word)
        }
        throw .malformed
    }

    /// Reads the port in the text of reply 229: `(|||6446|)`.
    package static func parse229(_ text: String) throws(DataAddressError) -> UInt16 {
        guard let open = text.utf8.lastIndex(of: 0x28), let close = text.utf8[open...].firstIndex(of: 0x29) else {
            throw .malformed
        }
        let inner = text.utf8[open..<close].dropFirst()
        guard let delimiter = inner.first, (33...126).contains(delimiter) else { throw .malformed }
        let parts = inner.split(separator: delimiter, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[4].isEmpty, let port = parsePort(Substring(parts[3])) else { throw .malformed }
        return port
    }

    private static func parsePort(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.count <= 5, let value = StrictDecimal.parse(text), (1...65_535).contains(value) else { return nil }
        return UInt16(value)
    }
}

/// The argument of EPSV.
package enum ExtendedPassiveArgument: Sendable, Equatable {
    case any
    case family(DataAddress.Family)
    /// From now on the client uses EPSV alone (RFC 2428 §4).
    case all

    package init(_ argument: String?) throws(DataAddressError) {
        guard let argument else {
            self = .any
            return
        }
        if ASCII.equalIgnoringCase(argument, "ALL") {
            self = .all
            return
        }
        guard let number = StrictDecimal.parse(argument) else { throw .malformed }
        guard number <= 255, let family = DataAddress.Family(rawValue: Int(number)) else { throw .unsupportedProtocol }
        self = .family(family)
    }
}
