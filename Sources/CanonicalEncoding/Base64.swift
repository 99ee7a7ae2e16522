// Bytes as standard, padded base64 text, read strictly so that every byte string has exactly one form.

extension Array where Element == UInt8 {
    /// Standard alphabet with padding. Source: RFC 4648 §4.
    package var base64: String {
        var output: [UInt8] = []
        output.reserveCapacity((count + 2) / 3 * 4)
        var position = 0
        while position < count {
            let available = Swift.min(3, count - position)
            var group = UInt32(self[position]) << 16
            if available > 1 { group |= UInt32(self[position + 1]) << 8 }
            if available > 2 { group |= UInt32(self[position + 2]) }
            for place in 0...3 {
                let digit = UInt8(group >> UInt32(18 - 6 * place) & 63)
                output.append(place <= available ? base64Digit(digit) : UInt8(ascii: "="))
            }
            position += 3
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads padded base64; nil for foreign characters, missing padding, or unused bits that are not zero (RFC 4648 §3.5).
    package init?(base64 text: String) {
        let characters = [UInt8](text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        let padding = characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(characters.count / 4 * 3)
        var accumulator: UInt32 = 0
        var bitCount = 0
        for character in characters.dropLast(padding) {
            guard let digit = base64Value(character) else { return nil }
            accumulator = accumulator << 6 | UInt32(digit)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                result.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bitCount)))
                accumulator &= (1 << UInt32(bitCount)) - 1
            }
        }
        guard accumulator == 0 else { return nil }
        self = result
    }
}

private func base64Digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
}

private func base64Value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
