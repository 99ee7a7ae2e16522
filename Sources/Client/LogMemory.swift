// What the client knows of a site's ledger. It only grows: forks and rollbacks end the session.

internal import CanonicalEncoding
internal import FTPProtocol
internal import Glibc
internal import Keyring
internal import Ledger

/// An entry that the ledger proves.
struct ProvenEntry {
    let index: UInt64
    /// Size of the ledger that it was proven in.
    let size: UInt64
    let body: TransactionBody
    /// For records: what opens the entry's commitment, checked against it.
    let opening: RecordOpening?

    /// Version of the record that the entry is about.
    var version: UInt64? {
        switch body {
        case .record(let body): body.version
        case .header(let body): body.version
        default: nil
        }
    }
}

/// The ledger's key and the newest checkpoint that was verified.
struct LogMemory {
    private(set) var log: TrustedLog

    /// - Parameter checkpoint: the one that was kept; its signature is checked again.
    init(key: String, checkpoint: String?) throws(ClientError) {
        do {
            log = TrustedLog(verifierKey: try VerifierKey(parsing: key))
            if let checkpoint { _ = try log.accept(checkpoint) }
        } catch {
            throw ClientError(.configuration, "the profile's memory of the ledger cannot be used: \(error)")
        }
    }

    var size: UInt64 { log.checkpoint?.size ?? 0 }
    var origin: String { log.verifierKey.name }
    var checkpointText: String? { log.checkpoint?.text }

    mutating func accept(_ note: String, consistency path: [[UInt8]]?) throws(LedgerError) {
        _ = try log.accept(note, consistency: path)
    }

    /// The size that a checkpoint states; it was verified when it was kept.
    static func size(of checkpoint: String) -> UInt64 {
        let lines = checkpoint.utf8.split(separator: 0x0A, maxSplits: 2)
        return lines.count > 1 ? UInt64(String(Substring(lines[1]))) ?? 0 : 0
    }

    /// Checks a proof against the key, and against the remembered checkpoint as far as that goes without a network.
    func proveOffline(_ text: String) throws -> ProvenEntry {
        let proof = try RecordProof(parsing: text)
        return try provenEntry(try proof.verify(log: log.verifierKey), opening: proof.opening)
    }

    /// The same for a document that an entry commits to; who signed the document is the caller's to check.
    func proveOffline(_ proof: DocumentProof) throws -> ProvenEntry {
        try provenEntry(try proof.verify(log: log.verifierKey), opening: nil)
    }

    private func provenEntry(_ verified: RecordProof.Verified, opening: RecordOpening?) throws -> ProvenEntry {
        if let known = log.checkpoint, known.size == verified.checkpoint.size, known.root != verified.checkpoint.root {
            throw ClientError(.logMisbehaviour, "the proof's checkpoint and the one seen before contradict each other")
        }
        return ProvenEntry(index: verified.index, size: verified.checkpoint.size, body: verified.transaction.body, opening: opening)
    }
}

extension ClientSession {
    /// Reads the site's newest checkpoint and takes it over.
    func updateLog() async throws {
        guard let note = try await text(try VirtualPath(absolute: "/.ledger/checkpoint"), limit: 256 * 1024) else {
            throw ClientError(.notOnLedger, "the server shows no checkpoint")
        }
        try await accept(note)
    }

    /// Checks a proof, and that the checkpoint it leads to continues what is known.
    func prove(_ text: String) async throws -> ProvenEntry {
        let entry = try log.proveOffline(text)
        try await accept(try RecordProof(parsing: text).proof.checkpoint)
        return entry
    }

    /// Checks the proof of a document, and that the checkpoint it leads to continues what is known.
    func prove(_ proof: DocumentProof) async throws -> ProvenEntry {
        let entry = try log.proveOffline(proof)
        try await accept(proof.proof.checkpoint)
        return entry
    }

    private func accept(_ note: String) async throws {
        let offered = try log.log.read(note)
        var path: [[UInt8]]?
        if let range = log.log.neededProof(for: offered.size) {
            let name = "/.ledger/proof/consistency/\(range.lowerBound)-\(range.upperBound)"
            guard let lines = try await text(try VirtualPath(absolute: name)) else {
                throw ClientError(.logMisbehaviour, "the server does not prove that its ledger continues what was seen before")
            }
            path = try HashLines.parse(lines)
        }
        do {
            try log.accept(note, consistency: path)
        } catch {
            keepEvidence(error)
            throw error
        }
    }

    /// Two contradicting signed checkpoints convince others: they are kept in a file of their own.
    private func keepEvidence(_ error: LedgerError) {
        guard let evidence = error.evidence else { return }
        let file = home + "/evidence-\(Int(time(nil))).txt"
        try? PrivateFile.replace(file, with: Array(evidence.text.utf8))
    }
}
