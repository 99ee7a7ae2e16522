// Attribute keys that others have issued to this identity, and the sealed ones of emergency access.

internal import CanonicalEncoding

/// An attribute key as it was received and verified. Keys of old epochs stay: they open old records.
package struct ReceivedKey: Sendable {
    /// Origin of the site's log.
    package let site: String
    /// Account name of the authority.
    package let authority: String
    package let epoch: UInt64
    /// 16 bytes; the same key is kept once.
    package let keyID: [UInt8]
    /// `AttributeKey`, encoded.
    package let secret: Secret
    /// What an authority with hidden names maps attribute names with. 32 bytes.
    package let nameKey: Secret?
    /// Account name of who signed the issuance: the authority, or an issuer that it lists.
    package let issuer: String
    /// The issuance document with its salt: together they open the commitment on the ledger.
    package let document: [UInt8]
    package let salt: [UInt8]
    package let ledgerIndex: UInt64
    /// Seconds since 1970.
    package let received: UInt64
    /// For a key of emergency access: it is forgotten at this time, in seconds since 1970.
    package let keepUntil: UInt64?

    package init(
        site: String, authority: String, epoch: UInt64, keyID: [UInt8], secret: Secret, nameKey: Secret?, issuer: String, document: [UInt8],
        salt: [UInt8], ledgerIndex: UInt64, received: UInt64, keepUntil: UInt64? = nil
    ) {
        self.site = site
        self.authority = authority
        self.epoch = epoch
        self.keyID = keyID
        self.secret = secret
        self.nameKey = nameKey
        self.issuer = issuer
        self.document = document
        self.salt = salt
        self.ledgerIndex = ledgerIndex
        self.received = received
        self.keepUntil = keepUntil
    }
}

/// What a hospital holds of a patient's emergency key: the key sealed, and one of the two halves that open it.
package struct EmergencyHolding: Sendable {
    package let site: String
    /// Account name of the patient.
    package let owner: String
    /// The issuance, as far as it is not secret, with its salt.
    package let document: [UInt8]
    package let salt: [UInt8]
    package let ledgerIndex: UInt64
    /// The attribute key, sealed under both halves together.
    package let sealedKey: [UInt8]
    /// Our half. 32 bytes.
    package let half: Secret
    /// Seconds since 1970.
    package let received: UInt64

    package init(
        site: String, owner: String, document: [UInt8], salt: [UInt8], ledgerIndex: UInt64, sealedKey: [UInt8], half: Secret, received: UInt64
    ) {
        self.site = site
        self.owner = owner
        self.document = document
        self.salt = salt
        self.ledgerIndex = ledgerIndex
        self.sealedKey = sealedKey
        self.half = half
        self.received = received
    }
}

// MARK: - Their form in the keyring

extension ReceivedKey {
    init(_ fields: inout KeyringFields) throws(UnreadableContents) {
        self.init(
            site: try fields.text(0), authority: try fields.text(1), epoch: try fields.unsigned(2), keyID: try fields.bytes(3, count: 16),
            secret: try fields.secret(4), nameKey: try fields.optionalSecret(5, count: 32), issuer: try fields.text(6),
            document: try fields.bytes(7), salt: try fields.bytes(8, count: 32), ledgerIndex: try fields.unsigned(9),
            received: try fields.unsigned(10), keepUntil: try fields.optionalUnsigned(11))
    }

    var cbor: CBOR {
        var fields: [UInt64: CBOR] = [
            0: .text(site), 1: .text(authority), 2: .unsigned(epoch), 3: .bytes(keyID), 4: secret.cbor, 6: .text(issuer), 7: .bytes(document),
            8: .bytes(salt), 9: .unsigned(ledgerIndex), 10: .unsigned(received),
        ]
        if let nameKey { fields[5] = nameKey.cbor }
        if let keepUntil { fields[11] = .unsigned(keepUntil) }
        return .map(fields)
    }
}

extension EmergencyHolding {
    init(_ fields: inout KeyringFields) throws(UnreadableContents) {
        self.init(
            site: try fields.text(0), owner: try fields.text(1), document: try fields.bytes(2), salt: try fields.bytes(3, count: 32),
            ledgerIndex: try fields.unsigned(4), sealedKey: try fields.bytes(5), half: try fields.secret(6, count: 32),
            received: try fields.unsigned(7))
    }

    var cbor: CBOR {
        .map([
            0: .text(site), 1: .text(owner), 2: .bytes(document), 3: .bytes(salt), 4: .unsigned(ledgerIndex), 5: .bytes(sealedKey), 6: half.cbor,
            7: .unsigned(received),
        ])
    }
}
