// The argument of HOST (RFC 7151 §3.1): a domain name, an IPv4 address, or an IPv6 address in brackets.

package struct HostArgument: Sendable, Equatable {
    /// In lower case, without brackets and without a dot at the end.
    package let name: String

    package init?(_ argument: String) {
        if argument.hasPrefix("["), argument.hasSuffix("]") {
            let inner = argument.dropFirst().dropLast()
            guard InternetAddress.parseIPv6(inner) != nil else { return nil }
            name = inner.lowercased()
            return
        }
        let text = argument.hasSuffix(".") ? argument.dropLast() : argument[...]
        guard (1...253).contains(text.utf8.count) else { return nil }
        for label in text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count), label.first != 0x2D, label.last != 0x2D else { return nil }
            guard label.allSatisfy({ ASCII.isDigit($0) || $0 == 0x2D || $0 == 0x5F || ($0 | 0x20) &- 0x61 < 26 }) else { return nil }
        }
        name = text.lowercased()
    }
}
