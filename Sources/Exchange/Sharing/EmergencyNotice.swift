/// What an owner is told about a use of emergency access: a sealed message in his mail, signed by the site.
import CanonicalEncoding
import Envelope
import FTPProtocol
import Foundation
import GRDB
import Ledger
import RecordStore
import Transport

/// To whom a notice goes.
struct NoticeRecipient: Sendable {
    let name: String
    let pseudonym: [UInt8]
    let key: Recipient
}

struct EmergencyNotice: Sendable {
    private struct Content: Encodable {
        let type = "phr/v1/emergency-notice"
        let owner: String
        let holder: String
        let reason: String
        /// Seconds since 1970.
        let time: UInt64
        /// Of the EMERGENCY transaction, which salt and document open.
        let commitment: String
        let salt: String
        let document: String
    }

    static let mediaType = "application/vnd.phr.emergency-notice+json"

    private let content: Content
    private let name: String

    init(_ request: EmergencyRequest, salt: [UInt8], document: [UInt8]) {
        content = Content(
            owner: request.owner, holder: request.holder, reason: request.reason, time: request.time,
            commitment: DocumentCommitment.emergency.commitment(salt: salt, document: document).hexadecimal, salt: salt.hexadecimal,
            document: document.base64)
        let time = "\(FTPTimestamp(seconds: Int64(clamping: request.time)))"
        name = "emergency-\(request.holder)-\(time.prefix(8))T\(time.dropFirst(8).prefix(6))Z-\(request.nonce.prefix(2).hexadecimal).json"
    }

    /// Seals the notice into a durable blob that nothing names yet. Blocks.
    func seal(for owner: NoticeRecipient, at site: Site) throws -> SealedNotice {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = [UInt8](try encoder.encode(content))
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: try WrapKey(recipients: [owner.key]),
            options: SealingOptions(padding: .padme, sealedOnIngest: true), signer: site.keys.ingest)
        let staging = try site.blobs.createStaging()
        do {
            try staging.write(sealer.head)
            try unsafe sealer.update(text) { try unsafe staging.write($0) }
            let metadata = RecordMetadata(
                originalName: name, mediaType: Self.mediaType, source: .init(uploader: AccountFileSystem.siteKeysName, receivedAt: content.time))
            let summary = try unsafe sealer.finish(metadata: metadata, interrupted: false) { try unsafe staging.write($0) }
            let member = StoredMember(
                blob: try staging.publish(), headByteCount: UInt64(summary.headLength), totalByteCount: summary.totalLength,
                plainByteCount: summary.plaintextByteCount)
            let opening = try RecordOpening(
                salt: randomBytes(32), objectID: summary.objectID, envelopeRoot: summary.footerHash,
                headersDigest: EnvelopeHead.headersDigest(of: [sealer.head]), headerRevision: 0)
            return SealedNotice(name: name, owner: owner, member: member, opening: opening, recordID: randomBytes(16), site: Site.pseudonym(of: site.ledger))
        } catch {
            staging.discard()
            throw error
        }
    }
}

/// A notice that is durable and waits for its commit.
struct SealedNotice: Sendable {
    let name: String
    let owner: NoticeRecipient
    let member: StoredMember
    let opening: RecordOpening
    let recordID: [UInt8]
    /// The site's pseudonym.
    let site: [UInt8]

    var transaction: RecordTransaction {
        RecordTransaction(
            recordID: recordID, version: 1, ownerPseudonym: owner.pseudonym, commitment: opening.commitment, envelopeRoot: opening.envelopeRoot,
            envelopeByteCount: member.envelopeByteCount, previousCommitment: nil)
    }

    /// The catalogue's part of the commit: in the owner's mail alone, where no sender can rename or replace it.
    func enter(_ db: Database, into fileSystem: AccountFileSystem, index: UInt64) throws {
        let catalogue = fileSystem.site.catalogue
        let now = Site.milliseconds()
        try catalogue.insertRecord(
            db, StoredRecord(recordID: recordID, owner: owner.pseudonym, uploader: site, createdMilliseconds: now, modifiedMilliseconds: now))
        let version = StoredVersion(
            recordID: recordID, number: 1, objectID: opening.objectID, members: [member], createdMilliseconds: now, uploader: site, ledgerIndex: index,
            salt: opening.salt, envelopeRoot: opening.envelopeRoot, headersDigest: opening.headersDigest, headerRevision: 0, isSealedOnIngest: false)
        try catalogue.addVersion(db, version, members: [member], readers: [owner.key.keyID], modifiedMilliseconds: now)
        try fileSystem.linkForOwner(db, recordID, "mail/\(owner.name)", [name], sender: "site", at: now)
    }
}
