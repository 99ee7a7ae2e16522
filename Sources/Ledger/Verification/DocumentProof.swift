// One text file that proves offline that a document stands behind an entry of the log.

internal import CanonicalEncoding

/// The text `phr-document-proof/v1`: salt and document, the entry that commits to them, and its proof.
package struct DocumentProof: Equatable, Sendable {
    package let salt: [UInt8]
    package let document: [UInt8]
    package let entry: [UInt8]
    package let proof: TlogProof

    private static let firstLine = "phr-document-proof/v1"

    package init(salt: [UInt8], document: [UInt8], entry: [UInt8], proof: TlogProof) {
        self.salt = salt
        self.document = document
        self.entry = entry
        self.proof = proof
    }

    /// Reads a proof; nothing is verified.
    package init(parsing text: String) throws(LedgerError) {
        let parts = TextParts(text)
        guard parts.head.count == 4, parts.head[0] == Self.firstLine else {
            throw Self.malformed("must have \(Self.firstLine), salt, document and entry on its first lines")
        }
        salt = try Self.value("salt", parts.head[1])
        document = try Self.value("document", parts.head[2])
        entry = try Self.value("entry", parts.head[3])
        guard salt.count == DocumentCommitment.saltByteCount else { throw Self.malformed("has a salt of another length") }
        proof = try TlogProof(parsing: parts.rest)
    }

    /// The proof as text.
    package var text: String {
        "\(Self.firstLine)\nsalt \(salt.base64)\ndocument \(document.base64)\nentry \(entry.base64)\n\n\(proof.text)"
    }

    /// Checks the whole proof offline: checkpoint signature, path, entry, and that salt and document open the entry's commitment.
    ///
    /// Who signed the document is the caller's to check.
    /// - Parameter chainID: when known, the log's chain id; an entry of another chain is refused.
    package func verify(log key: VerifierKey, chainID: [UInt8]? = nil) throws(LedgerError) -> RecordProof.Verified {
        let verified = try RecordProof(opening: nil, entry: entry, proof: proof).verify(log: key, chainID: chainID)
        let isOpened =
            switch verified.transaction.body {
            case .issue(let body): body.commitment == DocumentCommitment.issue.commitment(salt: salt, document: document)
            case .policy(let body): body.commitment == DocumentCommitment.policy.commitment(salt: salt, document: document)
            case .emergency(let body): body.commitment == DocumentCommitment.emergency.commitment(salt: salt, document: document)
            case .record, .header, .key, .tombstone, .access, .authority, .audit: false
            }
        guard isOpened else {
            throw LedgerError(.commitmentMismatch, "the document does not open the entry's commitment", place: "entry \(proof.index)")
        }
        return verified
    }

    private static func value(_ name: String, _ line: String) throws(LedgerError) -> [UInt8] {
        guard line.hasPrefix(name + " "), let bytes = [UInt8](base64: String(line.dropFirst(name.count + 1))) else {
            throw malformed("needs a \(name) line of base64")
        }
        return bytes
    }

    private static func malformed(_ reason: String) -> LedgerError { LedgerError(.malformedProof, reason, place: "document proof") }
}
