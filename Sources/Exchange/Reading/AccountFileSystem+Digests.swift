/// HASH and XSHA256: from the session's memory, from the catalogue, or by reading once.
///
/// A digest of a whole file is a fact like its size, so it leaves no entry of access on the ledger. The digest of a part is as good as
/// its bytes when the part is short, so it is a read like any other. What the server sealed for others alone it cannot read.
import CanonicalEncoding
import Crypto
import FTPProtocol
import FTPServer
import Ledger
import RecordStore
import Synchronization

/// What a session sent: the state of the digest at its end, so that the session can also continue it.
struct SentContent {
    let digest: SHA256
    let subject: DigestSubject
}

extension AccountFileSystem {
    func sha256(of path: VirtualPath, in part: ByteRange?) async throws(FileSystemError) -> String {
        guard case .folder(let folder, let components) = Location(path) else {
            guard let part else { return try await sha256(of: try await opened(path, at: 0).0) }
            return try await sha256(of: try await openForReading(path, at: part.first, atMost: part.byteCount))
        }
        let (access, version, subject) = try await digestible(folder, components)
        if part == nil, let sent = sentDigest(version.version, subject) { return sent }
        if part != nil { _ = try tree.authorize(.read, path) }
        if subject == .content, access.folder.profile != .gateway {
            throw .unsupported(
                part == nil
                    ? "The server cannot read what it sealed: the digest is known in a session that sent the file from its first byte; reply 226 told it then"
                    : "The server cannot read what it sealed, so it knows no digest of a part; send HASH without RANG in the session that sent the file")
        }
        if let part {
            return try await sha256(of: try await openForReading(path, at: part.first, atMost: part.byteCount))
        }
        return try await wholeDigest(version, subject)
    }

    /// What the session knows of a version that it sent itself.
    func sentDigest(_ version: StoredVersion, _ subject: DigestSubject) -> String? {
        let sent = memory.withLock { $0.sent[version.envelopeRoot] }
        guard let sent, sent.subject == subject else { return nil }
        return Array(sent.digest.finalize()).hexadecimal
    }

    /// Remembers what was sent, by the digest of the last footer, which is the envelope's root when it is published.
    func remember(_ digest: SHA256, _ subject: DigestSubject, footerHash: [UInt8]) {
        memory.withLock { memory in
            if memory.sent.count >= 10_000 { memory.sent.removeAll() }
            memory.sent[footerHash] = SentContent(digest: digest, subject: subject)
        }
    }

    static func digestSubject(_ version: StoredVersion, showsEnvelope: Bool) -> DigestSubject {
        !showsEnvelope && version.isSealedOnIngest ? .content : .envelope(revision: version.headerRevision)
    }

    private func digestible(
        _ folder: FolderPath, _ components: [String]
    ) async throws(FileSystemError) -> (AccountTree.Access, RecordVersion, DigestSubject) {
        let access = try requireAccess(folder)
        return try await reading { [self] db in
            guard let found = try find(db, access, components) else { throw FileSystemError.notFound }
            guard let record = found.node?.recordID else { throw FileSystemError.isDirectory }
            guard let version = try site.recordVersion(db, record) else { throw FileSystemError.notFound }
            return (access, version, Self.digestSubject(version.version, showsEnvelope: found.showsEnvelope))
        }
    }

    /// As it was stored at the commit. What was stored by an older program, or continued by another session, is read once.
    private func wholeDigest(_ version: RecordVersion, _ subject: DigestSubject) async throws(FileSystemError) -> String {
        let root = version.version.envelopeRoot
        let stored = try await reading { [site] db in try site.catalogue.digest(db, of: subject, envelopeRoot: root) }
        if let stored { return stored.hexadecimal }
        let reader: any FileReader = try await onPool { [self] in
            let source = try EnvelopeSource(store: site.blobs, members: version.members)
            guard subject == .content else { return EnvelopeFileReader(fileSystem: self, source: source, offset: 0) }
            return try GatewayFileReader(fileSystem: self, source: source, gateway: site.keys.gateway, offset: 0)
        }
        let digest = try await StreamDigest(fileSystem: self).sha256(of: reader)
        do {
            _ = try await site.ledger.submit([]) { [site] db, _ in try site.catalogue.storeDigest(db, digest, of: subject, envelopeRoot: root) }
        } catch {
            throw mapped(error)
        }
        return digest.hexadecimal
    }

    private func sha256(of reader: any FileReader) async throws(FileSystemError) -> String {
        do throws(FileSystemError) {
            let digest = try await StreamDigest(fileSystem: self).sha256(of: reader)
            await reader.close()
            return digest.hexadecimal
        } catch {
            await reader.close()
            throw error
        }
    }
}

/// SHA-256 of all that a reader gives. Reads and hashes on the disk pool, a block at a time; a cancelled task gives up.
private struct StreamDigest {
    let fileSystem: AccountFileSystem

    func sha256(of reader: any FileReader) async throws(FileSystemError) -> [UInt8] {
        let state = Mutex(SHA256())
        let buffer = TransferBuffer()
        while !Task.isCancelled {
            buffer.count = 0
            try await reader.read(into: buffer)
            if buffer.count == 0 { return state.withLock { Array($0.finalize()) } }
            try await fileSystem.onPool { state.withLock { unsafe $0.update(bufferPointer: buffer.bytes) } }
        }
        throw .unavailable("The digest was given up")
    }
}
