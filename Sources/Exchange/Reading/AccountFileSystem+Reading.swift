/// RETR: which bytes a path gives, and the readers that give them.
import Audit
import Authentication
import Envelope
import FTPProtocol
import FTPServer
import Ledger
import Logging
import RecordStore

extension AccountFileSystem {
    func openForReading(_ path: VirtualPath, at offset: UInt64, atMost byteCount: UInt64?) async throws(FileSystemError) -> any FileReader {
        let (whole, facts) = try await tellingRefusal(.read, path) { () throws(FileSystemError) in
            let (whole, facts) = try await opened(path, at: offset)
            if byteCount != nil, whole.remainingByteCount == 0 {
                await whole.close()
                throw .pastEnd(byteCount: offset)
            }
            return (whole, facts)
        }
        let reader = byteCount.map { LimitedReader(whole, byteCount: $0) } ?? whole
        guard let facts else { return reader }
        return AuditedReader(reader, fileSystem: self, path: path, facts: facts)
    }

    /// The reader, and what the audit log is to be told of it; nil for what everyone may read.
    func opened(_ path: VirtualPath, at offset: UInt64) async throws(FileSystemError) -> (any FileReader, AuditFacts?) {
        switch Location(path) {
        case .root, .section, .keys(nil): throw .isDirectory
        case .nowhere: throw .notFound
        case .ledger(let components):
            if (try? ledgerListing(components)) != nil { throw .isDirectory }
            return (try BytesReader(try await ledgerBytes(components), at: offset, "ledger file"), nil)
        case .keys(let name?): return (try BytesReader(try await keyProof(of: name), at: offset, "public keys with proof"), nil)
        case .sharing(let location):
            let isRelease = if case .release = location { true } else { false }
            return (try BytesReader(try await sharingBytes(location), at: offset, "document of sharing"), isRelease ? AuditFacts() : nil)
        case .hidden(let folder, .versions, let components) where components.last?.hasSuffix(".phr") == true && components.count > 1:
            let version = try await oldVersion(folder, components, suffix: ".phr")
            return (try await envelope(version, at: offset), version.auditFacts)
        case .hidden(let folder, let view, let components):
            guard !components.isEmpty else { throw .isDirectory }
            return (try BytesReader(try await hiddenBytes(folder, view, components), at: offset, view == .headers ? "headers" : "proof"), nil)
        case .folder(let folder, let components):
            let access = try requireAccess(folder)
            let (record, showsEnvelope) = try await reading { [self] db in
                guard let found = try find(db, access, components) else { throw FileSystemError.notFound }
                guard let record = found.node?.recordID else { throw FileSystemError.isDirectory }
                return (record, found.showsEnvelope)
            }
            let version = try await version(of: record)
            if !showsEnvelope, version.version.isSealedOnIngest {
                guard access.folder.profile == .gateway else {
                    // Its name has the size that was sent: a client that trusts SIZE would cut the longer envelope short and not notice.
                    throw .denied("the server cannot open what it sealed; the envelope can be fetched as \(path.last ?? "").phr")
                }
                return (try await gatewayReader(version, at: offset), version.auditFacts)
            }
            return (try await envelope(version, at: offset), version.auditFacts)
        }
    }

    private func envelope(_ version: RecordVersion, at offset: UInt64) async throws(FileSystemError) -> any FileReader {
        try await onPool { [self] in
            let source = try EnvelopeSource(store: site.blobs, members: version.members)
            guard offset <= source.byteCount else { throw FileSystemError.pastEnd(byteCount: source.byteCount) }
            return EnvelopeFileReader(fileSystem: self, source: source, offset: offset)
        }
    }

    /// Opens a file for a legacy client. Each such read stands on the ledger and in the audit log before a byte is sent.
    private func gatewayReader(_ version: RecordVersion, at offset: UInt64) async throws(FileSystemError) -> any FileReader {
        let reader = try await onPool { [self] in
            try GatewayFileReader(
                fileSystem: self, source: try EnvelopeSource(store: site.blobs, members: version.members), gateway: site.keys.gateway, offset: offset)
        }
        let access = AccessTransaction(
            recordID: version.version.recordID, version: version.version.number, readerPseudonym: account.pseudonym, purpose: 1)
        do {
            let receipt = try await site.ledger.submit([.access(access)])
            logger.notice("gateway read", metadata: ["audit.user": "\(account.name)", "audit.index": "\(receipt.indices.first ?? 0)"])
        } catch {
            throw mapped(error)
        }
        return reader
    }
}

extension RecordVersion {
    fileprivate var auditFacts: AccountFileSystem.AuditFacts {
        .init(record: version.recordID, version: version.number, index: version.commitmentIndex)
    }
}
