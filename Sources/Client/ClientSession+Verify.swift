// Verifying and explaining records without opening them.

internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Glibc
internal import Keyring
internal import Ledger

/// What was verified.
package struct VerifyReport: Encodable, Sendable {
    package let name: String
    /// Bytes of the envelope whose every segment was checked; `nil` when only header and ledger were.
    package let checkedByteCount: UInt64?
    package let envelopeRoot: String
    package let version: UInt64?
    package let headerRevision: UInt64
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    package let ledgerOrigin: String
}

/// What is known of a record on the server.
package struct RemoteInfo: Encodable, Sendable {
    package let remote: String
    package let byteCount: UInt64?
    package let version: UInt64
    package let facts: EnvelopeFacts
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
}

extension ClientSession {
    /// Reads a record and checks every byte of it against the ledger. It needs no key.
    ///
    /// - Parameter withBody: also read the body; else proof and header only.
    package func verify(_ name: RemoteName, withBody: Bool, progress: Progress = { _, _ in }) async throws -> VerifyReport {
        let record = try await record(name)
        var checked: UInt64?
        if withBody {
            var download = try PartialDownload.nameless()
            do {
                let envelope = try await fetch(record, into: &download, from: 0, progress: progress)
                try EnvelopeVerifier.verifyBody(envelope.layout, source: envelope.source, signerKeys: nil)
                checked = envelope.layout.byteCount
            } catch let error as EnvelopeError {
                throw ClientError(error).during("\(name)")
            }
        }
        return VerifyReport(
            name: name.path.description, checkedByteCount: checked, envelopeRoot: record.opening.envelopeRoot.hexadecimal, version: record.version,
            headerRevision: record.opening.headerRevision, ledgerIndex: record.proof.index, ledgerSize: log.size, ledgerOrigin: log.origin)
    }

    /// What the header and the ledger say of a record.
    package func info(_ name: RemoteName) async throws -> RemoteInfo {
        let record = try await record(name)
        var facts = EnvelopeFacts(heads: try record.heads.map { try EnvelopeHead(parsing: $0) }, access: try accessCheck())
        if let named = try? await addressees(of: record.stanzas) {
            for index in facts.recipients.indices {
                facts.recipients[index].name = named.first { $0.key?.keyID.hexadecimal == facts.recipients[index].keyID }?.name
            }
        }
        return RemoteInfo(
            remote: name.path.description, byteCount: try await ftp.size(name.path), version: record.version, facts: facts,
            ledgerIndex: record.proof.index, ledgerSize: log.size)
    }

    /// Writes the proof of a record, for others to verify offline. Gives the file's name.
    package func exportProof(_ name: RemoteName, to file: String?, mayReplace: Bool) async throws -> String {
        let record = try await record(name)
        let target = file ?? (name.path.last ?? "record.phr") + ".proof"
        let output = try OutputFile(target, mayReplace: mayReplace)
        try output.write(Array(record.proofText.utf8))
        try output.commit()
        return target
    }
}

extension PartialDownload {
    /// A download that nobody else sees and that vanishes with the program.
    static func nameless() throws(ClientError) -> PartialDownload {
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        let download = try PartialDownload(path: "\(folder)/phr-\(getpid())-\(UInt64.random(in: 0 ... .max)).phr.part")
        download.remove()
        return download
    }
}
