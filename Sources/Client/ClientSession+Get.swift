// Getting a record: proof and header first, then the envelope, resumable, then the content, which appears only when whole.

internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Glibc
internal import Keyring
internal import Ledger

/// What came of getting a record.
package struct GetReport: Encodable, Sendable {
    package let remote: String
    package let file: String
    /// Bytes of the file written.
    package let byteCount: UInt64
    /// SHA-256 of the content; of the envelope with `envelopeOnly`.
    package let sha256: String
    package let originalName: String?
    package let version: UInt64
    package let headerRevision: UInt64
    /// Index of the ledger entry that proves it, and size of the ledger that was seen.
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    /// Bytes that an earlier, interrupted run had already brought.
    package let resumedFrom: UInt64
}

extension ClientSession {
    /// Brings a record to a file.
    ///
    /// The envelope comes into `FILE.phr.part`, which stays when the connection breaks, so that the next run goes on there. It
    /// holds ciphertext only. The content gets its name after all checks.
    /// - Parameters:
    ///   - file: where to; a folder takes the record's own name.
    ///   - envelopeOnly: keep the envelope, verified but not opened.
    package func get(
        _ name: RemoteName, to file: String?, envelopeOnly: Bool = false, mayReplace: Bool = false, progress: Progress = { _, _ in }
    ) async throws -> GetReport {
        let target = Self.target(file, name: envelopeOnly ? name.path.last ?? "" : name.plainName)
        try OutputFile.check(target, mayReplace: mayReplace)
        var attempt = 0
        while true {
            attempt += 1
            let record = try await record(name)
            let identities = try identities()
            if !envelopeOnly, let refusal = ClientError(try accessCheck().verdict(record.stanzas), name: name, user: user) { throw refusal }
            var download = try PartialDownload(path: target + (envelopeOnly ? ".part" : ".phr.part"))
            let resumed = try download.keepPrefix(of: record.heads)
            do {
                let envelope = try await fetch(record, into: &download, from: resumed, progress: progress)
                let report = try finish(
                    record, envelope, identities: identities, target: target, envelopeOnly: envelopeOnly, mayReplace: mayReplace, resumed: resumed)
                if !envelopeOnly { download.remove() }
                return report
            } catch let error where Self.isAboutContent(error) {
                download.remove()
                // A leftover of another run, or a record that was replaced meanwhile, is worth one fresh start.
                let isChanged = try await text(name.proof()) != record.proofText
                guard attempt == 1, resumed > 0 || isChanged else { throw ClientError(error).during("\(name)") }
            }
        }
    }

    private static func isAboutContent(_ error: any Error) -> Bool {
        let status = ClientError(error).status
        return status == .tampered || (error is EnvelopeError && status == .truncated)
    }

    private static func target(_ file: String?, name: String) -> String {
        guard let file else { return name }
        var status = stat()
        let isFolder = unsafe stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        return isFolder ? (file.hasSuffix("/") ? file + name : file + "/" + name) : file
    }

    /// Reads what is missing of the envelope and checks its frame against the proof.
    func fetch(
        _ record: ProvenRecord, into download: inout PartialDownload, from offset: UInt64, progress: Progress
    ) async throws -> FetchedEnvelope {
        let total = try await ftp.size(record.name.path)
        if let total, offset > total { throw ClientError(.tampered, "the envelope is shorter than it was") }
        var done = offset
        progress(done, total)
        if total == nil || offset < total! {
            let descriptor = download.descriptor
            try await unsafe ftp.retrieve(record.name.path, from: offset) { piece in
                try unsafe PartialDownload.write(piece, to: descriptor, at: done)
                done += UInt64(piece.count)
                progress(done, total)
            }
        }
        let source = FileByteSource(descriptor: download.descriptor)
        let layout = try EnvelopeLayout(scanning: source)
        guard layout.footerHash == record.opening.envelopeRoot, layout.objectID == record.opening.objectID else {
            throw ClientError(.tampered, "the envelope of \(record.name) is not the one on the ledger")
        }
        guard layout.headersDigest == record.opening.headersDigest else {
            throw ClientError(.tampered, "the header of \(record.name) is not the one on the ledger")
        }
        return FetchedEnvelope(layout: layout, source: source)
    }

    private func finish(
        _ record: ProvenRecord, _ envelope: FetchedEnvelope, identities: [Identity], target: String, envelopeOnly: Bool, mayReplace: Bool,
        resumed: UInt64
    ) throws -> GetReport {
        var digest = SHA256()
        var originalName: String?
        let byteCount: UInt64
        if envelopeOnly {
            try EnvelopeVerifier.verifyBody(envelope.layout, source: envelope.source, signerKeys: nil)
            byteCount = envelope.layout.byteCount
            digest = try envelope.digest()
            try PartialDownload.publish(target + ".part", as: target)
        } else {
            let reader = try EnvelopeReader(layout: envelope.layout, source: envelope.source, identities: identities, cache: wrapKeys)
            let output = try OutputFile(target, mayReplace: mayReplace)
            try unsafe reader.readAll(emit: { piece in
                unsafe digest.update(bufferPointer: piece)
                try unsafe output.write(piece)
            })
            byteCount = reader.plaintextByteCount
            originalName = reader.metadata.originalName
            if let time = reader.metadata.clientModificationTime { output.setModificationTime(Int64(clamping: time)) }
            try output.commit()
        }
        return GetReport(
            remote: record.name.path.description, file: target, byteCount: byteCount, sha256: Array(digest.finalize()).hexadecimal,
            originalName: originalName, version: record.version, headerRevision: record.opening.headerRevision,
            ledgerIndex: record.proof.index, ledgerSize: log.size, resumedFrom: resumed)
    }
}

/// An envelope on this machine whose frame agrees with the ledger.
struct FetchedEnvelope {
    let layout: EnvelopeLayout
    let source: FileByteSource

    /// SHA-256 over the whole file, not yet finalised.
    func digest() throws -> SHA256 {
        var digest = SHA256()
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var offset: UInt64 = 0
        while true {
            let count = try unsafe buffer.withUnsafeMutableBytes { unsafe try source.read(at: offset, into: $0) }
            if count == 0 { return digest }
            digest.update(data: buffer[..<count])
            offset += UInt64(count)
        }
    }
}
