// Putting files: sealed on this machine while they are sent, then checked on the ledger.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Glibc
internal import Keyring
internal import Ledger

/// What came of putting a file.
package struct PutReport: Encodable, Sendable {
    package let file: String
    package let remote: String
    package let byteCount: UInt64
    /// SHA-256 of the content.
    package let sha256: String
    /// Bytes that were sent.
    package let envelopeByteCount: UInt64
    /// People who can open it.
    package let recipients: [String]
    /// Policies: whoever satisfies one of them can open it.
    package let policies: [String]
    /// Whether a quantum computer would not help to open it. Policies do not stand up to one.
    package let isPostQuantum: Bool
    package let version: UInt64
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
}

/// How files are sealed.
package struct PutOptions: Sendable {
    /// Further people who can open it.
    package var recipients: [String]
    /// Policies as typed; whoever satisfies one of them can open it.
    package var policies: [String]
    /// Hide the exact size.
    package var isPadded: Bool

    package init(recipients: [String] = [], policies: [String] = [], isPadded: Bool = false) {
        self.recipients = recipients
        self.policies = policies
        self.isPadded = isPadded
    }
}

extension ClientSession {
    /// Seals and sends files, one encapsulation for all of them.
    ///
    /// - Parameters:
    ///   - remote: the name for one file, or a folder; `nil` for `/records/USER`.
    ///   - isFolder: `remote` is a folder.
    package func put(
        _ files: [String], to remote: RemoteName?, isFolder: Bool, options: PutOptions, progress: @escaping (String) -> Progress
    ) async throws -> [PutReport] {
        let folder = try remote ?? RemoteName("/records/\(user)")
        var targets: [(file: String, name: RemoteName)] = []
        for file in files {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            do {
                let target = remote == nil || isFolder ? RemoteName(path: try folder.path.appending(name)) : folder
                targets.append((file, try target.envelope()))
            } catch let error as PathError {
                throw ClientError(.usage, "\(file): \(error)")
            }
        }
        let names = targets.map(\.name.path.description)
        if let double = targets.first(where: { target in names.count { $0 == target.name.path.description } > 1 }) {
            throw ClientError(.usage, "several files would be stored as \(double.name)", hint: "put them one by one, or into different folders")
        }
        let addressees = try await addressees(of: options, targets: targets.map(\.name))
        let wrapKey = try WrapKey(recipients: try await recipients(addressees))
        for folder in Set(targets.map(\.name.path.parent)).sorted(by: { $0.description < $1.description }) {
            try await makeFolders(to: folder)
        }
        // Nothing is sent when a file cannot be read.
        for file in files { _ = try InputFile(file) }
        let signer = try keyring.signer()
        let shipments = targets.map { file, name in
            Shipment(name) { try Self.content(of: file, wrapKey: wrapKey, signer: signer, options: options, progress: progress(file)) }
        }
        let sent: [(summary: MemberSummary, record: ProvenRecord)]
        do throws(NumberedFailure) {
            sent = try await send(shipments)
        } catch {
            throw ClientError(error.error).during(targets[error.number].file)
        }
        return zip(targets, sent).map { target, sent in
            PutReport(
                file: target.file, remote: target.name.path.description, byteCount: sent.summary.plaintextByteCount,
                sha256: sent.summary.plaintextSHA256.hexadecimal, envelopeByteCount: sent.summary.totalLength, recipients: addressees.people,
                policies: addressees.policies, isPostQuantum: wrapKey.stanzas.allSatisfy(\.isPostQuantum), version: sent.record.version,
                ledgerIndex: sent.record.proof.index, ledgerSize: log.size)
        }
    }

    private static func content(
        of file: String, wrapKey: WrapKey, signer: Signer, options: PutOptions, progress: @escaping Progress
    ) throws -> ShipmentContent {
        let input = try InputFile(file)
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey,
            options: SealingOptions(padding: options.isPadded ? .padme : .none), signer: signer)
        let metadata = RecordMetadata(
            originalName: input.name, mediaType: MediaType.of(input.name), clientModificationTime: input.modificationTime)
        return ShipmentContent(sealer: sealer, metadata: metadata) {
            guard let piece = try input.read() else {
                try input.requireUnchanged(byteCount: sealer.plaintextByteCount)
                return nil
            }
            progress(sealer.plaintextByteCount + UInt64(piece.count), input.byteCount)
            return piece
        }
    }

    /// Makes the folders below an owner's folder that are not there yet.
    func makeFolders(to folder: VirtualPath) async throws {
        var path = RemoteName(path: folder).folder ?? folder
        guard let names = folder.components(below: path) else { return }
        for name in names {
            path = try path.appending(name)
            if try await ftp.entry(path) == nil { try await ftp.makeDirectory(path) }
        }
    }

    /// Ourselves, those asked for, and those whose inbox or mail is written to, with the policy of that inbox.
    private func addressees(of options: PutOptions, targets: [RemoteName]) async throws -> [Addressee] {
        var all = [Addressee(user, key: try keyring.bundle().recipient)]
        let owners = targets.filter { $0.tree == "mail" || $0.tree == "inbox" }.compactMap(\.owner)
        for name in options.recipients + owners where !all.contains(where: { $0.name == name }) {
            all.append(Addressee(name, key: try await contact(name).bundle.recipient))
        }
        var policies: [Policy] = []
        for text in options.policies { policies.append(try await policy(typed: text)) }
        for folder in Set(targets.filter { $0.tree == "inbox" }.compactMap(\.folder)) {
            if let text = try await folderPolicy(folder)?.document.policy, !text.isEmpty { policies.append(try await policy(typed: text)) }
        }
        for policy in policies where !all.contains(where: { $0.target == .policy(policy) }) { all.append(Addressee(policy)) }
        return all
    }
}
