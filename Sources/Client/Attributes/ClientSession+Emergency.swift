// Emergency access: a patient's key for a hospital, of which hospital and site have one half each.
//
// 1. The hospital has the attribute key sealed under k1 xor k2, and k1. The site has k2. Neither can open anything alone.
// 2. The site gives k2 out only after the request, with its reason, stands on the ledger and a notice lies in the patient's mail.
// 3. The key is put together in memory, and forgotten with the session unless its holder asks to keep it for some hours.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// What came of preparing emergency access.
package struct EmergencySetupReport: Encodable, Sendable {
    package let owner: String
    package let holder: String
    package let attributes: [String]
    package let notAfter: String
    /// Entry of the issuance.
    package let ledgerIndex: UInt64
    /// How often it was prepared for this holder before.
    package let sequence: UInt64
}

/// What came of using emergency access.
package struct EmergencyReport: Encodable, Sendable {
    package let owner: String
    package let holder: String
    package let reason: String
    /// Seconds since 1970.
    package let time: UInt64
    /// Entry that says so.
    package let ledgerIndex: UInt64
    package let ledgerSize: UInt64
    package let attributes: [String]
    package let note: String
    /// When the key is forgotten, in seconds since 1970; `nil` when it was not kept.
    package let keptUntil: UInt64?
    /// The record that was opened.
    package let record: GetReport?
    /// Names below the owner's folder, when no record was asked for.
    package let listing: [String]?
}

/// Emergency access that stands ready, and what was made of it.
package struct EmergencyList: Encodable, Sendable {
    package struct Prepared: Encodable, Sendable {
        /// The patient, or the hospital.
        package let name: String
        package let attributes: [String]
        package let notAfter: String
        package let isExpired: Bool
    }

    package struct Use: Encodable, Sendable {
        package let owner: String
        package let holder: String
        package let reason: String
        /// Seconds since 1970.
        package let time: UInt64
        package let ledgerIndex: UInt64
    }

    /// For whom we have prepared it.
    package let givenTo: [Prepared]
    /// Who has prepared it for us.
    package let receivedFrom: [Prepared]
    /// Uses of our records by others, each proven on the ledger.
    package let usesOfOurs: [Use]
    /// Our own uses.
    package let usesByUs: [Use]
}

extension ClientSession {
    // MARK: The patient

    /// Issues the emergency attribute to a hospital, and leaves one half of what opens the key with the site.
    package func prepareEmergency(for name: String, attribute: String, note: String, validMonths: Int) async throws -> EmergencySetupReport {
        let ready = try await ownAuthority(user)
        let holder = try await contact(name)
        guard name != user else { throw ClientError(.usage, "emergency access is for somebody else, such as a hospital") }
        let grant = Grant(
            holder: holder, attributes: [try GrantedAttribute(checking: attribute)], validity: try validity(validMonths), purpose: .emergency)
        var sequence: UInt64 = 0
        let reports = try await issue([grant], of: ready, keepsGoing: false, progress: { _, _, _ in }) { grant, issued in
            let how = try await self.handOverEmergencyKey(issued, to: grant.holder, of: ready, note: note)
            sequence = try await self.emergencyGrant(by: self.user, to: name)?.sequence ?? 0
            return how
        }
        let report = reports[0]
        return EmergencySetupReport(
            owner: user, holder: name, attributes: report.attributes, notAfter: report.notAfter, ledgerIndex: report.ledgerIndex ?? 0, sequence: sequence)
    }

    /// Seals the key under both halves, leaves one with the site, and mails key and other half to the hospital.
    ///
    /// - Parameter note: `nil` keeps the one that the site has.
    func handOverEmergencyKey(_ issued: IssuedKey, to holder: CheckedContact, of ready: ReadyAuthority, note: String?) async throws -> String {
        let halves = try emergencyHalves(for: holder, of: ready)
        let sealed = try EmergencySeal(halves.holders, halves.sites).seal(issued.key, commitment: issued.commitment)
        try await storeHalf(halves.sites, for: holder.name, note: note)
        let delivery = EmergencyDelivery(
            heading: heading(.emergencyKey, to: holder.name), document: issued.document, salt: issued.salt, sealedKey: sealed, half: halves.holders)
        try await mail(try delivery.withEncoded { try seal($0, .emergencyKey, for: holder) }, .emergencyKey, to: holder.name)
        return "mail"
    }

    /// The same two halves for every key of a holder, so that those of old epochs still open; new ones after a withdrawal.
    private func emergencyHalves(for holder: CheckedContact, of ready: ReadyAuthority) throws -> HeldAuthority.EmergencyHalves {
        let identity = GlobalIdentifier.of(signingKey: holder.bundle.signingKey)
        return try keyring.update { keyring in
            try keyring.withAuthority(ready.held.name, site: ready.held.site) { authority in
                if let known = authority.emergencyHalves.first(where: { $0.identity == identity }) { return known }
                let halves = HeldAuthority.EmergencyHalves(
                    identity: identity, holders: .random(byteCount: 32), sites: .random(byteCount: 32))
                authority.emergencyHalves.append(halves)
                return halves
            }
        }
    }

    private func storeHalf(_ half: Secret, for holder: String, note: String?) async throws {
        let path = try emergencyFolder(user, holder)
        let signer = try keyring.signer()
        let known = try await emergencyGrant(by: user, to: holder)
        let note = note ?? known?.note ?? ""
        var sequence = known.map { $0.sequence + 1 } ?? 0
        let time = now
        for attempt in 0... {
            var bytes = try half.withBytes { half in
                half
                    + (try EmergencyGrant(
                        owner: user, holder: holder, half: half, sequence: sequence, created: time, note: note, sign: { try signer.sign($0) }
                    ).encoded())
            }
            defer { wipe(&bytes) }
            do {
                try await ftp.store(path, bytes: bytes)
                return
            } catch FTPClientError.refused(let command, let reply) {
                // After a withdrawal the site alone remembers the number.
                guard attempt == 0, reply.code == 553, let expected = Self.number(after: "sequence=", in: reply.text), expected != sequence else {
                    throw FTPClientError.refused(command: command, reply)
                }
                sequence = expected
            }
        }
    }

    private static func number(after word: String, in text: String) -> UInt64? {
        guard let range = text.firstRange(of: word) else { return nil }
        return UInt64(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
    }

    /// Takes emergency access back: the site forgets its half, and the key is revoked.
    package func withdrawEmergency(from name: String) async throws -> RevocationReport? {
        let ready = try await ownAuthority(user)
        let path = try emergencyFolder(user, name)
        let wasPrepared = try await emergencyGrant(by: user, to: name) != nil
        if wasPrepared { try await ftp.delete(path) }
        let identity = GlobalIdentifier.of(signingKey: try await contact(name).bundle.signingKey)
        try keyring.update { keyring in
            try keyring.withAuthority(ready.held.name, site: ready.held.site) { $0.emergencyHalves.removeAll { $0.identity == identity } }
        }
        let issuances = ready.held.issuances.filter { $0.holder == name && $0.purpose == .emergency && $0.isOpen(in: ready) }
        guard !issuances.isEmpty else {
            guard wasPrepared else { throw ClientError(.notFound, "\(name) has no emergency access to your records") }
            return nil
        }
        let leaves = Set(issuances.map(\.leaf))
        let published = try await publishRevocation(of: leaves, by: ready)
        return RevocationReport(
            authority: user, holder: name, attributes: Set(issuances.flatMap(\.attributes)).sorted(), leaves: leaves.sorted(),
            sequence: published.record.sequence, ledgerIndex: try published.checked.provenIndex, revokedCount: published.record.revocations.revoked.count,
            unreportedCount: 0)
    }

    // MARK: The hospital

    /// Takes an emergency key into the keyring. It is sealed: all but the pairing equations is checked now, those when it is opened.
    func acceptEmergencyKey(_ message: WaitingMessage) async throws -> AcceptedMessage {
        let delivery = try message.message.document.withBytes { try EmergencyDelivery(decoding: $0) }
        let sender = try await sender(of: delivery.heading, message)
        let issuance = try await checkIssuance(delivery.document, salt: delivery.salt, from: sender, to: try keyring.signer().publicKey, purpose: .emergency)
        let document = issuance.document
        guard document.authority == sender.name else {
            throw ClientError(.tampered, "\(sender.name) gives emergency access to the records of \(document.authority)")
        }
        let holding = EmergencyHolding(
            site: site, owner: sender.name, document: delivery.document, salt: delivery.salt, ledgerIndex: issuance.ledgerIndex,
            sealedKey: delivery.sealedKey, half: delivery.half, received: now)
        let isNew = try keyring.update { $0.add(holding) }
        return AcceptedMessage(
            kind: .emergencyKey, sender: sender.name, authority: document.authority, attributes: document.attributes, epoch: document.epoch,
            notAfter: document.validity.upperBound.description, ledgerIndex: issuance.ledgerIndex, wasKnown: !isNew)
    }

    /// Uses emergency access: request, ledger entry and notice first, then the site's half, then the record.
    ///
    /// - Parameters:
    ///   - record: what to bring; `nil` lists what is there.
    ///   - keepHours: keep the key that long; else it is forgotten with the session.
    package func breakGlass(
        owner name: String, reason: String, record: RemoteName?, to file: String?, mayReplace: Bool, keepHours: Int?, progress: Progress
    ) async throws -> EmergencyReport {
        if let keepHours, !(1...72).contains(keepHours) { throw ClientError(.usage, "an emergency key can be kept for 1 to 72 hours") }
        _ = try await accept([.emergencyKey])
        let holdings = keyring.emergencyHoldings(site: site).filter { $0.owner == name }
        guard !holdings.isEmpty else {
            throw ClientError(.notFound, "\(name) has not prepared emergency access for \(user)", hint: "\(name) does it with: phr breakglass setup \(user)")
        }
        // Nothing is put on the ledger for a key that opens nothing.
        let ends = try holdings.map { try IssuanceDocument(decoding: $0.document).validity.upperBound }
        guard let last = ends.max(), last >= Month(secondsSince1970: Int64(now)) else {
            throw ClientError(.denied, "the emergency key of \(name) has run out", hint: "\(name) renews it with: phr breakglass setup \(user)")
        }
        let owner = try await contact(name)
        guard let grant = try await emergencyGrant(by: name, to: user) else {
            throw ClientError(.denied, "\(name) has withdrawn emergency access for \(user)")
        }
        try grant.verify(by: owner.bundle.signingKey)
        let signer = try keyring.signer()
        let request = try EmergencyRequest(
            owner: name, holder: user, reason: reason, time: now, nonce: randomBytes(EmergencyRequest.nonceByteCount), sign: { try signer.sign($0) })
        let folder = try emergencyFolder(name, user)
        try await ftp.store(try folder.appending("request"), bytes: request.encoded())
        let (half, entry) = try await release(in: folder, of: request, grant: grant, owner: owner)
        let keys = try await open(holdings, with: half, owner: owner)
        emergencyKeys += keys.map(\.key).reversed()
        let keptUntil = try keepHours.map { try keep(keys, hours: $0) }
        var report: GetReport?
        var listing: [String]?
        if let record {
            report = try await get(record, to: file, mayReplace: mayReplace, progress: progress)
        } else {
            listing = try await list(try RemoteName("/records/\(name)")).map { $0.name + ($0.isFolder ? "/" : "") }
        }
        return EmergencyReport(
            owner: name, holder: user, reason: reason, time: request.time, ledgerIndex: entry.index, ledgerSize: log.size,
            attributes: keys[keys.count - 1].document.attributes,
            note: grant.note, keptUntil: keptUntil, record: report, listing: listing)
    }

    /// The site's half, after the ledger has proven the request.
    private func release(
        in folder: VirtualPath, of request: EmergencyRequest, grant: EmergencyGrant, owner: CheckedContact
    ) async throws -> (half: Secret, entry: ProvenEntry) {
        guard let text = try await text(try folder.appending("release")) else {
            throw ClientError(.denied, "\(owner.name) has withdrawn emergency access for \(user)")
        }
        let release = try EmergencyRelease(parsing: text)
        let entry = try await prove(release.proof)
        guard release.proof.document == request.encoded() else { throw ClientError(.notOnLedger, "the site released its half for another request than ours") }
        let own = try await contact(user)
        guard case .emergency(let body) = entry.body, body.ownerPseudonym == owner.pseudonym, body.holderPseudonym == own.pseudonym else {
            throw ClientError(.notOnLedger, "the ledger's entry is about another emergency")
        }
        try grant.verify(half: release.half)
        return (Secret(release.half), entry)
    }

    /// An emergency key that both halves have opened.
    private struct OpenedEmergencyKey {
        let holding: EmergencyHolding
        let key: AttributeKey
        let document: IssuanceDocument
    }

    /// The keys of all epochs that we hold, each checked against the authority's record of its time; the newest is the last.
    private func open(_ holdings: [EmergencyHolding], with half: Secret, owner: CheckedContact) async throws -> [OpenedEmergencyKey] {
        let authority = try await authority(owner.name)
        var opened: [OpenedEmergencyKey] = []
        for holding in holdings {
            let commitment = DocumentCommitment.issue.commitment(salt: holding.salt, document: holding.document)
            let document = try IssuanceDocument(decoding: holding.document)
            let key = try EmergencySeal(holding.half, half).open(holding.sealedKey, commitment: commitment, owner: owner.name)
            let record = try await authorityRecord(of: authority, epoch: document.epoch)
            try check(key, is: document, of: record)
            opened.append(OpenedEmergencyKey(holding: holding, key: key, document: document))
        }
        return opened
    }

    private func keep(_ keys: [OpenedEmergencyKey], hours: Int) throws -> UInt64 {
        let (site, time) = (site, now)
        let until = time + UInt64(hours) * 3600
        try keyring.update { keyring in
            for opened in keys {
                keyring.add(
                    ReceivedKey(
                        site: site, authority: opened.document.authority, epoch: opened.document.epoch, keyID: opened.document.keyID,
                        secret: opened.key.withEncoded { Secret($0) }, nameKey: opened.key.nameKey.map(Secret.init), issuer: opened.holding.owner,
                        document: opened.holding.document, salt: opened.holding.salt, ledgerIndex: opened.holding.ledgerIndex, received: time,
                        keepUntil: until))
            }
        }
        return until
    }

    // MARK: Both

    /// What stands ready and what was used, from keyring and ledger.
    package func listEmergencies() async throws -> EmergencyList {
        _ = try await accept([.emergencyKey])
        let month = Month(secondsSince1970: Int64(now))
        func prepared(_ name: String, _ attributes: [String], _ notAfter: String) -> EmergencyList.Prepared {
            EmergencyList.Prepared(name: name, attributes: attributes, notAfter: notAfter, isExpired: Month(notAfter).map { $0 < month } ?? true)
        }
        let given = keyring.authority(user, site: site)?.holders.filter { $0.purpose == .emergency } ?? []
        let received = try keyring.emergencyHoldings(site: site).map { ($0.owner, try IssuanceDocument(decoding: $0.document)) }
        let newest = Dictionary(received) { $1 }
        let folder = try VirtualPath(absolute: "/.emergency").appending(user)
        // The site's folder also has those whose access was withdrawn meanwhile.
        var holders = Set(given.map(\.holder))
        for entry in (try? await ftp.list(folder)) ?? [] { holders.insert(entry.name) }
        for notice in try await emergencyNotices() { holders.insert(notice) }
        var usesOfOurs: [EmergencyList.Use] = []
        for holder in holders.sorted() { usesOfOurs += try await emergencyUses(owner: user, holder: holder) }
        var usesByUs: [EmergencyList.Use] = []
        for owner in newest.keys { usesByUs += try await emergencyUses(owner: owner, holder: user) }
        return EmergencyList(
            givenTo: given.map { prepared($0.holder, $0.attributes, $0.notAfter) },
            receivedFrom: newest.sorted { $0.key < $1.key }.map { prepared($0.key, $0.value.attributes, $0.value.validity.upperBound.description) },
            usesOfOurs: usesOfOurs.sorted { $0.time < $1.time }, usesByUs: usesByUs.sorted { $0.time < $1.time })
    }

    /// Holders whom notices in our mail name. The requests themselves are proven one by one, so a name that is wrong does no harm.
    private func emergencyNotices() async throws -> [String] {
        let folder = try VirtualPath(absolute: "/mail").appending(user)
        return try await ftp.list(folder).compactMap { entry in
            // emergency-HOLDER-YYYYMMDDTHHMMSSZ-XXXX.json.phr
            guard entry.name.hasPrefix("emergency-"), entry.name.hasSuffix(".json.phr") else { return nil }
            let parts = entry.name.dropFirst("emergency-".count).split(separator: "-", omittingEmptySubsequences: false)
            let holder = parts.dropLast(2).joined(separator: "-")
            return VirtualPath.isName(holder) ? holder : nil
        }
    }

    /// The requests of a holder, each proven and signed.
    private func emergencyUses(owner: String, holder: String) async throws -> [EmergencyList.Use] {
        let folder = try emergencyFolder(owner, holder).appending("requests")
        let names: [String]
        do { names = try await ftp.list(folder).map(\.name) } catch FTPClientError.refused { return [] }
        var uses: [EmergencyList.Use] = []
        for name in names.sorted(by: { (UInt64($0) ?? 0) < (UInt64($1) ?? 0) }) {
            guard let text = try await text(try folder.appending(name)) else { continue }
            let proof = try DocumentProof(parsing: text)
            let entry = try await prove(proof)
            let request = try EmergencyRequest(decoding: proof.document)
            let (ownerContact, holderContact) = (try await contact(owner), try await contact(holder))
            try request.verify(by: holderContact.bundle.signingKey)
            guard request.owner == owner, request.holder == holder, case .emergency(let body) = entry.body,
                body.ownerPseudonym == ownerContact.pseudonym, body.holderPseudonym == holderContact.pseudonym
            else { throw ClientError(.notOnLedger, "the ledger's entry is about another emergency") }
            uses.append(EmergencyList.Use(owner: owner, holder: holder, reason: request.reason, time: request.time, ledgerIndex: entry.index))
        }
        return uses
    }

    private func emergencyFolder(_ owner: String, _ holder: String) throws -> VirtualPath {
        try VirtualPath(absolute: "/.emergency").appending(owner).appending(holder)
    }

    /// The patient's signed word, as the site has it; its signature is checked by whoever relies on it.
    private func emergencyGrant(by owner: String, to holder: String) async throws -> EmergencyGrant? {
        guard let bytes = try await ftp.retrieveAll(try emergencyFolder(owner, holder), limit: EmergencyGrant.largestByteCount) else { return nil }
        let grant = try EmergencyGrant(decoding: bytes)
        guard grant.owner == owner, grant.holder == holder else { throw ClientError(.tampered, "the site shows a grant for somebody else") }
        return grant
    }
}
