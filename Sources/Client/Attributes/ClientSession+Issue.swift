// Issuing attribute keys: written down first, put on the ledger next, handed over last.
//
// 1. A leaf is reserved in the keyring, durably, before a key for it exists.
// 2. No key leaves this machine before the ledger has proven its issuance.
// 3. What could not be handed over stays in the register as such; the same holder gets the same leaf next time.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// What came of issuing one key.
package struct IssueReport: Encodable, Sendable {
    package let authority: String
    package let holder: String
    package let attributes: [String]
    package let notBefore: String
    package let notAfter: String
    package let epoch: UInt64
    package let leaf: UInt32
    /// Identifier of the issuance on the site.
    package let issuance: String?
    package let ledgerIndex: UInt64?
    /// `mail`, or the file it was written to; `nil` when it was not handed over.
    package let handedOver: String?
    /// Why it was not, for one of many.
    package let failure: String?
}

/// How keys are issued.
package struct IssueOptions: Sendable {
    /// Whole months from the end of this one; `nil` keeps the end that the holder's key has.
    package var validMonths: Int?
    /// Exactly these attributes, not those as well that the holder has already.
    package var isExact: Bool
    /// Which authority, when there are several.
    package var authority: String?
    /// Write the sealed key to this file instead of mailing it.
    package var file: String?
    package var mayReplace: Bool

    package static let defaultMonths = 12

    package init(validMonths: Int? = defaultMonths, isExact: Bool = false, authority: String? = nil, file: String? = nil, mayReplace: Bool = false) {
        self.validMonths = validMonths
        self.isExact = isExact
        self.authority = authority
        self.file = file
        self.mayReplace = mayReplace
    }
}

/// How many of a number of keys are done.
package typealias IssueProgress = (_ done: Int, _ total: Int, _ holder: String) -> Void

/// What somebody is to get.
struct Grant {
    let holder: CheckedContact
    let attributes: [GrantedAttribute]
    let validity: ClosedRange<Month>
    var purpose: Issuance.Purpose = .ordinary
    var requestNonce: [UInt8]?
    /// A place of its own, beside what the holder has.
    var isOnFreshLeaf = false

    var identity: [UInt8] { GlobalIdentifier.of(signingKey: holder.bundle.signingKey) }
}

/// A key that has been made and is on the ledger.
struct IssuedKey {
    let key: AttributeKey
    let document: [UInt8]
    let salt: [UInt8]
    let commitment: [UInt8]
    let ledgerIndex: UInt64
}

extension ClientSession {
    private static let keysPerSave = 32

    /// Issues a key to somebody: what he holds already and these attributes, or exactly these.
    package func issue(to name: String, attributes: [String], options: IssueOptions) async throws -> IssueReport {
        try await takeReports()
        let ready = try await readyAuthority(options.authority)
        let granted = try attributes.map { try GrantedAttribute(checking: $0) }
        guard !granted.isEmpty else { throw ClientError(.usage, "name at least one attribute", hint: "for example: phr issue \(name) care-team") }
        return try await issue(try grant(granted, to: try await contact(name), of: ready, options: options), of: ready, options: options)
    }

    /// Issues one key and hands it over, to a file if one is named.
    func issue(_ grant: Grant, of ready: ReadyAuthority, options: IssueOptions) async throws -> IssueReport {
        if let file = options.file { try OutputFile.check(file, mayReplace: options.mayReplace) }
        let reports = try await issue([grant], of: ready, keepsGoing: false, progress: { _, _, _ in }) { grant, issued in
            try await self.handOver(issued, to: grant.holder, options: options)
        }
        return reports[0]
    }

    /// Issues many keys. Reserves all places at once; what fails for one holder does not keep the others from theirs when `keepsGoing`.
    ///
    /// - Parameter handOver: brings a key to its holder, and says how.
    func issue(
        _ grants: [Grant], of ready: ReadyAuthority, keepsGoing: Bool, progress: IssueProgress,
        handOver: (Grant, IssuedKey) async throws -> String
    ) async throws -> [IssueReport] {
        let register = try reserve(grants, of: ready)
        let secret = try ready.held.secretKey()
        var finished: [(index: Int, issuance: Issuance)] = []
        var reports: [IssueReport] = []
        do {
            for (grant, (index, reserved)) in zip(grants, register) {
                progress(reports.count, grants.count, grant.holder.name)
                var issuance = reserved
                do {
                    let issued = try await issue(reserved, grant: grant, secret: secret, of: ready)
                    issuance.commitment = issued.commitment
                    issuance.ledgerIndex = issued.ledgerIndex
                    issuance.state = .onLedger
                    finished.append((index, issuance))
                    let how = try await handOver(grant, issued)
                    issuance.state = .delivered
                    finished[finished.count - 1].issuance = issuance
                    if !ready.isOwner { try await sendReport(of: grant, issued, to: ready) }
                    reports.append(IssueReport(ready.held.name, issuance, handedOver: how, failure: nil))
                } catch let error where keepsGoing && !Self.endsSession(error) {
                    reports.append(IssueReport(ready.held.name, issuance, handedOver: nil, failure: ClientError(error).message))
                }
                if finished.count >= Self.keysPerSave {
                    try write(finished, of: ready)
                    finished = []
                }
            }
        } catch {
            try? write(finished, of: ready)
            throw error
        }
        try write(finished, of: ready)
        progress(grants.count, grants.count, "")
        return reports
    }

    private static func endsSession(_ error: any Error) -> Bool { (error as? FTPClientError)?.endsSession ?? false }

    // MARK: Deciding

    /// What a holder gets: as asked for, together with what his key of this epoch has.
    ///
    /// Keys of one holder and epoch add up in policies of several authorities: an attribute of an old key goes with the months and
    /// the place among the members of a new one. So nobody gets a new key with less than the old ones of the epoch, revoked or not.
    func grant(_ granted: [GrantedAttribute], to holder: CheckedContact, of ready: ReadyAuthority, options: IssueOptions) throws -> Grant {
        let identity = GlobalIdentifier.of(signingKey: holder.bundle.signingKey)
        let held = try ready.held.current(of: identity).flatMap(\.attributes).map { try GrantedAttribute(checking: $0) }
        let attributes = options.isExact ? Set(granted) : Set(granted).union(held)
        let lost = ready.held.attributesOfEpoch(of: identity).subtracting(attributes.map(\.text))
        guard lost.isEmpty else {
            let name = holder.name
            throw ClientError(
                .denied, "\(name) was given \(lost.sorted().joined(separator: ", ")) in this epoch; a new key would bring that back to life",
                hint: "give it again as well, or begin a new epoch: phr authority revoke \(name); phr authority rotate; then issue")
        }
        return Grant(holder: holder, attributes: attributes.sorted(), validity: try validity(options.validMonths))
    }

    /// From this month on.
    func validity(_ months: Int?, keeping current: Issuance? = nil) throws(ClientError) -> ClosedRange<Month> {
        let first = Month(secondsSince1970: Int64(now))
        let count = months ?? IssueOptions.defaultMonths
        guard (1...1200).contains(count) else { throw ClientError(.usage, "a key is valid for 1 to 1200 months, not \(count)") }
        if months == nil, let last = current.flatMap({ Month($0.notAfter) }), last >= first { return first...last }
        return first...first.advanced(by: count)
    }

    // MARK: The register

    private func reserve(_ grants: [Grant], of ready: ReadyAuthority) throws -> [(index: Int, issuance: Issuance)] {
        let time = now
        return try keyring.update { keyring in
            try keyring.withAuthority(ready.held.name, site: ready.held.site) { authority in
                guard authority.currentEpoch.number == ready.record.publicKey.epoch else {
                    throw ClientError(.tryLater, "\(authority.name) got new keys meanwhile", hint: "run the command again")
                }
                return try grants.map { grant in
                    let leaf = grant.isOnFreshLeaf ? try authority.freshLeaf() : try authority.leaf(for: grant.identity, purpose: grant.purpose)
                    let issuance = Issuance(
                        holder: grant.holder.name, identity: grant.identity, epoch: authority.currentEpoch.number, leaf: leaf,
                        attributes: grant.attributes.map(\.text), notBefore: grant.validity.lowerBound.description,
                        notAfter: grant.validity.upperBound.description, issued: time, purpose: grant.purpose, requestNonce: grant.requestNonce)
                    authority.issuances.append(issuance)
                    return (authority.issuances.count - 1, issuance)
                }
            }
        }
    }

    /// Writes down how far issuances have come. The register only grows, so an index stays right.
    private func write(_ finished: [(index: Int, issuance: Issuance)], of ready: ReadyAuthority) throws {
        guard !finished.isEmpty else { return }
        try keyring.update { keyring in
            try keyring.withAuthority(ready.held.name, site: ready.held.site) { authority in
                for (index, issuance) in finished {
                    var issuance = issuance
                    issuance.revoked = authority.issuances[index].revoked
                    authority.issuances[index] = issuance
                }
            }
        }
    }

    // MARK: Making and handing over

    private func issue(_ issuance: Issuance, grant: Grant, secret: AuthoritySecretKey, of ready: ReadyAuthority) async throws -> IssuedKey {
        let signer = try keyring.signer()
        let held = ready.held
        let key = try secret.issue(
            to: issuance.identity, attributes: grant.attributes, authority: held.name, member: (issuance.leaf, Int(held.depth)),
            validity: grant.validity, nameKey: held.attributeNameKey, issuedAt: issuance.issued)
        let document = try IssuanceDocument(
            site: site, summary: key.summary, keyID: key.keyID, purpose: grant.purpose == .emergency ? .emergency : .ordinary, issuer: user,
            issuerKey: signer.publicKey
        ).signed(by: signer)
        let salt = randomBytes(DocumentCommitment.saltByteCount)
        let commitment = DocumentCommitment.issue.commitment(salt: salt, document: document)
        let statement = try IssuanceStatement(
            commitment: commitment, epoch: issuance.epoch, holder: issuance.identity, leaf: UInt64(issuance.leaf), lastMonth: issuance.notAfter,
            issuerKeyID: signer.keyID, sign: { try signer.sign($0) })
        let path = try VirtualPath(absolute: "/.issued").appending(held.name).appending(commitment.hexadecimal)
        try await ftp.store(path, bytes: statement.encoded())
        let index = try await proveIssuance(commitment, by: signer.keyID, epoch: issuance.epoch, of: ready.checked)
        return IssuedKey(key: key, document: document, salt: salt, commitment: commitment, ledgerIndex: index)
    }

    /// Looks an issuance up on the ledger; gives the index of its entry.
    func proveIssuance(_ commitment: [UInt8], by issuerKeyID: [UInt8], epoch: UInt64, of authority: CheckedAuthority) async throws -> UInt64 {
        let path = try VirtualPath(absolute: "/.issued").appending(authority.name).appending(commitment.hexadecimal)
        guard let text = try await text(path) else {
            throw ClientError(.notOnLedger, "the site has no entry of this issuance by \(authority.name)", hint: "ask \(authority.name) to issue it again")
        }
        let entry = try await prove(text)
        guard case .issue(let body) = entry.body, body.authorityPseudonym == (try authority.provenPseudonym), body.epoch == epoch,
            body.commitment == commitment,
            body.issuerKeyID == issuerKeyID
        else { throw ClientError(.notOnLedger, "the ledger's entry is about another issuance") }
        return entry.index
    }

    private func handOver(_ issued: IssuedKey, to holder: CheckedContact, options: IssueOptions) async throws -> String {
        let delivery = KeyDelivery(
            heading: heading(.attributeKey, to: holder.name), document: issued.document, salt: issued.salt, key: issued.key.withEncoded { Secret($0) })
        let envelope = try delivery.withEncoded { try seal($0, .attributeKey, for: holder) }
        guard let file = options.file else {
            try await mail(envelope, .attributeKey, to: holder.name)
            return "mail"
        }
        let output = try OutputFile(file, mayReplace: options.mayReplace)
        try output.write(envelope)
        try output.commit()
        return file
    }

    /// Hands a key over by mail.
    func mailKey(_ issued: IssuedKey, to holder: CheckedContact) async throws -> String {
        try await handOver(issued, to: holder, options: IssueOptions())
    }

    private func sendReport(of grant: Grant, _ issued: IssuedKey, to ready: ReadyAuthority) async throws {
        let authority = try await contact(ready.held.name)
        let report = IssuanceReport(
            heading: heading(.issuanceReport, to: authority.name), holder: grant.holder.name, document: issued.document, salt: issued.salt,
            requestNonce: grant.requestNonce)
        try await mail(try seal(report.encoded(), .issuanceReport, for: authority), .issuanceReport, to: authority.name)
    }
}

// MARK: -

extension HeldAuthority {
    /// The secret key of the current epoch.
    func secretKey() throws -> AuthoritySecretKey { try currentEpoch.secret.withBytes { try AuthoritySecretKey(decoding: $0) } }

    var attributeNameKey: SymmetricKey? { nameKey?.withBytes { SymmetricKey(data: $0) } }
}

extension Issuance {
    /// Whether a key of it opens what is sealed now, as far as the register goes.
    func isOpen(in ready: ReadyAuthority) -> Bool { state != .reserved && revoked == nil && epoch == ready.record.publicKey.epoch }
}

extension GrantedAttribute {
    /// Reads an attribute as typed.
    init(checking text: String) throws(ClientError) {
        do {
            try self.init(parsing: text)
        } catch {
            throw ClientError(.usage, "\(text): \(error)", hint: "attributes look like this: doctor, role=doctor, clearance=3, since=2024-05-01")
        }
    }
}

extension IssueReport {
    init(_ authority: String, _ issuance: Issuance, handedOver: String?, failure: String?) {
        self.init(
            authority: authority, holder: issuance.holder, attributes: issuance.attributes, notBefore: issuance.notBefore, notAfter: issuance.notAfter,
            epoch: issuance.epoch, leaf: issuance.leaf, issuance: issuance.commitment.isEmpty ? nil : issuance.commitment.hexadecimal,
            ledgerIndex: issuance.ledgerIndex, handedOver: handedOver, failure: failure)
    }
}
