// A self-contained proof that an entry is in a signed log.

internal import CanonicalEncoding
internal import MerkleTree

/// The text `c2sp.org/tlog-proof@v1`: index, path and the signed checkpoint it leads to. Source: C2SP tlog-proof.
package struct TlogProof: Equatable, Sendable {
    package let index: UInt64
    package let path: [[UInt8]]
    /// The checkpoint note, verbatim.
    package let checkpoint: String

    private static let firstLine = "c2sp.org/tlog-proof@v1"
    /// No path is longer: sizes have 64 bits.
    private static let largestPathCount = 63

    package init(index: UInt64, path: [[UInt8]], checkpoint: String) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Reads a proof; nothing is verified.
    package init(parsing text: String) throws(LedgerError) {
        let parts = TextParts(text)
        var lines = parts.head[...]
        guard lines.popFirst() == Self.firstLine else { throw Self.malformed("must begin with \(Self.firstLine)") }
        // An `extra` line is allowed and says nothing that is proven.
        if let line = lines.first, line.hasPrefix("extra ") {
            guard [UInt8](base64: String(line.dropFirst(6))) != nil else { throw Self.malformed("has an extra line that is not base64") }
            lines = lines.dropFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let index = parseDecimal(line.dropFirst(6)) else {
            throw Self.malformed("has no index line")
        }
        guard !parts.rest.isEmpty else { throw Self.malformed("has no checkpoint") }
        self.index = index
        path = try HashLines.parse(lines, limit: Self.largestPathCount)
        checkpoint = parts.rest
    }

    /// The proof as text.
    package var text: String {
        "\(Self.firstLine)\nindex \(index)\n\(HashLines.text(path))\n\(checkpoint)"
    }

    /// Checks that `entry` is in the log that `key` speaks for.
    ///
    /// - Returns: the checkpoint, for the caller to compare with what it remembers.
    package func verify(entry: [UInt8], log key: VerifierKey) throws(LedgerError) -> CheckpointNote {
        let note = try CheckpointNote(parsing: checkpoint, verifiedBy: key)
        do {
            try MerkleProof.verifyInclusion(
                leafHash: MerkleHash.leaf(entry), index: index, size: note.size, path: path, root: note.root)
        } catch {
            throw LedgerError(.proofMismatch, "\(error)", place: "inclusion proof of entry \(index)")
        }
        return note
    }

    private static func malformed(_ reason: String) -> LedgerError { LedgerError(.malformedProof, reason, place: "tlog proof") }
}

/// Hashes as lines of base64, the form in which proofs travel.
package enum HashLines {
    /// One line a hash, each with its line feed.
    package static func text(_ hashes: [[UInt8]]) -> String { hashes.map { $0.base64 + "\n" }.joined() }

    /// Reads the lines of `text(_:)`.
    package static func parse(_ text: String) throws(LedgerError) -> [[UInt8]] {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard lines.popLast() == "" else { throw LedgerError(.malformedProof, "does not end in a line feed", place: "hash lines") }
        return try parse(lines[...], limit: 2 * 63)
    }

    static func parse(_ lines: ArraySlice<String>, limit: Int) throws(LedgerError) -> [[UInt8]] {
        guard lines.count <= limit else { throw LedgerError(.malformedProof, "are more than \(limit)", place: "hash lines") }
        var hashes: [[UInt8]] = []
        for line in lines {
            guard let hash = [UInt8](base64: line), hash.count == MerkleHash.byteCount else {
                throw LedgerError(.malformedProof, "must be base64 of 32 bytes each", place: "hash lines")
            }
            hashes.append(hash)
        }
        return hashes
    }
}

/// A text cut at its first empty line.
struct TextParts {
    /// Lines before the empty line.
    let head: [String]
    /// Everything behind the empty line; nothing when there is none.
    let rest: String

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let lineFeed = UInt8(ascii: "\n")
        let end = bytes.indices.dropLast().first { bytes[$0] == lineFeed && bytes[$0 + 1] == lineFeed }
        let headBytes = end.map { bytes[..<$0] } ?? bytes[...]
        head = headBytes.split(separator: lineFeed, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        rest = end.map { String(decoding: bytes[($0 + 2)...], as: UTF8.self) } ?? ""
    }
}
