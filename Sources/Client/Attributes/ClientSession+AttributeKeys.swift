// The attribute keys that this session opens records with, and what `phr attributes` says of them.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import Keyring

/// A received key, with what the ledger says of it now.
package struct AttributeReport: Encodable, Sendable {
    package enum State: String, Encodable, Sendable {
        case current
        /// Opens what was sealed before the authority replaced its keys, and nothing newer.
        case oldEpoch = "old epoch"
        case expired
        case notYetValid = "not yet valid"
        case revoked
        /// The ledger was not asked.
        case unknown
        /// Damaged, or of a version that this program does not know: it opens nothing here.
        case unreadable
    }

    package let authority: String
    package let attributes: [String]
    /// Who issued it, when it was not the authority itself.
    package let issuer: String?
    package let notBefore: String
    package let notAfter: String
    package let epoch: UInt64
    package let currentEpoch: UInt64?
    package let state: State
    package let keyID: String
    package let ledgerIndex: UInt64
    /// Seconds since 1970.
    package let received: UInt64
    /// For a key of emergency access: when it is forgotten, in seconds since 1970.
    package let keepUntil: UInt64?
}

extension ClientSession {
    /// Every attribute key of this site, newest first, and those of emergencies that this session alone has. Decoded once.
    func attributeKeys() -> [AttributeKey] {
        if let decodedAttributeKeys { return emergencyKeys + decodedAttributeKeys }
        let keys = keyring.attributeKeys(site: site, now: now)
        decodedAttributeKeys = keys
        return emergencyKeys + keys
    }

    /// What we hold, from whom, until when, and whether it still opens what is sealed now.
    ///
    /// - Parameter asksLedger: look the authorities up; else only what the keyring knows.
    package func heldAttributes(asksLedger: Bool) async throws -> [AttributeReport] {
        var reports: [AttributeReport] = []
        for received in keyring.receivedKeys(site: site, now: now) {
            let document = try IssuanceDocument(decoding: received.document)
            var record: AuthorityRecord?
            if asksLedger { record = try await authorityIfPresent(received.authority)?.record }
            reports.append(AttributeReport(received, document, record: record, month: Month(secondsSince1970: Int64(now))))
        }
        return reports
    }
}

extension AttributeReport {
    init(_ received: ReceivedKey, _ document: IssuanceDocument, record: AuthorityRecord?, month: Month) {
        self.init(
            authority: received.authority, attributes: document.attributes, issuer: received.issuer == received.authority ? nil : received.issuer,
            notBefore: document.validity.lowerBound.description, notAfter: document.validity.upperBound.description, epoch: received.epoch,
            currentEpoch: record?.publicKey.epoch,
            state: Self.state(received, document, record, month), keyID: received.keyID.hexadecimal, ledgerIndex: received.ledgerIndex,
            received: received.received, keepUntil: received.keepUntil)
    }

    private static func state(_ received: ReceivedKey, _ document: IssuanceDocument, _ record: AuthorityRecord?, _ month: Month) -> State {
        guard received.attributeKey != nil else { return .unreadable }
        if let record, record.publicKey.epoch > received.epoch { return .oldEpoch }
        if let record, record.publicKey.epoch == received.epoch, record.revocations.isRevoked(document.leaf) { return .revoked }
        if document.validity.upperBound < month { return .expired }
        if document.validity.lowerBound > month { return .notYetValid }
        return record == nil ? .unknown : .current
    }
}
