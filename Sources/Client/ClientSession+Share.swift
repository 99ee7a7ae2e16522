// Sharing and unsharing: a new header for an unchanged body, signed by the owner and put on the ledger.

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
    package let headerRevision: UInt64
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    /// Nothing had to be changed.
    package let wasAlreadySo: Bool
}

extension ClientSession {
    /// Lets people open a record from now on.
    package func share(_ name: RemoteName, with people: [String]) async throws -> ShareReport {
        try await rewrap(name) { current in
            var recipients = current
            for person in people {
                let contact = try await self.contact(person)
                let isThere = current.contains { contact.bundle.keyIDs.contains($0.recipient.keyID) }
                if !isThere { recipients.append((contact.bundle.recipient, person)) }
            }
            return recipients
        }
    }

    /// Takes people out. What they have already opened or copied stays with them.
    package func unshare(_ name: RemoteName, from people: [String]) async throws -> ShareReport {
        guard !people.contains(user) else { throw ClientError(.usage, "you cannot take yourself out") }
        return try await rewrap(name) { current in
            var removed: Set<[UInt8]> = []
            for person in people { removed.formUnion(try await self.contact(person).bundle.keyIDs) }
            return current.filter { !removed.contains($0.recipient.keyID) }
        }
    }

    private typealias NamedRecipient = (recipient: Recipient, name: String)

    private func rewrap(
        _ name: RemoteName, change: ([NamedRecipient]) async throws -> [NamedRecipient]
    ) async throws -> ShareReport {
        if name.tree == "records", let owner = name.owner, owner != user {
            throw ClientError(.denied, "only \(owner) can change who opens \(name)")
        }
        let record = try await record(name)
        let identities = try identities()
        guard record.isFor(identities) else {
            throw ClientError(.wrongKey, "\(name) is not sealed for you, so you cannot share it")
        }
        let current = try await recipients(of: record.stanzas)
        let wanted = try await change(current)
        if Set(wanted.map(\.recipient)) == Set(current.map(\.recipient)) {
            return report(record, recipients: current, wasAlreadySo: true)
        }
        let notAfter = try EnvelopeHead(parsing: record.heads[0]).notAfter
        let heads = try HeaderRewriter.rewrap(
            heads: record.heads, opening: identities, recipients: wanted.map(\.recipient), revision: record.opening.headerRevision + 1,
            notAfter: notAfter, owner: try keyring.signer(), slot: .lean)
        try await ftp.store(try name.headers(), bytes: Array(heads.joined()))
        let published = try await self.record(name)
        guard published.heads == heads else {
            throw ClientError(.notOnLedger, "the server has another header than the one that was sent")
        }
        return report(published, recipients: wanted, wasAlreadySo: false)
    }

    private func report(_ record: ProvenRecord, recipients: [NamedRecipient], wasAlreadySo: Bool) -> ShareReport {
        var names: [String] = []
        for recipient in recipients where !names.contains(recipient.name) { names.append(recipient.name) }
        return ShareReport(
            remote: record.name.path.description, recipients: names, headerRevision: record.opening.headerRevision,
            ledgerIndex: record.proof.index, ledgerSize: log.size, wasAlreadySo: wasAlreadySo)
    }
}
