// A record as the ledger proves it: the commitment, what it opens to, and the heads that belong to it.

internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Glibc
internal import Ledger

/// A record whose proof holds under the ledger as it is known now.
struct ProvenRecord {
    let name: RemoteName
    let proofText: String
    let proof: ProvenEntry
    let opening: RecordOpening
    let recordID: [UInt8]
    let version: UInt64
    let heads: [[UInt8]]
    let stanzas: [Stanza]

    /// Whether it names one of the keys, or has a policy that attribute keys may satisfy.
    func isFor(_ identities: [Identity]) -> Bool {
        stanzas.contains { stanza in identities.contains { $0.mayOpen(stanza) } }
    }
}

extension ClientSession {
    /// Largest concatenation of heads that is read.
    static let maximumHeadsByteCount = 16 << 20
    private static let maximumProofByteCount = 1 << 20

    /// Reads proof and heads of a record, and checks them before one byte of its body is asked for.
    ///
    /// Checked: the proof under a checkpoint that does not go back; the heads against the commitment; the owner's
    /// signature when they were rewritten; that no newer state of the record was seen before.
    func record(_ name: RemoteName) async throws -> ProvenRecord { try await records([name])[0] }

    /// The same for many, whose proofs and heads are asked for in one go.
    func records(_ names: [RemoteName]) async throws -> [ProvenRecord] {
        let proofs = try await ftp.retrieveAll(try names.map { try $0.proof() }, limit: Self.maximumProofByteCount)
        let heads = try await ftp.retrieveAll(try names.map { try $0.headers() }, limit: Self.maximumHeadsByteCount)
        var records: [ProvenRecord] = []
        for (name, (proof, heads)) in zip(names, zip(proofs, heads)) { records.append(try await record(name, proofBytes: proof, headBytes: heads)) }
        return records
    }

    private func record(_ name: RemoteName, proofBytes: [UInt8]?, headBytes: [UInt8]?) async throws -> ProvenRecord {
        guard let proofBytes else { throw ClientError(.notFound, "\(name) is not there, or not for you") }
        guard let text = String(validating: proofBytes, as: UTF8.self) else { throw ClientError(.notOnLedger, "the proof of \(name) is not text") }
        let proof = try await prove(text)
        guard let opening = proof.opening else { throw ClientError(.notOnLedger, "the proof of \(name) is about something else") }
        let recordID: [UInt8]
        let version: UInt64
        switch proof.body {
        case .record(let body): (recordID, version) = (body.recordID, body.version)
        case .header(let body): (recordID, version) = (body.recordID, body.version)
        default: throw ClientError(.notOnLedger, "the proof of \(name) is about something else")
        }
        guard let headBytes else { throw ClientError(.notFound, "the header of \(name) is not there") }
        let heads = try HeaderRewriter.split(headBytes)
        try checkHeads(heads, against: opening, name: name)
        try await checkOwner(of: name, proof: proof, heads: heads, revision: opening.headerRevision)
        try checkFreshness(recordID, version: version, revision: opening.headerRevision, name: name)
        return ProvenRecord(
            name: name, proofText: text, proof: proof, opening: opening, recordID: recordID, version: version, heads: heads,
            stanzas: try EnvelopeHead(parsing: heads[heads.count - 1]).stanzas)
    }

    private func checkHeads(_ heads: [[UInt8]], against opening: RecordOpening, name: RemoteName) throws {
        guard !heads.isEmpty, EnvelopeHead.headersDigest(of: heads) == opening.headersDigest else {
            throw ClientError(.tampered, "the header of \(name) is not the one on the ledger")
        }
        for head in heads {
            let parsed = try EnvelopeHead(parsing: head)
            guard parsed.revision == opening.headerRevision, parsed.prefix.objectID == opening.objectID else {
                throw ClientError(.tampered, "the header of \(name) is not the one on the ledger")
            }
        }
    }

    /// A rewritten header must be the owner's; a record below `/records/OWNER` must be OWNER's on the ledger too.
    private func checkOwner(of name: RemoteName, proof: ProvenEntry, heads: [[UInt8]], revision: UInt64) async throws {
        guard name.tree == "records", let owner = name.owner else { return }
        if case .record(let body) = proof.body, let contact = try await contactIfPresent(owner) {
            guard body.ownerPseudonym == contact.pseudonym else {
                throw ClientError(.tampered, "the record shown as \(name) belongs to somebody else than \(owner)")
            }
        }
        if revision > 0 {
            try HeaderRewriter.verifyOwnerSignature(heads: heads, ownerPublicKey: try await contact(owner).bundle.signingKey)
        }
    }

    private func checkFreshness(_ recordID: [UInt8], version: UInt64, revision: UInt64, name: RemoteName) throws {
        let key = recordID.hexadecimal
        if let seen = profile.records[key], (version, revision) < (seen.version, seen.headerRevision) {
            throw ClientError(
                .staleHeader,
                "the server shows version \(version), header \(revision) of \(name); version \(seen.version), header \(seen.headerRevision) was seen before",
                hint: "the site may have been restored from a backup; ask its operator")
        }
        profile.records[key] = Profile.SeenRecord(version: version, headerRevision: revision)
    }
}
