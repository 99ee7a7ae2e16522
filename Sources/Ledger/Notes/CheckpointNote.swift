// A signed statement of how large a log is and what its root is.

internal import CanonicalEncoding

/// A checkpoint. Source: C2SP tlog-checkpoint.
package struct CheckpointNote: Equatable, Sendable {
    /// The log's name.
    package let origin: String
    /// Entries in the log.
    package let size: UInt64
    /// RFC 6962 root over them.
    package let root: [UInt8]
    /// The note as it was signed, with all cosignatures.
    package let note: SignedNote

    /// Makes and signs the checkpoint of a log.
    static func signed(size: UInt64, root: [UInt8], by signer: NoteSigner) throws -> CheckpointNote {
        let origin = signer.verifierKey.name
        let text = "\(origin)\n\(size)\n\(root.base64)\n"
        let note = SignedNote(text: text, signatures: [try signer.sign(text)])
        return CheckpointNote(origin: origin, size: size, root: root, note: note)
    }

    private init(origin: String, size: UInt64, root: [UInt8], note: SignedNote) {
        self.origin = origin
        self.size = size
        self.root = root
        self.note = note
    }

    /// Reads a checkpoint of the log with `key` and checks the log's signature.
    package init(parsing text: String, verifiedBy key: VerifierKey) throws(LedgerError) {
        let note = try SignedNote(parsing: text)
        try note.verify(key)
        try self.init(verified: note)
        guard origin == key.name else {
            throw LedgerError(.unknownKey, "is of the log \(origin), not of \(key.name)", place: "checkpoint")
        }
    }

    /// The whole note.
    package var text: String { note.formatted }

    private init(verified note: SignedNote) throws(LedgerError) {
        let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
        // Lines after the third are extensions: allowed, and without meaning here.
        guard
            lines.count >= 4, !lines[0].isEmpty, let size = parseDecimal(lines[1]),
            let root = [UInt8](base64: String(lines[2])), root.count == 32
        else { throw LedgerError(.malformedNote, "must say origin, size and root on its first three lines", place: "checkpoint") }
        self.init(origin: String(lines[0]), size: size, root: root, note: note)
    }
}

/// A decimal number in its only form: ASCII digits, no sign, no leading zero.
func parseDecimal(_ text: some StringProtocol) -> UInt64? {
    let digits = text.utf8
    guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    return UInt64(String(text))
}
