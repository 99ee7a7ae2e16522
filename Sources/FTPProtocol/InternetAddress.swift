// Pure readers of IPv4 and IPv6 texts, so that no address reaches a system call unchecked.

package enum InternetAddress {
    /// Four decimal numbers without leading zeros; gives 4 bytes.
    package static func parseIPv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.count == 1 || part.utf8.first != 0x30,
                let value = StrictDecimal.parse(part), value <= 255
            else { return nil }
            bytes.append(UInt8(value))
        }
        return bytes
    }

    /// Text of RFC 4291 §2.2 without a zone; gives 16 bytes.
    package static func parseIPv6(_ text: some StringProtocol) -> [UInt8]? {
        guard (2...45).contains(text.utf8.count) else { return nil }
        let characters = Array(text.utf8)
        let gaps = characters.indices.dropLast().filter { characters[$0] == 0x3A && characters[$0 + 1] == 0x3A }
        guard gaps.count <= 1 else { return nil }
        guard let gap = gaps.first else {
            guard let bytes = groups(characters[...]), bytes.count == 16 else { return nil }
            return bytes
        }
        let head = characters[..<gap], tail = characters[(gap + 2)...]
        guard let first = head.isEmpty ? [] : groups(head), let last = tail.isEmpty ? [] : groups(tail),
            first.count + last.count <= 14, !head.contains(0x2E)
        else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    /// Groups of up to four hexadecimal digits between colons; the last may be an IPv4 address.
    private static func groups(_ characters: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        let parts = characters.split(separator: 0x3A, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(0x2E) {
                guard let quad = parseIPv4(String(decoding: part, as: UTF8.self)) else { return nil }
                bytes += quad
            } else {
                guard (1...4).contains(part.count), part.allSatisfy({ ASCII.isDigit($0) || ($0 | 0x20) &- 0x61 < 6 }),
                    let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
