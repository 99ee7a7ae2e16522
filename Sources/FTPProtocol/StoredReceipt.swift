// What the server says after an upload: the receipt in the text of reply 226.

/// `Stored. sha256=HEX size=N root=HEX index=I height=H`: enough for any client's log to be checked against the ledger.
package struct StoredReceipt: Sendable, Equatable {
    /// SHA-256 of the bytes as sent, in lower-case hexadecimal.
    package let sha256: String
    package let byteCount: UInt64
    /// Root of the stored envelope, in lower-case hexadecimal.
    package let envelopeRoot: String
    /// Index of the ledger entry.
    package let index: UInt64
    /// Height of the block that holds it.
    package let height: UInt64

    package init(sha256: String, byteCount: UInt64, envelopeRoot: String, index: UInt64, height: UInt64) {
        self.sha256 = sha256
        self.byteCount = byteCount
        self.envelopeRoot = envelopeRoot
        self.index = index
        self.height = height
    }

    package var text: String {
        "Stored. sha256=\(sha256) size=\(byteCount) root=\(envelopeRoot) index=\(index) height=\(height)"
    }

    /// Reads the text of a reply; `nil` when it is no receipt. Unknown words are passed over.
    package init?(_ text: String) {
        var values: [Substring: Substring] = [:]
        for word in text.split(separator: " ") {
            guard let equals = word.firstIndex(of: "=") else { continue }
            values[word[..<equals]] = word[word.index(after: equals)...]
        }
        guard let sha256 = values["sha256"], Self.isDigest(sha256), let root = values["root"], Self.isDigest(root),
            let byteCount = values["size"].flatMap(StrictDecimal.parse),
            let index = values["index"].flatMap(StrictDecimal.parse),
            let height = values["height"].flatMap(StrictDecimal.parse)
        else { return nil }
        self.init(sha256: String(sha256), byteCount: byteCount, envelopeRoot: String(root), index: index, height: height)
    }

    private static func isDigest(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { ASCII.isDigit($0) || $0 &- 0x61 < 6 }
    }
}
