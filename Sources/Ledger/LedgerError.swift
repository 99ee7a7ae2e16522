// The one error type of the ledger.

/// Why the ledger or a proof from it was refused. Two errors are equal when their codes are.
package struct LedgerError: Error, Sendable {
    package enum Code: Sendable, Hashable {
        // Formats and proofs.
        case malformedEntry, malformedNote, malformedProof, malformedPath
        case badSignature, unknownKey, proofMismatch, commitmentMismatch, outOfRange
        // What a client remembers.
        case consistencyNeeded, rollback, fork
        // Submissions.
        case invalidTransaction, clockBehind, busy, diskFull, stopped, closed, selfCheckFailed
        // Opening.
        case invalidOrigin, invalidKey, alreadyExists, notCreated, inUse, wrongKey, damaged
        case anchorMissing, anchorDamaged, databaseBehindAnchor, anchorContradicts, notDurable
        // Reading and writing.
        case storage
    }

    package var code: Code
    /// What is wrong and, where something can be done, what to do.
    package var reason: String
    /// The entry, block, file or line it is about.
    package var place: String?
    /// For `.fork` and `.rollback`: what convinces others.
    package var evidence: LogMisbehaviour?

    package init(_ code: Code, _ reason: String, place: String? = nil, evidence: LogMisbehaviour? = nil) {
        self.code = code
        self.reason = reason
        self.place = place
        self.evidence = evidence
    }
}

extension LedgerError: Equatable {
    package static func == (first: LedgerError, second: LedgerError) -> Bool { first.code == second.code }
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        if let place { "\(place): \(reason)" } else { reason }
    }
}
