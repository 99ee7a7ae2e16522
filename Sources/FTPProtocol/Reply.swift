// A reply of the control connection and its bytes on the wire (RFC 959 §4.2).

/// A three-digit code and one or more lines of text.
package struct Reply: Sendable, Equatable {
    package let code: Int
    /// The text of each line, without codes, leading space and line ends; never empty.
    package let lines: [String]

    package init(_ code: Int, _ text: String) {
        self.init(code, lines: [text])
    }

    /// A reply of several lines: the first and the last carry the code, those between start with one space.
    package init(_ code: Int, lines: [String]) {
        precondition((100...699).contains(code), "a reply code has three digits")
        self.code = code
        self.lines = lines.isEmpty ? [""] : lines
    }

    /// All lines, joined by a space.
    package var text: String { lines.joined(separator: " ") }

    package var isPreliminary: Bool { code < 200 }
    package var isCompletion: Bool { (200..<300).contains(code) }
    package var isIntermediate: Bool { (300..<400).contains(code) }
    package var isTransientFailure: Bool { (400..<500).contains(code) }
    package var isPermanentFailure: Bool { code >= 500 }

    /// The bytes to send. Control characters in a text become `?`, so that no text can forge a line.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for (index, line) in lines.enumerated() {
            let isLast = index == lines.count - 1
            if index == 0 || isLast {
                StrictDecimal.append(UInt64(code), to: &bytes)
                bytes.append(isLast ? 0x20 : 0x2D)
            } else {
                bytes.append(0x20)
            }
            Self.appendPrintable(line, to: &bytes)
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    private static func appendPrintable(_ text: String, to bytes: inout [UInt8]) {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            bytes += text.utf8
            return
        }
        for scalar in text.unicodeScalars {
            if ASCII.isControl(scalar) { bytes.append(0x3F) } else { bytes += UTF8.encode(scalar)! }
        }
    }
}

extension Reply: CustomStringConvertible {
    package var description: String { "\(code) \(text)" }
}
