// Being an authority: making one, publishing its record, and what it shows of itself.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// What is known of an authority: its record, and for our own its register.
package struct AuthorityReport: Encodable, Sendable {
    package struct Issuer: Encodable, Sendable {
        /// `nil` when only the key is known.
        package let name: String?
        package let signingKeyID: String
        /// First and last leaf that he gives out; our own authorities only.
        package let firstLeaf: UInt32?
        package let lastLeaf: UInt32?
    }

    package let name: String
    package let isOwn: Bool
    package let epoch: UInt64
    /// Number of the record, from 0.
    package let sequence: UInt64
    /// Of the public key.
    package let fingerprint: String
    package let leafCount: UInt32
    package let revokedCount: Int
    package let hidesNames: Bool
    package let issuers: [Issuer]
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    /// Our own authorities only: who holds what, as far as this keyring knows.
    package let holders: [HolderReport]?
    /// Issuances on the site that no issuer has reported yet.
    package let unreportedCount: Int?
}

/// An entry of the register.
package struct HolderReport: Encodable, Sendable {
    package let holder: String
    package let attributes: [String]
    package let notBefore: String
    package let notAfter: String
    package let epoch: UInt64
    /// Under the current epoch.
    package let isCurrent: Bool
    package let isExpired: Bool
    package let isForEmergency: Bool
    package let leaf: UInt32
    /// Who issued it, when it was not the authority itself.
    package let issuer: String?
    package let isDelivered: Bool
    package let ledgerIndex: UInt64?
}

/// An authority that we can issue for, with what the ledger says of it now.
struct ReadyAuthority {
    let held: HeldAuthority
    let checked: CheckedAuthority
    var record: AuthorityRecord { checked.record }
    var isOwner: Bool { held.role == .owner }
}

extension ClientSession {
    /// Makes this account an authority: keys of epoch 1, a first record, and both on the ledger.
    package func makeAuthority(hidesNames: Bool, depth: Int) async throws -> AuthorityReport {
        guard keyring.authority(user, site: site) == nil else {
            throw ClientError(.usage, "\(user) is an authority already", hint: "see it with: phr authority show")
        }
        guard try await authorityIfPresent(user) == nil else {
            throw ClientError(
                .configuration, "\(user) is an authority already, and its key is not in this keyring",
                hint: "use the PHR_HOME in which it lies, or restore that keyring from a backup")
        }
        let signer = try keyring.signer()
        let secret = AuthoritySecretKey.generate(epoch: 1, owner: signer.publicKey)
        let revocations = try RevocationList(depth: depth)
        let record = try AuthorityRecord(
            publicKey: secret.publicKey, revocations: revocations, hidesNames: hidesNames, created: now, sign: { try signer.sign($0) })
        let authority = HeldAuthority(
            site: site, name: user, role: .owner, depth: UInt8(depth), nameKey: hidesNames ? Secret.random(byteCount: 32) : nil,
            epochs: [HeldAuthority.Epoch(number: 1, secret: secret.withEncoded { Secret($0) }, created: now)], record: record.encoded())
        try keyring.update { $0.setAuthority(authority) }
        return try await report(on: try await publish(authority))
    }

    /// Puts the newest record of our own authority on the ledger, unless it is there.
    package func publishAuthority() async throws -> AuthorityReport {
        let authority = try heldAuthority(user)
        guard authority.role == .owner else { throw KeyringError.noSuchAuthority(name: user) }
        return try await report(on: try await publish(authority))
    }

    /// What the ledger, and for our own authorities the register, says. `nil` is the authority we issue for.
    package func showAuthority(_ name: String?) async throws -> AuthorityReport {
        let name = try name ?? heldAuthority(nil).name
        if keyring.authority(name, site: site) != nil {
            try await takeReports()
            return try await report(on: try await readyAuthority(name))
        }
        return try await report(on: nil, try await authority(name))
    }

    // MARK: What the commands on authorities need

    /// The authority to issue for: the one named, or our own, or the only one that listed us.
    func heldAuthority(_ name: String?) throws -> HeldAuthority {
        if let name {
            guard let held = keyring.authority(name, site: site) else { throw KeyringError.noSuchAuthority(name: name) }
            return held
        }
        if let own = keyring.authority(user, site: site) { return own }
        let held = keyring.authorities(site: site)
        guard held.count <= 1 else {
            let names = held.map(\.name).sorted().joined(separator: ", ")
            throw ClientError(.usage, "you can issue for \(names)", hint: "choose with --authority NAME")
        }
        guard let only = held.first else { throw KeyringError.noSuchAuthority(name: user) }
        return only
    }

    /// The authority as the ledger has it now. Our own newest record is published first if that has not happened yet.
    func readyAuthority(_ name: String?) async throws -> ReadyAuthority {
        let held = try heldAuthority(name)
        let ready = held.role == .owner ? try await publish(held) : try await readyToIssue(held)
        // An issuer learns from the record whom the authority has revoked; the owner's register knows it already.
        let revoked = Set(ready.record.revocations.revoked)
        let isNews = held.issuances.contains { $0.epoch == ready.record.publicKey.epoch && $0.revoked == nil && revoked.contains($0.leaf) }
        guard isNews else { return ready }
        let time = now
        let marked = try keyring.update { keyring in
            try keyring.withAuthority(held.name, site: held.site) { authority in
                authority.markRevoked(leaves: revoked, epoch: ready.record.publicKey.epoch, time: time)
                return authority
            }
        }
        return ReadyAuthority(held: marked, checked: ready.checked)
    }

    /// Our own authority; only its owner changes the record.
    func ownAuthority(_ name: String?) async throws -> ReadyAuthority {
        let ready = try await readyAuthority(name)
        guard ready.isOwner else {
            throw ClientError(.denied, "only \(ready.held.name) itself can do that; you issue in its name", hint: "ask \(ready.held.name)")
        }
        return ready
    }

    private func publish(_ held: HeldAuthority) async throws -> ReadyAuthority {
        let record = try AuthorityRecord(decoding: held.record)
        if let present = try await authorityIfPresent(held.name) {
            if present.record == record { return ReadyAuthority(held: held, checked: present) }
            guard present.record.sequence < record.sequence else {
                throw ClientError(
                    .configuration, "the site has record \(present.record.sequence) of \(held.name), this keyring only record \(record.sequence)",
                    hint: "the authority was changed with another copy of the keyring; use that one, an older register gives places out twice")
            }
        }
        try await ftp.store(try VirtualPath(absolute: "/.authorities").appending(held.name), bytes: record.encoded())
        checkedAuthorities[held.name] = nil
        let published = try await authority(held.name)
        guard published.record == record else { throw ClientError(.tampered, "the server published another record of \(held.name) than ours") }
        return ReadyAuthority(held: held, checked: published)
    }

    private func readyToIssue(_ held: HeldAuthority) async throws -> ReadyAuthority {
        let checked = try await authority(held.name)
        guard checked.record.issuers.contains(try keyring.signer().keyID) else {
            throw ClientError(.denied, "\(held.name) does not list you as an issuer any more", hint: "ask \(held.name): phr authority issuer add \(user)")
        }
        guard checked.record.publicKey.epoch == held.currentEpoch.number else {
            throw ClientError(
                .configuration, "\(held.name) has keys of epoch \(checked.record.publicKey.epoch), yours are of epoch \(held.currentEpoch.number)",
                hint: "take the new one from your mail: phr accept --mail")
        }
        return ReadyAuthority(held: held, checked: checked)
    }

    // MARK: Reports

    private func report(on ready: ReadyAuthority) async throws -> AuthorityReport {
        try await report(on: ready.held, ready.checked)
    }

    private func report(on held: HeldAuthority?, _ checked: CheckedAuthority) async throws -> AuthorityReport {
        let record = checked.record
        let month = Month(secondsSince1970: Int64(now))
        var unreported: Int?
        if let held, held.role == .owner { unreported = try await unreportedIssuances(of: held).count }
        let listed = held?.issuers.filter { $0.removed == nil } ?? []
        return AuthorityReport(
            name: checked.name, isOwn: held != nil, epoch: record.publicKey.epoch, sequence: record.sequence,
            fingerprint: record.publicKey.fingerprint.hexadecimal, leafCount: UInt32(1) << UInt32(record.revocations.depth),
            revokedCount: record.revocations.revoked.count, hidesNames: record.hidesNames,
            issuers: record.issuers.map { keyID in
                let issuer = listed.first { KeyIdentifier.of(.ed25519, publicKey: $0.signingKey) == keyID }
                return AuthorityReport.Issuer(
                    name: issuer?.name, signingKeyID: keyID.hexadecimal, firstLeaf: issuer?.leaves.lowerBound, lastLeaf: issuer.map { $0.leaves.upperBound - 1 }
                )
            },
            ledgerIndex: try checked.provenIndex, ledgerSize: log.size,
            holders: held?.holders.map { HolderReport($0, currentEpoch: record.publicKey.epoch, month: month) }, unreportedCount: unreported)
    }

    /// Identifiers of issuances that the site has and the register does not know.
    func unreportedIssuances(of held: HeldAuthority) async throws -> [String] {
        let known = Set(held.issuances.map(\.commitment.hexadecimal))
        let names = try await ftp.list(try VirtualPath(absolute: "/.issued").appending(held.name)).map(\.name)
        return names.filter { !known.contains($0) }
    }
}

extension HeldAuthority {
    mutating func markRevoked(leaves: Set<UInt32>, epoch: UInt64, time: UInt64) {
        for index in issuances.indices where issuances[index].epoch == epoch && issuances[index].revoked == nil && leaves.contains(issuances[index].leaf) {
            issuances[index].revoked = time
        }
    }
}

extension HolderReport {
    init(_ issuance: Issuance, currentEpoch: UInt64, month: Month) {
        self.init(
            holder: issuance.holder, attributes: issuance.attributes, notBefore: issuance.notBefore, notAfter: issuance.notAfter, epoch: issuance.epoch,
            isCurrent: issuance.epoch == currentEpoch, isExpired: Month(issuance.notAfter).map { $0 < month } ?? true,
            isForEmergency: issuance.purpose == .emergency, leaf: issuance.leaf, issuer: issuance.issuer, isDelivered: issuance.state == .delivered,
            ledgerIndex: issuance.ledgerIndex)
    }
}
