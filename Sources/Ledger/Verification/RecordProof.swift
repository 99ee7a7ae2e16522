// One text file that proves an entry of the log offline.

internal import CanonicalEncoding

/// The text `phr-record-proof/v1`: an entry, its proof, and for records what opens their commitment.
///
/// Key proofs have the same form without an opening.
package struct RecordProof: Equatable, Sendable {
    package let opening: RecordOpening?
    package let entry: [UInt8]
    package let proof: TlogProof

    private static let firstLine = "phr-record-proof/v1"

    package init(opening: RecordOpening?, entry: [UInt8], proof: TlogProof) {
        self.opening = opening
        self.entry = entry
        self.proof = proof
    }

    /// Reads a proof; nothing is verified.
    package init(parsing text: String) throws(LedgerError) {
        let parts = TextParts(text)
        var lines = parts.head[...]
        guard lines.popFirst() == Self.firstLine else { throw Self.malformed("must begin with \(Self.firstLine)") }
        opening = try Self.value("opening", in: &lines).map { bytes throws(LedgerError) in try RecordOpening(decoding: bytes) }
        guard let entry = try Self.value("entry", in: &lines), lines.isEmpty else {
            throw Self.malformed("must have one entry line before the tlog proof")
        }
        self.entry = entry
        proof = try TlogProof(parsing: parts.rest)
    }

    /// The proof as text.
    package var text: String {
        let openingLine = opening.map { "opening \($0.encoded().base64)\n" } ?? ""
        return "\(Self.firstLine)\n\(openingLine)entry \(entry.base64)\n\n\(proof.text)"
    }

    /// What is proven once `verify` returns.
    package struct Verified: Equatable, Sendable {
        package let index: UInt64
        package let transaction: Transaction
        /// The checkpoint the proof leads to; compare it with a `TrustedLog`.
        package let checkpoint: CheckpointNote
    }

    /// Checks the whole proof offline: checkpoint signature, path, entry, and that the opening opens the entry's commitment.
    ///
    /// - Parameter chainID: when known, the log's chain id; an entry of another chain is refused.
    package func verify(log key: VerifierKey, chainID: [UInt8]? = nil) throws(LedgerError) -> Verified {
        let checkpoint = try proof.verify(entry: entry, log: key)
        guard case .transaction(let transaction) = try LogEntry(decoding: entry) else {
            throw LedgerError(.malformedProof, "is no transaction", place: "entry \(proof.index)")
        }
        if let chainID, transaction.chainID != chainID {
            throw LedgerError(.proofMismatch, "belongs to another chain", place: "entry \(proof.index)")
        }
        try checkOpening(of: transaction.body)
        return Verified(index: proof.index, transaction: transaction, checkpoint: checkpoint)
    }

    private func checkOpening(of body: TransactionBody) throws(LedgerError) {
        guard let opening else { return }
        let isOpened =
            switch body {
            case .record(let record): record.commitment == opening.commitment && record.envelopeRoot == opening.envelopeRoot
            case .header(let header): header.commitment == opening.commitment && header.headerRevision == opening.headerRevision
            case .key, .tombstone, .access, .authority, .issue, .policy, .emergency, .audit: false
            }
        guard isOpened else {
            throw LedgerError(.commitmentMismatch, "the opening does not open the entry's commitment", place: "entry \(proof.index)")
        }
    }

    private static func value(_ name: String, in lines: inout ArraySlice<String>) throws(LedgerError) -> [UInt8]? {
        guard let line = lines.first, line.hasPrefix(name + " ") else { return nil }
        lines = lines.dropFirst()
        guard let bytes = [UInt8](base64: String(line.dropFirst(name.count + 1))) else { throw malformed("has a \(name) line that is not base64") }
        return bytes
    }

    private static func malformed(_ reason: String) -> LedgerError { LedgerError(.malformedProof, reason, place: "record proof") }
}
