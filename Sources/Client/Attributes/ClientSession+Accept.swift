// Taking keys that others send: nothing is kept before every check has passed.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// A message that was taken into the keyring.
package struct AcceptedMessage: Encodable, Sendable {
    package enum Kind: String, Encodable, Sendable {
        case attributeKey = "attribute key"
        case issuerKey = "issuer key"
        case emergencyKey = "emergency key"
        case issuanceReport = "issuance report"
    }

    package let kind: Kind
    package let sender: String
    package let authority: String
    /// Of the key, or of the emergency key, or of the issuance that is reported.
    package let attributes: [String]
    package let epoch: UInt64
    /// Last month of validity; `nil` for an issuer's key.
    package let notAfter: String?
    /// Entry that proves the issuance.
    package let ledgerIndex: UInt64?
    /// It was in the keyring already.
    package let wasKnown: Bool
}

/// What came of accepting.
package struct AcceptReport: Encodable, Sendable {
    package var accepted: [AcceptedMessage]
    package var refused: [RefusedMessage]
}

extension ClientSession {
    /// Takes what waits in our mail. Accepted messages are removed from the mail folder.
    ///
    /// - Parameter discardsRefused: remove the others too; else they stay.
    package func acceptMail(discardsRefused: Bool) async throws -> AcceptReport {
        let report = try await accept([.attributeKey, .issuerGrant, .emergencyKey, .issuanceReport])
        if discardsRefused { for message in report.refused { try await removeMessage(message.name) } }
        return report
    }

    /// Takes the reports of those who issue in our name, if there ever was somebody.
    func takeReports() async throws {
        guard let own = keyring.authority(user, site: site), !own.issuers.isEmpty else { return }
        _ = try await accept([.issuanceReport])
    }

    func accept(_ kinds: Set<MessageKind>) async throws -> AcceptReport {
        let (messages, refused) = try await waitingMessages(kinds)
        var report = AcceptReport(accepted: [], refused: refused)
        // An issuer's key and then keys: whoever was made an issuer may be told of a new epoch first.
        for message in messages {
            do {
                report.accepted.append(try await accept(message))
            } catch let error where !((error as? FTPClientError)?.endsSession ?? false) {
                let error = ClientError(error)
                report.refused.append(RefusedMessage(name: message.name ?? "", reason: error.message))
                continue
            }
            try await remove(message)
        }
        return report
    }

    /// Takes what was handed over as a file.
    package func accept(file path: String) async throws -> AcceptReport {
        let message = try message(inFile: path)
        do {
            return AcceptReport(accepted: [try await accept(message)], refused: [])
        } catch {
            throw ClientError(error).during(path)
        }
    }

    private func accept(_ message: WaitingMessage) async throws -> AcceptedMessage {
        switch message.kind {
        case .attributeKey: return try await acceptKey(message)
        case .issuerGrant: return try await acceptGrant(message)
        case .issuanceReport: return try await acceptReport(message)
        case .emergencyKey: return try await acceptEmergencyKey(message)
        case .attributeRequest:
            throw ClientError(.usage, "it is a request for attributes", hint: "grant it with: phr issue --file FILE, or phr issue --mail")
        }
    }

    // MARK: Attribute keys

    private func acceptKey(_ message: WaitingMessage) async throws -> AcceptedMessage {
        let delivery = try message.message.document.withBytes { try KeyDelivery(decoding: $0) }
        let sender = try await sender(of: delivery.heading, message)
        let issuance = try await checkIssuance(delivery.document, salt: delivery.salt, from: sender, to: try keyring.signer().publicKey, purpose: .ordinary)
        let document = issuance.document
        let key = try delivery.key.withBytes { try AttributeKey(decoding: $0) }
        try check(key, is: document, of: issuance.record)
        let received = ReceivedKey(
            site: site, authority: document.authority, epoch: document.epoch, keyID: document.keyID, secret: delivery.key,
            nameKey: key.nameKey.map(Secret.init), issuer: sender.name, document: delivery.document, salt: delivery.salt,
            ledgerIndex: issuance.ledgerIndex, received: now)
        let isNew = try keyring.update { $0.add(received) }
        return AcceptedMessage(
            kind: .attributeKey, sender: sender.name, authority: document.authority, attributes: document.attributes, epoch: document.epoch,
            notAfter: document.validity.upperBound.description, ledgerIndex: issuance.ledgerIndex, wasKnown: !isNew)
    }

    /// An issuance whose document, issuer, ledger entry and validity have been checked.
    struct CheckedIssuance {
        let document: IssuanceDocument
        let authority: CheckedAuthority
        /// The record of the issuance's epoch.
        let record: AuthorityRecord
        let ledgerIndex: UInt64
    }

    /// Checks an issuance, but for the key itself.
    ///
    /// - Parameters:
    ///   - sender: who sent it, and must have issued it.
    ///   - holderKey: signing key of the identity that it must be for.
    func checkIssuance(
        _ bytes: [UInt8], salt: [UInt8], from sender: CheckedContact, to holderKey: [UInt8], purpose: IssuanceDocument.Purpose
    ) async throws -> CheckedIssuance {
        let document = try IssuanceDocument(decoding: bytes)
        guard document.site == site else { throw ClientError(.tampered, "the key is for the site \(document.site)") }
        guard document.issuer == sender.name, document.issuerKey == sender.bundle.signingKey else {
            throw ClientError(.tampered, "the key was issued by \(document.issuer), and sent by \(sender.name)")
        }
        guard document.purpose == purpose else {
            throw ClientError(.tampered, purpose == .emergency ? "the key is not for emergencies" : "the key is for emergencies only")
        }
        guard document.identity == GlobalIdentifier.of(signingKey: holderKey) else {
            throw ClientError(
                .wrongKey, "the key is bound to another identity than yours", hint: "ask \(sender.name) to issue it for the keys that the site shows for you")
        }
        let authority = try await authority(document.authority)
        try await checkIssuer(sender, of: authority)
        let record = try await authorityRecord(of: authority, epoch: document.epoch)
        guard record.publicKey.fingerprint == document.summary.publicKeyFingerprint else {
            throw ClientError(.tampered, "the key belongs to other public keys of \(document.authority) than the ledger has")
        }
        if document.epoch == authority.record.publicKey.epoch, authority.record.revocations.isRevoked(document.leaf) {
            throw ClientError(
                .denied, "\(document.authority) has revoked this key", hint: "ask \(document.authority) for a new one: phr request \(document.authority) …")
        }
        guard document.validity.upperBound >= Month(secondsSince1970: Int64(now)) else {
            throw ClientError(
                .denied, "the key was valid until \(document.validity.upperBound)",
                hint: "ask \(document.authority) for a new one: phr request \(document.authority) …")
        }
        let commitment = DocumentCommitment.issue.commitment(salt: salt, document: bytes)
        let index = try await proveIssuance(commitment, by: sender.bundle.signingKeyID, epoch: document.epoch, of: authority)
        return CheckedIssuance(document: document, authority: authority, record: record, ledgerIndex: index)
    }

    /// The authority itself, or somebody whom its record lists.
    private func checkIssuer(_ sender: CheckedContact, of authority: CheckedAuthority) async throws {
        guard sender.name != authority.name else { return }
        guard authority.record.issuers.contains(sender.bundle.signingKeyID) else {
            throw ClientError(
                .tampered, "\(sender.name) does not issue for \(authority.name)",
                hint: "\(authority.name) lists its issuers: phr authority show \(authority.name)")
        }
    }

    /// Checks that a key is what its document says, and by the pairing equations that it belongs to the authority's public key.
    func check(_ key: AttributeKey, is document: IssuanceDocument, of record: AuthorityRecord) throws {
        guard key.summary == document.summary, key.keyID == document.keyID else {
            throw ClientError(.tampered, "the key is not the one that its issuance describes")
        }
        guard key.summary.depth == record.revocations.depth else {
            throw ClientError(
                .tampered, "the key is for another tree of members than that of \(document.authority): it would not open once somebody is revoked")
        }
        try key.verify(with: record.publicKey, for: document.identity)
    }

    // MARK: Issuers

    private func acceptGrant(_ message: WaitingMessage) async throws -> AcceptedMessage {
        let grant = try message.message.document.withBytes { try IssuerGrant(decoding: $0) }
        let sender = try await sender(of: grant.heading, message)
        let authority = try await authority(sender.name)
        guard authority.record.issuers.contains(try keyring.signer().keyID) else {
            throw ClientError(.denied, "\(sender.name) does not list you as an issuer")
        }
        let secret = try grant.secret.withBytes { try AuthoritySecretKey(decoding: $0) }
        let record = try await authorityRecord(of: authority, epoch: grant.epoch)
        guard secret.publicKey.fingerprint == record.publicKey.fingerprint else {
            throw ClientError(.tampered, "the issuer's key does not belong to the public keys that the ledger has for \(sender.name)")
        }
        guard record.hidesNames == (grant.nameKey != nil), record.revocations.depth == Int(grant.depth) else {
            throw ClientError(.tampered, "the issuer's key does not fit the record of \(sender.name)")
        }
        let (site, name) = (site, sender.name)
        let wasKnown = try keyring.update { keyring in
            var held = keyring.authority(name, site: site)
            if let known = held {
                guard known.role == .issuer else { throw ClientError(.tampered, "\(name) is your own authority") }
                if known.currentEpoch.number >= grant.epoch { return true }
            }
            let epoch = HeldAuthority.Epoch(number: grant.epoch, secret: grant.secret, created: grant.created)
            held = HeldAuthority(
                site: site, name: name, role: .issuer, depth: grant.depth, nameKey: grant.nameKey, epochs: (held?.epochs ?? []) + [epoch],
                record: grant.record, leaves: grant.leaves, issuances: held?.issuances ?? [])
            if let held { keyring.setAuthority(held) }
            return false
        }
        return AcceptedMessage(
            kind: .issuerKey, sender: sender.name, authority: sender.name, attributes: [], epoch: grant.epoch, notAfter: nil, ledgerIndex: nil,
            wasKnown: wasKnown)
    }

    private func acceptReport(_ message: WaitingMessage) async throws -> AcceptedMessage {
        let report = try message.message.document.withBytes { try IssuanceReport(decoding: $0) }
        let sender = try await sender(of: report.heading, message)
        let document = try IssuanceDocument(decoding: report.document)
        guard document.authority == user, document.site == site, document.issuer == sender.name, document.issuerKey == sender.bundle.signingKey else {
            throw ClientError(.tampered, "the report of \(sender.name) is about an issuance by somebody else")
        }
        let holder = try await contact(report.holder)
        guard document.identity == GlobalIdentifier.of(signingKey: holder.bundle.signingKey) else {
            throw ClientError(.tampered, "the report of \(sender.name) names \(report.holder), and is about another identity")
        }
        let commitment = DocumentCommitment.issue.commitment(salt: report.salt, document: report.document)
        let index = try await proveIssuance(commitment, by: sender.bundle.signingKeyID, epoch: document.epoch, of: try await authority(user))
        let site = site
        let wasKnown = try keyring.update { keyring in
            try keyring.withAuthority(self.user, site: site) { authority in
                guard !authority.issuances.contains(where: { $0.commitment == commitment }) else { return true }
                let isListed = authority.issuers.contains { $0.signingKey == document.issuerKey && $0.leaves.contains(document.leaf) }
                guard isListed else {
                    throw ClientError(
                        .denied, "\(sender.name) has issued on a place that is not his", hint: "take him out: phr authority issuer remove \(sender.name)")
                }
                authority.issuances.append(
                    Issuance(
                        holder: report.holder, identity: document.identity, epoch: document.epoch, leaf: document.leaf, attributes: document.attributes,
                        notBefore: document.validity.lowerBound.description, notAfter: document.validity.upperBound.description,
                        issued: document.summary.issuedAt, commitment: commitment, state: .delivered,
                        ledgerIndex: index, requestNonce: report.requestNonce, issuer: sender.name))
                return false
            }
        }
        return AcceptedMessage(
            kind: .issuanceReport, sender: sender.name, authority: user, attributes: document.attributes, epoch: document.epoch,
            notAfter: document.validity.upperBound.description, ledgerIndex: index, wasKnown: wasKnown)
    }
}
