/// The owner replaces a record's header (share) or registers his public keys.
import Audit
import Authentication
import CanonicalEncoding
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import Logging
import RecordStore
import Transport

extension AccountFileSystem {
    func headerWriter(_ path: VirtualPath, _ folder: FolderPath, _ components: [String], _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter {
        guard mode == .replace else { throw .unsupported("Headers are replaced as a whole") }
        let record = try await hiddenRecord(folder, components)
        return SmallFileWriter(path, limit: 16 << 20) { [self] bytes throws(FileSystemError) in
            try await replaceHeaders(of: record, at: path, with: bytes)
        }
    }

    private func replaceHeaders(of record: [UInt8], at path: VirtualPath, with bytes: [UInt8]) async throws(FileSystemError) -> String {
        do {
            let current = try await version(of: record)
            let (heads, readers, revision) = try await site.pool.run { [self] in
                let heads = try HeaderRewriter.split(bytes)
                try HeaderRewriter.sameBody(try site.heads(of: current.members), heads)
                guard let bundle = try site.database.read({ try site.catalogue.currentKeyBundle($0, account: account.pseudonym) }) else {
                    throw FileSystemError.policy("Register your keys first: phr login")
                }
                try HeaderRewriter.verifyOwnerSignature(heads: heads, ownerPublicKey: try KeyBundle(decoding: bundle.bundle).signingKey)
                let parsed = try heads.map { try EnvelopeHead(parsing: $0) }
                return (heads, try site.readerIDs(of: parsed.flatMap(\.stanzas)), parsed[0].revision)
            }
            guard revision == current.version.headerRevision + 1 else {
                throw FileSystemError.policy(
                    "The header has revision \(revision), but \(current.version.headerRevision + 1) is next: somebody changed it meanwhile; try again")
            }
            let opening = try RecordOpening(
                salt: randomBytes(32), objectID: current.version.objectID, envelopeRoot: current.version.envelopeRoot,
                headersDigest: EnvelopeHead.headersDigest(of: heads), headerRevision: revision)
            let signer = try EnvelopeHead(parsing: heads[0]).ownerKeyID ?? []
            let transaction = HeaderTransaction(
                recordID: record, version: current.version.number, headerRevision: revision, commitment: opening.commitment, signerKeyID: signer)
            let (_, receipt) = try await site.ledger.submit([.header(transaction)]) { [site] db, indices in
                // A new version begins at revision 0 again: its number must be the same, too.
                guard let latest = try site.catalogue.latestVersion(db, record), latest.number == current.version.number, latest.headerRevision == revision - 1
                else {
                    throw FileSystemError.unavailable("The record was changed in the meantime; try again")
                }
                try site.catalogue.replaceHeads(
                    db,
                    HeaderChange(
                        recordID: record, version: current.version.number, heads: heads, headerRevision: revision,
                        headersDigest: opening.headersDigest, salt: opening.salt, commitmentIndex: indices[0], readers: readers))
            }
            await tell(.headerChanged, path, .init(record: record, version: current.version.number, index: receipt.indices[0]))
            logger.info("header replaced", metadata: ["ledger.index": "\(receipt.indices[0])"])
            return "Header replaced. revision=\(revision) index=\(receipt.indices[0]) height=\(receipt.head.height)"
        } catch let error as EnvelopeError {
            throw .policy("The header is refused: \(error.description)")
        } catch {
            throw mapped(error)
        }
    }

    func keyWriter(_ path: VirtualPath, _ mode: WriteMode) throws(FileSystemError) -> any FileWriter {
        guard mode == .replace else { throw .unsupported("Keys are replaced as a whole") }
        return SmallFileWriter(path, limit: KeyBundle.maximumByteCount) { [self] bytes throws(FileSystemError) in
            try await registerKeys(bytes)
        }
    }

    private func registerKeys(_ bytes: [UInt8]) async throws(FileSystemError) -> String {
        do {
            let bundle = try KeyBundle(decoding: bytes)
            let earlier = try await reading { [site, account] db in try site.catalogue.currentKeyBundle(db, account: account.pseudonym) }
            if let earlier {
                if earlier.bundle == bytes { return "These keys are registered already. index=\(earlier.ledgerIndex)" }
                try bundle.verify(following: try KeyBundle(decoding: earlier.bundle))
            } else {
                guard bundle.sequence == 0 else { throw FileSystemError.policy("The first key bundle has sequence 0") }
            }
            let role: KeyRole =
                switch account.role {
                case .patient: .patient
                case .clinic: .clinic
                case .doctor: .doctor
                case .service: .service
                }
            let transaction = KeyTransaction(pseudonym: account.pseudonym, role: role, bundle: bytes, sequence: bundle.sequence)
            let (_, receipt) = try await site.ledger.submit([.key(transaction)]) { [site, account] db, indices in
                try site.catalogue.storeKeyBundle(
                    db, StoredKeyBundle(account: account.pseudonym, sequence: bundle.sequence, bundle: bytes, ledgerIndex: indices[0]),
                    keyIDs: bundle.keyIDs)
            }
            await tell(.keysRegistered, index: receipt.indices[0])
            logger.notice("keys registered", metadata: ["ledger.index": "\(receipt.indices[0])"])
            return "Keys registered. index=\(receipt.indices[0]) height=\(receipt.head.height)"
        } catch let error as EnvelopeError {
            throw .policy("The keys are refused: \(error.description)")
        } catch {
            throw mapped(error)
        }
    }
}
