// Character classes of ASCII bytes, independent of any locale.

enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
    static func uppercased(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte &- 0x20 : byte }

    /// Whether two texts are equal when ASCII letters are compared without case.
    static func equalIgnoringCase(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
        a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { uppercased($0) == uppercased($1) }
    }

    /// Whether a character is a C0 or C1 control or DEL.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

/// Unsigned numbers as FTP writes them: decimal digits only.
package enum StrictDecimal {
    /// Reads 1 to 19 digits, without sign or space, of at most 2⁶³ - 1.
    package static func parse(_ text: some StringProtocol) -> UInt64? {
        let digits = text.utf8
        guard (1...19).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard ASCII.isDigit(digit) else { return nil }
            value = value * 10 + UInt64(digit - 0x30)  // 19 digits fit into 64 bits
        }
        return value <= UInt64(Int64.max) ? value : nil
    }

    /// Appends a number in decimal.
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        let start = bytes.count
        repeat {
            bytes.append(0x30 + UInt8(value % 10))
            value /= 10
        } while value > 0
        bytes[start...].reverse()
    }

    /// Appends a number right-aligned, with a filler, in at least `width` places.
    static func append(_ value: UInt64, width: Int, filler: UInt8, to bytes: inout [UInt8]) {
        let start = bytes.count
        append(value, to: &bytes)
        let missing = width - (bytes.count - start)
        if missing > 0 { bytes.insert(contentsOf: repeatElement(filler, count: missing), at: start) }
    }
}
