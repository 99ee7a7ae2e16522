// Text with signature lines, as C2SP notes carry it.

internal import CanonicalEncoding

/// A note: text that ends in a line feed, an empty line, and one line a signature. Source: C2SP signed-note.
package struct SignedNote: Equatable, Sendable {
    package struct Signature: Equatable, Sendable {
        package let name: String
        package let keyID: [UInt8]
        package let bytes: [UInt8]

        package init(name: String, keyID: [UInt8], bytes: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// The signed text, its last line feed included.
    package let text: String
    package let signatures: [Signature]

    /// Bytes of a note at most: room for post-quantum cosignatures.
    static let largestByteCount = 256 * 1024
    static let largestSignatureCount = 64
    private static let linePrefix = "\u{2014} "

    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note; no signature is checked.
    package init(parsing note: String) throws(LedgerError) {
        guard note.utf8.count <= Self.largestByteCount else { throw Self.malformed("is larger than \(Self.largestByteCount) bytes") }
        guard note.unicodeScalars.allSatisfy({ $0 == "\n" || !($0.value < 0x20 || (0x7f...0x9f).contains($0.value)) }) else {
            throw Self.malformed("has control characters")
        }
        // Line ends count as bytes: a combining mark behind one must not hide it.
        var lines = note.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard lines.popLast() == "" else { throw Self.malformed("does not end in a line feed") }
        guard let blank = lines.lastIndex(of: ""), blank > 0 else { throw Self.malformed("has no empty line before its signatures") }
        let signatureLines = lines[(blank + 1)...]
        guard (1...Self.largestSignatureCount).contains(signatureLines.count) else {
            throw Self.malformed("must have 1 to \(Self.largestSignatureCount) signatures")
        }
        text = lines[..<blank].map { $0 + "\n" }.joined()
        var signatures: [Signature] = []
        for line in signatureLines { signatures.append(try Self.signature(line)) }
        self.signatures = signatures
    }

    /// The whole note.
    package var formatted: String {
        let lines = signatures.map { "\(Self.linePrefix)\($0.name) \(($0.keyID + $0.bytes).base64)\n" }
        return text + "\n" + lines.joined()
    }

    /// Checks that `key` signed the text. Signatures of unknown keys are passed over; a bad one of this key is refused.
    package func verify(_ key: VerifierKey) throws(LedgerError) {
        var isSigned = false
        let message = Array(text.utf8)
        for signature in signatures where signature.name == key.name && signature.keyID == key.keyID {
            guard key.isValid(signature.bytes, for: message) else {
                throw LedgerError(.badSignature, "has a bad signature of \(key.name)", place: "note")
            }
            isSigned = true
        }
        guard isSigned else { throw LedgerError(.unknownKey, "is not signed by \(key.name) with the expected key", place: "note") }
    }

    private static func signature(_ line: String) throws(LedgerError) -> Signature {
        guard line.utf8.starts(with: linePrefix.utf8) else { throw malformed("has a signature line without a dash") }
        let parts = String(decoding: line.utf8.dropFirst(linePrefix.utf8.count), as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard
            parts.count == 2, !parts[0].isEmpty, !parts[0].utf8.contains(UInt8(ascii: "+")),
            let bytes = [UInt8](base64: String(parts[1])), bytes.count > 4
        else { throw malformed("has a signature line that is not a name and base64") }
        return Signature(name: String(parts[0]), keyID: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
    }

    private static func malformed(_ reason: String) -> LedgerError { LedgerError(.malformedNote, reason, place: "note") }
}
