// What the site hands out once an emergency request stands on its ledger.

internal import CanonicalEncoding

/// The text `phr-emergency-release/v1`: the site's half of the key, and the proof of the request it was released for.
package struct EmergencyRelease: Equatable, Sendable {
    package let half: [UInt8]
    package let proof: DocumentProof

    private static let firstLine = "phr-emergency-release/v1"

    package init(half: [UInt8], proof: DocumentProof) {
        self.half = half
        self.proof = proof
    }

    /// Reads a release; nothing is verified.
    package init(parsing text: String) throws(LedgerError) {
        let parts = TextParts(text)
        guard parts.head.count == 2, parts.head[0] == Self.firstLine, parts.head[1].hasPrefix("half "),
            let half = [UInt8](base64: String(parts.head[1].dropFirst(5))), half.count == EmergencyGrant.halfByteCount
        else {
            throw LedgerError(.malformedProof, "must have \(Self.firstLine) and the half on its first lines", place: "emergency release")
        }
        self.half = half
        proof = try DocumentProof(parsing: parts.rest)
    }

    package var text: String { "\(Self.firstLine)\nhalf \(half.base64)\n\n\(proof.text)" }
}
