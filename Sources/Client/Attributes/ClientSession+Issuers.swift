// A hospital's issuers: who may issue in its name, each on places of his own.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import Keyring

/// What came of adding an issuer.
package struct IssuerReport: Encodable, Sendable {
    package let authority: String
    package let name: String
    package let signingKeyID: String
    package let firstLeaf: UInt32
    package let lastLeaf: UInt32
    /// Number of the record that lists him.
    package let sequence: UInt64
    package let ledgerIndex: UInt64
    /// Seconds since 1970.
    package let added: UInt64
    package let removed: UInt64?
}

extension ClientSession {
    /// Lists somebody in the authority's record and mails him its secret key and a range of places.
    ///
    /// - Parameter leafCount: how many keys he can have out at once, rounded up to a power of two; `nil` is a sixteenth of all.
    package func addIssuer(_ name: String, leafCount: UInt32?, authority: String?) async throws -> IssuerReport {
        try await takeReports()
        let ready = try await ownAuthority(authority)
        guard name != user else { throw ClientError(.usage, "you issue as the authority itself") }
        let contact = try await contact(name)
        if let known = ready.held.issuers.first(where: { $0.name == name && $0.removed == nil }) {
            // Sent once more: the mail may have been lost.
            try await sendGrant(to: known, of: ready)
            return try report(known, ready)
        }
        let count = try Self.rangeCount(leafCount ?? max(1, ready.held.leafCount / 16))
        let issuer = HeldAuthority.ListedIssuer(
            name: name, signingKey: contact.bundle.signingKey, leaves: try ready.held.freeRange(of: count), added: now)
        let published = try await publishNext(
            of: ready, revocations: ready.record.revocations, issuers: ready.record.issuers + [contact.bundle.signingKeyID]
        ) { held in
            // Once more, on the register as it is now.
            guard try held.freeRange(of: count) == issuer.leaves else {
                throw ClientError(.tryLater, "places were given out meanwhile", hint: "run the command again")
            }
            held.issuers.append(issuer)
        }
        try await sendGrant(to: issuer, of: published)
        return try report(issuer, published)
    }

    /// Takes somebody off the list. He had the secret key, so the authority gets a new one, and all who hold keys get new keys.
    package func removeIssuer(_ name: String, authority: String?, progress: IssueProgress) async throws -> ReissueReport {
        try await takeReports()
        let ready = try await ownAuthority(authority)
        guard ready.held.issuers.contains(where: { $0.name == name && $0.removed == nil }) else {
            throw ClientError(.notFound, "\(name) does not issue for \(ready.held.name)", hint: "see who does: phr authority issuer list")
        }
        let staying = ready.held.issuers.filter { $0.removed == nil && $0.name != name }
        return try await rotate(ready, reason: "issuer \(name) removed", issuers: staying, progress: progress)
    }

    /// All who issue or have issued in our name.
    package func listIssuers(authority: String?) async throws -> [IssuerReport] {
        let ready = try await ownAuthority(authority)
        return try ready.held.issuers.map { try report($0, ready) }
    }

    /// Mails the current secret key to an issuer.
    func sendGrant(to issuer: HeldAuthority.ListedIssuer, of ready: ReadyAuthority) async throws {
        let contact = try await contact(issuer.name)
        guard contact.bundle.signingKey == issuer.signingKey else {
            throw ClientError(
                .tampered, "\(issuer.name) has other keys now than when he was made an issuer",
                hint: "take him out and add him again: phr authority issuer remove \(issuer.name)")
        }
        let epoch = ready.held.currentEpoch
        let grant = IssuerGrant(
            heading: heading(.issuerGrant, to: issuer.name), epoch: epoch.number, created: epoch.created, depth: ready.held.depth, leaves: issuer.leaves,
            record: ready.held.record, secret: epoch.secret, nameKey: ready.held.nameKey)
        try await mail(try grant.withEncoded { try seal($0, .issuerGrant, for: contact) }, .issuerGrant, to: issuer.name)
    }

    private static func rangeCount(_ wanted: UInt32) throws(ClientError) -> UInt32 {
        guard (1...(1 << 23)).contains(wanted) else { throw ClientError(.usage, "an issuer needs 1 to \(1 << 23) places, not \(wanted)") }
        var count: UInt32 = 1
        while count < wanted { count *= 2 }
        return count
    }

    private func report(_ issuer: HeldAuthority.ListedIssuer, _ ready: ReadyAuthority) throws -> IssuerReport {
        IssuerReport(
            authority: ready.held.name, name: issuer.name, signingKeyID: KeyIdentifier.of(.ed25519, publicKey: issuer.signingKey).hexadecimal,
            firstLeaf: issuer.leaves.lowerBound, lastLeaf: issuer.leaves.upperBound - 1, sequence: ready.record.sequence,
            ledgerIndex: try ready.checked.provenIndex, added: issuer.added, removed: issuer.removed)
    }
}
