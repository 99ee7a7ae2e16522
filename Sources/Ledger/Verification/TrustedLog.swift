// What a client remembers of a log, so that the log can never go back.
//
// 1. The first checkpoint is pinned, with the key that signed it.
// 2. The same size must have the same root.
// 3. A larger size needs a consistency proof.
// 4. A smaller size is no update. The larger one is kept.
// 5. A refused checkpoint changes nothing.

internal import CanonicalEncoding
internal import MerkleTree

/// A log's key and the newest checkpoint accepted from it.
package struct TrustedLog: Equatable, Sendable {
    package let verifierKey: VerifierKey
    /// Nil until the first checkpoint.
    package private(set) var checkpoint: CheckpointNote?

    private static let firstLine = "phr-trusted-log/v1"

    package init(verifierKey: VerifierKey) {
        self.verifierKey = verifierKey
    }

    /// What an accepted checkpoint meant.
    package enum Update: Equatable, Sendable {
        /// Nothing was known before: this one is trusted on first use.
        case pinned
        case unchanged
        case advanced(from: UInt64)
    }

    /// Which consistency proof `accept` will need for a checkpoint of `size`: from the remembered size, or none.
    package func neededProof(for size: UInt64) -> Range<UInt64>? {
        guard let checkpoint, checkpoint.size < size else { return nil }
        return checkpoint.size..<size
    }

    /// Reads a checkpoint and checks its signature, to learn its size before asking for a proof.
    package func read(_ note: String) throws(LedgerError) -> CheckpointNote {
        try CheckpointNote(parsing: note, verifiedBy: verifierKey)
    }

    /// Takes a checkpoint, or refuses it and stays as it was.
    ///
    /// - Throws: `.rollback` for a smaller log, `.fork` for another history, `.consistencyNeeded` without a proof; the first
    ///   two carry the evidence.
    package mutating func accept(_ note: String, consistency path: [[UInt8]]? = nil) throws(LedgerError) -> Update {
        let offered = try read(note)
        guard let known = checkpoint else {
            checkpoint = offered
            return .pinned
        }
        let evidence = LogMisbehaviour(remembered: known.text, offered: note, path: path ?? [])
        if offered.size < known.size {
            throw LedgerError(
                .rollback, "shows \(offered.size) entries, but had \(known.size) before; the larger state is kept", place: offered.origin,
                evidence: evidence)
        }
        if offered.size == known.size {
            guard offered.root == known.root else { throw fork(offered, evidence) }
            checkpoint = offered
            return .unchanged
        }
        guard let path else {
            throw LedgerError(.consistencyNeeded, "needs a proof from \(known.size) to \(offered.size) entries", place: offered.origin)
        }
        do {
            try MerkleProof.verifyConsistency(
                from: known.size, to: offered.size, path: path, fromRoot: known.root, toRoot: offered.root)
        } catch {
            throw fork(offered, evidence)
        }
        checkpoint = offered
        return .advanced(from: known.size)
    }

    private func fork(_ offered: CheckpointNote, _ evidence: LogMisbehaviour) -> LedgerError {
        LedgerError(
            .fork, "its \(offered.size) entries do not continue what it signed before; keep both checkpoints", place: offered.origin,
            evidence: evidence)
    }

    // MARK: Keeping it

    /// The text to store: the key's line and, behind an empty line, the checkpoint.
    package var text: String {
        "\(Self.firstLine)\nvkey \(verifierKey.text)\n" + (checkpoint.map { "\n" + $0.text } ?? "")
    }

    /// Reads what `text` gave; the stored checkpoint's signature is checked again.
    package init(parsing text: String) throws(LedgerError) {
        let parts = TextParts(text)
        // Without a checkpoint the text ends in the line feed of the key's line.
        let lines = parts.head.last == "" ? Array(parts.head.dropLast()) : parts.head
        guard lines.count == 2, lines[0] == Self.firstLine, lines[1].hasPrefix("vkey ") else {
            throw LedgerError(.malformedNote, "must have \(Self.firstLine) and the log's key on its first lines", place: "trusted log")
        }
        verifierKey = try VerifierKey(parsing: String(lines[1].dropFirst(5)))
        checkpoint = parts.rest.isEmpty ? nil : try CheckpointNote(parsing: parts.rest, verifiedBy: verifierKey)
    }
}
