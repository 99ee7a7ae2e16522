/// `/.emergency`: half of a key that an owner leaves at the site, released to its holder for a reason that the owner is told.
//
// 1. The half leaves the server only for a request whose transaction and whose notice to the owner are durable.
// 2. Both are one commit of the ledger: whatever fails before it leaves no request, and so nothing to release.
// 3. A grant that is replaced or withdrawn takes the requests made of it with it.
import Audit
import Authentication
import CanonicalEncoding
import Envelope
import FTPServer
import GRDB
import Ledger
import Logging
import RecordStore
import Transport

extension AccountFileSystem {
    /// How far a request's time may be from the server's, in seconds.
    private static let clockTolerance: UInt64 = 600

    // MARK: Grants

    func prepareEmergency(_ parties: EmergencyParties, _ bytes: [UInt8]) async throws(FileSystemError) -> String {
        let (half, document) = (Array(bytes.prefix(EmergencyGrant.halfByteCount)), Array(bytes.dropFirst(EmergencyGrant.halfByteCount)))
        let (stored, isKnown) = try await onPool { [self] in
            let grant = try EmergencyGrant(decoding: document)
            guard grant.owner == parties.owner, grant.holder == parties.holder else {
                throw FileSystemError.policy("The grant is from \(grant.owner) to \(grant.holder)")
            }
            try grant.verify(half: half)
            guard let holder = try site.accounts.find(parties.holder) else { throw FileSystemError.policy("\(parties.holder) has no account here") }
            let stored = StoredGrant(owner: account.pseudonym, holder: holder.pseudonym, sequence: grant.sequence, half: half, document: document)
            return try site.database.read { db in
                if try site.catalogue.grant(db, owner: account.pseudonym, holder: holder.pseudonym) == stored { return (stored, true) }
                try grant.verify(by: try requireBundle(db, of: account).signingKey)
                let next = try site.catalogue.grantSequence(db, owner: account.pseudonym, holder: holder.pseudonym).map { $0 + 1 } ?? 0
                guard grant.sequence == next else { throw Self.wrongSequence(grant.sequence, next: next) }
                return (stored, false)
            }
        }
        if isKnown { return "This emergency access is prepared already. sequence=\(stored.sequence)" }
        _ = try await commit([]) { [site] db, _ in try site.catalogue.storeGrant(db, stored) }
        await tellGrant(parties)
        logger.notice("emergency access prepared", metadata: ["emergency.holder": "\(parties.holder)"])
        return "Emergency access prepared. sequence=\(stored.sequence)"
    }

    func withdrawEmergency(_ parties: EmergencyParties) async throws(FileSystemError) {
        let holder = try await onPool { [self] in try requireAccount(parties.holder) }
        _ = try await commit([]) { [site, account] db, _ in
            try site.catalogue.withdrawGrant(db, owner: account.pseudonym, holder: holder.pseudonym)
        }
        await tellGrant(parties)
        logger.notice("emergency access withdrawn", metadata: ["emergency.holder": "\(parties.holder)"])
    }

    private func tellGrant(_ parties: EmergencyParties) async {
        let object = AuditEvent.Object(path: "/.emergency/\(parties.owner)/\(parties.holder)", owner: parties.owner)
        await site.record(.emergencyGrantChanged, actor: client.actor(account), object: object)
    }

    func grantDocument(_ parties: EmergencyParties) async throws(FileSystemError) -> [UInt8] {
        try await withParties(parties) { [site] db, owner, holder in
            guard let grant = try site.catalogue.grant(db, owner: owner, holder: holder) else { throw FileSystemError.notFound }
            return grant.document
        }
    }

    func grantOwners() async throws(FileSystemError) -> [String] {
        try await onPool { [self] in
            let pseudonyms = try site.database.read { db in
                let own = try site.catalogue.grantHolders(db, owner: account.pseudonym)
                return try site.catalogue.grantOwners(db, holder: account.pseudonym) + (own.isEmpty ? [] : [account.pseudonym])
            }
            return try names(of: pseudonyms)
        }
    }

    func grantHolders(of owner: String) async throws(FileSystemError) -> [String] {
        try await onPool { [self] in
            let owner = try requireAccount(owner)
            let holders = try site.database.read { try site.catalogue.grantHolders($0, owner: owner.pseudonym) }
            return try names(of: owner.name == account.name ? holders : holders.filter { $0 == account.pseudonym })
        }
    }

    // MARK: Requests

    func requestEmergency(_ parties: EmergencyParties, _ bytes: [UInt8]) async throws(FileSystemError) -> String {
        let plan = try await onPool { [self] in try checkedRequest(parties, bytes) }
        if let known = plan.known { return "This emergency access is recorded already. index=\(known.ledgerIndex)" }
        let notice = try await onPool { [site] in try EmergencyNotice(plan.request, salt: plan.use.salt, document: bytes).seal(for: plan.owner, at: site) }
        let emergency = EmergencyTransaction(
            ownerPseudonym: plan.use.owner, holderPseudonym: plan.use.holder,
            commitment: DocumentCommitment.emergency.commitment(salt: plan.use.salt, document: bytes))
        let receipt: Receipt
        do throws(FileSystemError) {
            receipt = try await commit([.emergency(emergency), .record(notice.transaction)]) { [self] db, indices in
                var use = plan.use
                use.ledgerIndex = indices[0]
                try site.catalogue.storeEmergency(db, use)
                try notice.enter(db, into: self, index: indices[1])
            }
        } catch {
            site.pool.submit { [site] in _ = try? site.blobs.remove(notice.member.blob) }
            throw error
        }
        await tell(.emergencyAccess, owner: parties.owner, index: receipt.indices[0])
        logger.warning(
            "emergency access", metadata: ["audit.owner": "\(parties.owner)", "audit.user": "\(parties.holder)", "audit.index": "\(receipt.indices[0])"])
        return "Emergency access recorded, \(parties.owner) has been told. index=\(receipt.indices[0]) height=\(receipt.head.height)"
    }

    private struct RequestPlan: Sendable {
        let request: EmergencyRequest
        let use: StoredEmergency
        /// The latest request, if it is this one.
        let known: StoredEmergency?
        let owner: NoticeRecipient
    }

    /// Blocks.
    private func checkedRequest(_ parties: EmergencyParties, _ bytes: [UInt8]) throws -> RequestPlan {
        let request = try EmergencyRequest(decoding: bytes)
        guard request.owner == parties.owner, request.holder == parties.holder else {
            throw FileSystemError.policy("The request is by \(request.holder) for records of \(request.owner)")
        }
        let owner = try requireAccount(parties.owner)
        return try site.database.read { db in
            guard let grant = try site.catalogue.grant(db, owner: owner.pseudonym, holder: account.pseudonym) else { throw FileSystemError.notFound }
            let latest = try site.catalogue.latestEmergency(db, owner: owner.pseudonym, holder: account.pseudonym)
            let now = UInt64(Site.milliseconds() / 1000)
            let isKnown = latest?.document == bytes
            if !isKnown {
                try request.verify(by: try requireBundle(db, of: account).signingKey)
                guard max(now, request.time) - min(now, request.time) <= Self.clockTolerance else {
                    throw FileSystemError.policy(
                        "The request's time is more than \(Self.clockTolerance / 60) minutes from the server's; set the clock, then ask again")
                }
            }
            let use = StoredEmergency(
                owner: owner.pseudonym, holder: account.pseudonym, number: latest.map { $0.number + 1 } ?? 0, grantSequence: grant.sequence,
                document: bytes, salt: randomBytes(DocumentCommitment.saltByteCount), ledgerIndex: 0, milliseconds: Site.milliseconds())
            let recipient = NoticeRecipient(name: owner.name, pseudonym: owner.pseudonym, key: try requireBundle(db, of: owner).recipient)
            return RequestPlan(request: request, use: use, known: isKnown ? latest : nil, owner: recipient)
        }
    }

    func requestNumbers(_ parties: EmergencyParties) async throws(FileSystemError) -> Range<UInt64> {
        try await withParties(parties) { [site] db, owner, holder in
            0..<(try site.catalogue.latestEmergency(db, owner: owner, holder: holder).map { $0.number + 1 } ?? 0)
        }
    }

    func requestProof(_ parties: EmergencyParties, _ number: UInt64) async throws(FileSystemError) -> [UInt8] {
        let use = try await withParties(parties) { [site] db, owner, holder in
            try site.catalogue.emergency(db, owner: owner, holder: holder, number: number)
        }
        guard let use else { throw .notFound }
        return try await onPool { [site] in Array(try site.proof(of: use).text.utf8) }
    }

    // MARK: Release

    func release(_ parties: EmergencyParties) async throws(FileSystemError) -> [UInt8] {
        let (grant, use) = try await withParties(parties) { [site] db, owner, holder in
            (try site.catalogue.grant(db, owner: owner, holder: holder), try site.catalogue.latestEmergency(db, owner: owner, holder: holder))
        }
        guard let grant else { throw .notFound }
        let minutes = site.configuration.limits.emergency_minutes
        guard let use, use.grantSequence == grant.sequence, use.milliseconds + Int64(minutes) * 60_000 > Site.milliseconds() else {
            throw .policy("Ask first: store the reason as /.emergency/\(parties.owner)/\(parties.holder)/request; the release holds for \(minutes) minutes")
        }
        // The proof can be made only when the transaction, and with it the notice, is durable and in a signed checkpoint.
        let release = try await onPool { [site] in EmergencyRelease(half: grant.half, proof: try site.proof(of: use)) }
        logger.warning(
            "emergency key released", metadata: ["audit.owner": "\(parties.owner)", "audit.user": "\(parties.holder)", "audit.index": "\(use.ledgerIndex)"])
        return Array(release.text.utf8)
    }

    private func withParties<R: Sendable>(
        _ parties: EmergencyParties, _ body: @escaping @Sendable (Database, _ owner: [UInt8], _ holder: [UInt8]) throws -> R
    ) async throws(FileSystemError) -> R {
        try await onPool { [self] in
            let (owner, holder) = (try requireAccount(parties.owner), try requireAccount(parties.holder))
            return try site.database.read { try body($0, owner.pseudonym, holder.pseudonym) }
        }
    }
}

extension Site {
    fileprivate func proof(of use: StoredEmergency) throws -> DocumentProof {
        try ledger.documentProof(index: use.ledgerIndex, salt: use.salt, document: use.document)
    }
}
