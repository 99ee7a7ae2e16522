// Taking keys back as far as that goes: revocation, new epochs, and new keys for all who stay.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPProtocol
internal import Keyring

/// What came of a revocation.
package struct RevocationReport: Encodable, Sendable {
    package let authority: String
    package let holder: String
    /// What the holder's keys had.
    package let attributes: [String]
    package let leaves: [UInt32]
    /// Number of the record that says so.
    package let sequence: UInt64
    package let ledgerIndex: UInt64
    /// How many are revoked in this epoch.
    package let revokedCount: Int
    /// Issuances on the site that no issuer has reported: some may be the holder's.
    package let unreportedCount: Int
}

/// What came of a new epoch, or of issuing anew.
package struct ReissueReport: Encodable, Sendable {
    package let authority: String
    package let epoch: UInt64
    package let sequence: UInt64
    package let ledgerIndex: UInt64
    package let issued: [IssueReport]
    /// Those who issue in our name and got the new key.
    package let issuers: [String]
    /// Holders whose keys had run out or could not be issued anew, with the reason.
    package let left: [RefusedMessage]

    package var failureCount: Int { issued.count { $0.failure != nil } }
}

/// Who gets new keys.
package enum ReissueScope: Sendable, Equatable {
    case holder(String)
    case all
    /// Those without a key of the current epoch that was handed over.
    case missing
}

extension ClientSession {
    // MARK: Revocation

    /// Revokes all keys that somebody has of the current epoch: what is sealed from now on does not open with them.
    package func revoke(_ name: String, authority: String?) async throws -> RevocationReport {
        try await takeReports()
        let ready = try await ownAuthority(authority)
        let issuances = ready.held.issuances.filter { $0.holder == name && $0.isOpen(in: ready) }
        guard !issuances.isEmpty else {
            let hadOne = ready.held.issuances.contains { $0.holder == name }
            throw ClientError(
                .notFound, hadOne ? "\(name) has no key of the current epoch that is not revoked" : "\(ready.held.name) has issued nothing to \(name)",
                hint: "see who holds what: phr authority show")
        }
        let leaves = Set(issuances.map(\.leaf))
        let published = try await publishRevocation(of: leaves, by: ready)
        return RevocationReport(
            authority: ready.held.name, holder: name, attributes: Set(issuances.flatMap(\.attributes)).sorted(), leaves: leaves.sorted(),
            sequence: published.record.sequence, ledgerIndex: try published.checked.provenIndex, revokedCount: published.record.revocations.revoked.count,
            unreportedCount: try await unreportedIssuances(of: published.held).count)
    }

    /// Makes and publishes a record in which leaves are revoked.
    @discardableResult
    func publishRevocation(of leaves: Set<UInt32>, by ready: ReadyAuthority) async throws -> ReadyAuthority {
        let record = ready.record
        let revocations = try RevocationList(depth: record.revocations.depth, revoked: record.revocations.revoked + leaves)
        let time = now
        return try await publishNext(of: ready, revocations: revocations, issuers: record.issuers) { authority in
            authority.markRevoked(leaves: leaves, epoch: record.publicKey.epoch, time: time)
        }
    }

    /// Makes the next record of our authority, keeps it in the keyring together with `change`, and publishes it.
    func publishNext(
        of ready: ReadyAuthority, secret: AuthoritySecretKey? = nil, revocations: RevocationList, issuers: [[UInt8]],
        change: (inout HeldAuthority) throws -> Void
    ) async throws -> ReadyAuthority {
        let signer = try keyring.signer()
        let record = try AuthorityRecord(
            publicKey: secret?.publicKey ?? ready.record.publicKey, revocations: revocations, issuers: issuers, hidesNames: ready.record.hidesNames,
            created: now, following: ready.record, sign: { try signer.sign($0) })
        let held = try keyring.update { keyring in
            try keyring.withAuthority(ready.held.name, site: ready.held.site) { authority in
                guard authority.record == ready.held.record else {
                    throw ClientError(.tryLater, "\(authority.name) was changed meanwhile", hint: "run the command again")
                }
                try change(&authority)
                authority.record = record.encoded()
                return authority
            }
        }
        return try await readyAuthority(held.name)
    }

    // MARK: New epochs

    /// Replaces the authority's keys, and issues new ones to all who hold one that was not revoked and has not run out.
    package func rotate(reason: String?, authority: String?, progress: IssueProgress) async throws -> ReissueReport {
        try await takeReports()
        let ready = try await ownAuthority(authority)
        return try await rotate(ready, reason: reason, issuers: ready.held.issuers.filter { $0.removed == nil }, progress: progress)
    }

    func rotate(_ ready: ReadyAuthority, reason: String?, issuers: [HeldAuthority.ListedIssuer], progress: IssueProgress) async throws -> ReissueReport {
        let epoch = ready.record.publicKey.epoch + 1
        let secret = AuthoritySecretKey.generate(epoch: epoch, owner: try keyring.signer().publicKey)
        let revocations = try RevocationList(depth: ready.record.revocations.depth)
        let time = now
        let published = try await publishNext(
            of: ready, secret: secret, revocations: revocations, issuers: issuers.map { KeyIdentifier.of(.ed25519, publicKey: $0.signingKey) }
        ) { held in
            held.epochs.append(HeldAuthority.Epoch(number: epoch, secret: secret.withEncoded { Secret($0) }, created: time, reason: reason))
            for index in held.issuers.indices where held.issuers[index].removed == nil && !issuers.contains(held.issuers[index]) {
                held.issuers[index].removed = time
            }
        }
        var told: [String] = []
        var left: [RefusedMessage] = []
        for issuer in issuers {
            do {
                try await sendGrant(to: issuer, of: published)
                told.append(issuer.name)
            } catch let error as ClientError {
                left.append(RefusedMessage(name: issuer.name, reason: error.message))
            }
        }
        let report = try await reissue(.all, of: published, validMonths: nil, progress: progress)
        return ReissueReport(
            authority: report.authority, epoch: report.epoch, sequence: report.sequence, ledgerIndex: report.ledgerIndex, issued: report.issued,
            issuers: told, left: left + report.left)
    }

    // MARK: Issuing anew

    /// Issues new keys with the attributes that the register has.
    ///
    /// - Parameter validMonths: from now; `nil` keeps the ends that the old keys have.
    package func reissue(_ scope: ReissueScope, authority: String?, validMonths: Int?, progress: IssueProgress) async throws -> ReissueReport {
        try await takeReports()
        return try await reissue(scope, of: try await readyAuthority(authority), validMonths: validMonths, progress: progress)
    }

    private func reissue(_ scope: ReissueScope, of ready: ReadyAuthority, validMonths: Int?, progress: IssueProgress) async throws -> ReissueReport {
        var chosen = ready.held.holders
        switch scope {
        case .all: break
        case .missing: chosen = chosen.filter { $0.epoch != ready.record.publicKey.epoch || $0.state != .delivered }
        case .holder(let name):
            chosen = chosen.filter { $0.holder == name }
            guard !chosen.isEmpty else {
                throw ClientError(.notFound, "\(ready.held.name) has no key out to \(name)", hint: "issue one: phr issue \(name) ATTRIBUTE…")
            }
        }
        var grants: [Grant] = []
        var left: [RefusedMessage] = []
        var seen: Set<[UInt8]> = []
        let month = Month(secondsSince1970: Int64(now))
        for issuance in chosen {
            do {
                guard validMonths != nil || Month(issuance.notAfter).map({ $0 >= month }) ?? false else {
                    throw ClientError(.denied, "the key ran out in \(issuance.notAfter)")
                }
                let holder = try await contact(issuance.holder)
                guard GlobalIdentifier.of(signingKey: holder.bundle.signingKey) == issuance.identity else {
                    throw ClientError(.tampered, "the account has another identity than the key was issued to")
                }
                var grant = Grant(
                    holder: holder, attributes: try issuance.attributes.map { try GrantedAttribute(checking: $0) },
                    validity: try validity(validMonths, keeping: issuance), purpose: issuance.purpose)
                // A second key of the same holder keeps attributes and validity of its own.
                grant.isOnFreshLeaf = issuance.purpose == .ordinary && !seen.insert(issuance.identity).inserted
                grants.append(grant)
            } catch let error as ClientError where scope == .all || scope == .missing {
                left.append(RefusedMessage(name: issuance.holder, reason: error.message))
            }
        }
        let issued = try await issue(grants, of: ready, keepsGoing: scope == .all || scope == .missing, progress: progress) { grant, issued in
            switch grant.purpose {
            case .ordinary: return try await self.mailKey(issued, to: grant.holder)
            case .emergency: return try await self.handOverEmergencyKey(issued, to: grant.holder, of: ready, note: nil)
            }
        }
        return ReissueReport(
            authority: ready.held.name, epoch: ready.record.publicKey.epoch, sequence: ready.record.sequence, ledgerIndex: try ready.checked.provenIndex,
            issued: issued, issuers: [], left: left)
    }
}
