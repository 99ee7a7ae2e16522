// Sharing: a new header for an unchanged body. Unsharing: the content sealed anew for those who stay.

internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// What came of sharing.
package struct ShareReport: Encodable, Sendable {
    package let remote: String
    /// Names of all who can open it now.
    package let recipients: [String]
    package let version: UInt64
    package let headerRevision: UInt64
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    /// Nothing had to be changed.
    package let wasAlreadySo: Bool
    /// The content was sealed anew under a new key, as a new version.
    package let isResealed: Bool
}

extension ClientSession {
    /// Lets people open a record from now on.
    package func share(_ name: RemoteName, with people: [String]) async throws -> ShareReport {
        try await rewrap(
            try await change(of: name) { current in
                var recipients = current
                for person in people {
                    let contact = try await self.contact(person)
                    let isThere = current.contains { contact.bundle.keyIDs.contains($0.recipient.keyID) }
                    if !isThere { recipients.append((contact.bundle.recipient, person)) }
                }
                return recipients
            })
    }

    /// Takes people out. What they have already opened or copied stays with them.
    ///
    /// The content is sealed anew under a new file key as the record's next version, so that even a reader who kept the
    /// old file key cannot open what the server shows from now on.
    /// - Parameter headerOnly: write a new header for the old body instead. It keeps out whoever comes later; one who kept
    ///   the file key could still open the body, if he got hold of it.
    package func unshare(
        _ name: RemoteName, from people: [String], headerOnly: Bool = false, progress: Progress = { _, _ in }
    ) async throws -> ShareReport {
        guard !people.contains(user) else { throw ClientError(.usage, "you cannot take yourself out") }
        let change = try await change(of: name) { current in
            var removed: Set<[UInt8]> = []
            for person in people { removed.formUnion(try await self.contact(person).bundle.keyIDs) }
            return current.filter { !removed.contains($0.recipient.keyID) }
        }
        if headerOnly || change.isNone { return try await rewrap(change) }
        let record = try await reseal(change.record, identities: change.identities, for: change.wanted.map(\.recipient), progress: progress)
        return report(record, recipients: change.wanted, wasAlreadySo: false, isResealed: true)
    }

    private typealias NamedRecipient = (recipient: Recipient, name: String)

    /// Who can open a record, and who is to.
    private struct RecipientChange {
        let record: ProvenRecord
        let identities: [Identity]
        let current: [NamedRecipient]
        let wanted: [NamedRecipient]

        var isNone: Bool { Set(wanted.map(\.recipient)) == Set(current.map(\.recipient)) }
    }

    private func change(
        of name: RemoteName, to wanted: ([NamedRecipient]) async throws -> [NamedRecipient]
    ) async throws -> RecipientChange {
        if name.tree == "records", let owner = name.owner, owner != user {
            throw ClientError(.denied, "only \(owner) can change who opens \(name)")
        }
        let record = try await record(name)
        let identities = try identities()
        guard record.isFor(identities) else {
            throw ClientError(.wrongKey, "\(name) is not sealed for you, so you cannot share it")
        }
        let current = try await recipients(of: record.stanzas)
        return RecipientChange(record: record, identities: identities, current: current, wanted: try await wanted(current))
    }

    /// Writes a new header for the body as it is.
    private func rewrap(_ change: RecipientChange) async throws -> ShareReport {
        let record = change.record
        if change.isNone { return report(record, recipients: change.current, wasAlreadySo: true) }
        let notAfter = try EnvelopeHead(parsing: record.heads[0]).notAfter
        let heads = try HeaderRewriter.rewrap(
            heads: record.heads, opening: change.identities, recipients: change.wanted.map(\.recipient),
            revision: record.opening.headerRevision + 1, notAfter: notAfter, owner: try keyring.signer(), slot: .lean)
        try await ftp.store(try record.name.headers(), bytes: Array(heads.joined()))
        let published = try await self.record(record.name)
        guard published.heads == heads else {
            throw ClientError(.notOnLedger, "the server has another header than the one that was sent")
        }
        return report(published, recipients: change.wanted, wasAlreadySo: false)
    }

    private func report(_ record: ProvenRecord, recipients: [NamedRecipient], wasAlreadySo: Bool, isResealed: Bool = false) -> ShareReport {
        var names: [String] = []
        for recipient in recipients where !names.contains(recipient.name) { names.append(recipient.name) }
        return ShareReport(
            remote: record.name.path.description, recipients: names, version: record.version,
            headerRevision: record.opening.headerRevision, ledgerIndex: record.proof.index, ledgerSize: log.size, wasAlreadySo: wasAlreadySo,
            isResealed: isResealed)
    }
}
