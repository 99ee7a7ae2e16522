// Sharing: a new header for an unchanged body. Unsharing: the content sealed anew for those who stay.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// What came of sharing.
package struct ShareReport: Encodable, Sendable {
    package let remote: String
    /// Names of all people who can open it now.
    package let recipients: [String]
    /// Policies: whoever satisfies one of them can open it.
    package let policies: [String]
    /// Whether a quantum computer would not help to open it.
    package let isPostQuantum: Bool
    package let version: UInt64
    package let headerRevision: UInt64
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    /// Nothing had to be changed.
    package let wasAlreadySo: Bool
    /// The content was sealed anew under a new key, as a new version.
    package let isResealed: Bool
}

/// Who is to be taken out of those who can open a record.
package struct UnshareOptions: Sendable {
    package var people: [String]
    /// Policies as typed.
    package var policies: [String]
    /// Every policy.
    package var allPolicies: Bool
    /// Seal under the newest records of the authorities, even if nobody is taken out by name.
    package var renewsPolicies: Bool
    /// Write a new header for the old body instead of sealing the content anew.
    package var headerOnly: Bool

    package init(people: [String] = [], policies: [String] = [], allPolicies: Bool = false, renewsPolicies: Bool = false, headerOnly: Bool = false) {
        self.people = people
        self.policies = policies
        self.allPolicies = allPolicies
        self.renewsPolicies = renewsPolicies
        self.headerOnly = headerOnly
    }
}

extension ClientSession {
    /// Lets people, and all who satisfy policies, open a record from now on: a new header under the same file key.
    package func share(_ name: RemoteName, with people: [String], policies: [String] = []) async throws -> ShareReport {
        try await rewrap(
            try await change(of: name) { current in
                var addressees = current
                for person in people {
                    let contact = try await self.contact(person)
                    let isThere = current.contains { $0.key.map { contact.bundle.keyIDs.contains($0.keyID) } ?? false }
                    if !isThere { addressees.append(Addressee(person, key: contact.bundle.recipient)) }
                }
                for text in policies {
                    let addressee = Addressee(try await self.policy(typed: text))
                    if !addressees.contains(addressee) { addressees.append(addressee) }
                }
                return addressees
            })
    }

    /// Takes people and policies out. What has already been opened or copied stays with who has it.
    ///
    /// The content is sealed anew under a new file key as the record's next version, so that even a reader who kept the
    /// old file key cannot open what the server shows from now on. With `headerOnly` the body stays under its key: that keeps
    /// out whoever comes later; one who kept the file key could still open the body, if he got hold of it.
    package func unshare(_ name: RemoteName, _ options: UnshareOptions, progress: @escaping Progress = { _, _ in }) async throws -> ShareReport {
        guard !options.people.contains(user) else { throw ClientError(.usage, "you cannot take yourself out") }
        let change = try await change(of: name) { current in
            var removed: Set<[UInt8]> = []
            for person in options.people { removed.formUnion(try await self.contact(person).bundle.keyIDs) }
            var policies: Set<Policy> = []
            for text in options.policies {
                let policy = try await self.policy(typed: text)
                guard current.contains(where: { $0.policy == policy }) else {
                    throw ClientError(.notFound, "\(name) is not sealed under the policy \(policy)", hint: "phr info shows its policies")
                }
                policies.insert(policy)
            }
            return current.filter { addressee in
                switch addressee.target {
                case .key(let recipient): !removed.contains(recipient.keyID)
                case .policy(let policy): !options.allPolicies && !policies.contains(policy)
                }
            }
        }
        if change.isNone, !options.renewsPolicies { return report(change.record, for: change.current, wasAlreadySo: true) }
        if options.headerOnly { return try await rewrap(change, evenIfNone: true) }
        let record = try await reseal(
            change.record, identities: change.identities, for: try await recipients(change.wanted), progress: progress)
        return report(record, for: change.wanted, wasAlreadySo: false, isResealed: true)
    }

    /// Who can open a record, and who is to.
    private struct RecipientChange {
        let record: ProvenRecord
        let identities: [Identity]
        let current: [Addressee]
        let wanted: [Addressee]

        var isNone: Bool { Set(wanted) == Set(current) }
    }

    private func change(of name: RemoteName, to wanted: ([Addressee]) async throws -> [Addressee]) async throws -> RecipientChange {
        if name.tree == "records", let owner = name.owner, owner != user {
            throw ClientError(.denied, "only \(owner) can change who opens \(name)")
        }
        let record = try await record(name)
        let identities = try identities()
        guard record.isFor(identities) else {
            throw ClientError(.wrongKey, "\(name) is not sealed for you, so you cannot share it")
        }
        let current = try await addressees(of: record.stanzas)
        return RecipientChange(record: record, identities: identities, current: current, wanted: try await wanted(current))
    }

    /// Writes a new header for the body as it is.
    private func rewrap(_ change: RecipientChange, evenIfNone: Bool = false) async throws -> ShareReport {
        let record = change.record
        if change.isNone, !evenIfNone { return report(record, for: change.current, wasAlreadySo: true) }
        let notAfter = try EnvelopeHead(parsing: record.heads[0]).notAfter
        let heads = try HeaderRewriter.rewrap(
            heads: record.heads, opening: change.identities, recipients: try await recipients(change.wanted),
            revision: record.opening.headerRevision + 1, notAfter: notAfter, owner: try keyring.signer(), slot: .lean, cache: wrapKeys)
        try await ftp.store(try record.name.headers(), bytes: Array(heads.joined()))
        let published = try await self.record(record.name)
        guard published.heads == heads else {
            throw ClientError(.notOnLedger, "the server has another header than the one that was sent")
        }
        return report(published, for: change.wanted, wasAlreadySo: false)
    }

    private func report(_ record: ProvenRecord, for addressees: [Addressee], wasAlreadySo: Bool, isResealed: Bool = false) -> ShareReport {
        ShareReport(
            remote: record.name.path.description, recipients: addressees.people, policies: addressees.policies,
            isPostQuantum: record.stanzas.allSatisfy(\.isPostQuantum), version: record.version,
            headerRevision: record.opening.headerRevision, ledgerIndex: record.proof.index, ledgerSize: log.size,
            wasAlreadySo: wasAlreadySo, isResealed: isResealed)
    }
}
