// An entry of the issuer's register: who was given which attributes, until when, and what became of it.

internal import CanonicalEncoding

/// One issued attribute key, without its secret.
package struct Issuance: Sendable, Equatable {
    /// How far it has come. A leaf counts as used from the reservation on, whatever happens afterwards.
    package enum State: UInt64, Sendable {
        /// Written down before the key is made.
        case reserved = 0
        /// The ledger has its commitment.
        case onLedger = 1
        /// It has been sent or written to a file.
        case delivered = 2
    }

    package enum Purpose: UInt64, Sendable {
        case ordinary = 0
        /// Split between the holder and the site: `phr breakglass`.
        case emergency = 1
    }

    /// Account name of the holder.
    package var holder: String
    /// Global identifier the key is bound to, 32 bytes.
    package var identity: [UInt8]
    package var epoch: UInt64
    /// Member leaf of the revocation tree.
    package var leaf: UInt32
    /// As text, sorted.
    package var attributes: [String]
    /// First and last month of validity: "2026-11".
    package var notBefore: String
    package var notAfter: String
    /// Seconds since 1970.
    package var issued: UInt64
    /// SHA-256 commitment on the ledger, 32 bytes; empty while the key is being made.
    package var commitment: [UInt8]
    package var purpose: Purpose
    package var state: State
    package var ledgerIndex: UInt64?
    /// Nonce of the request it answers: a request is granted once.
    package var requestNonce: [UInt8]?
    /// Account name of the listed issuer who made it; nil for a key of our own making.
    package var issuer: String?
    /// Seconds since 1970 when its leaf was revoked.
    package var revoked: UInt64?

    package init(
        holder: String, identity: [UInt8], epoch: UInt64, leaf: UInt32, attributes: [String], notBefore: String, notAfter: String, issued: UInt64,
        commitment: [UInt8] = [], purpose: Purpose = .ordinary, state: State = .reserved, ledgerIndex: UInt64? = nil, requestNonce: [UInt8]? = nil,
        issuer: String? = nil, revoked: UInt64? = nil
    ) {
        self.holder = holder
        self.identity = identity
        self.epoch = epoch
        self.leaf = leaf
        self.attributes = attributes
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.issued = issued
        self.commitment = commitment
        self.purpose = purpose
        self.state = state
        self.ledgerIndex = ledgerIndex
        self.requestNonce = requestNonce
        self.issuer = issuer
        self.revoked = revoked
    }
}

extension Issuance {
    init(_ fields: inout KeyringFields) throws(UnreadableContents) {
        let leaf = try fields.unsigned(3)
        guard let leaf = UInt32(exactly: leaf), let purpose = Purpose(rawValue: try fields.unsigned(9)),
            let state = State(rawValue: try fields.unsigned(10))
        else { throw UnreadableContents() }
        self.init(
            holder: try fields.text(0), identity: try fields.bytes(1, count: 32), epoch: try fields.unsigned(2), leaf: leaf,
            attributes: try fields.texts(4), notBefore: try fields.text(5), notAfter: try fields.text(6), issued: try fields.unsigned(7),
            commitment: try fields.bytes(8), purpose: purpose, state: state, ledgerIndex: try fields.optionalUnsigned(11),
            requestNonce: try fields.optionalBytes(12), issuer: try fields.optionalText(13), revoked: try fields.optionalUnsigned(14))
    }

    var cbor: CBOR {
        var fields: [UInt64: CBOR] = [
            0: .text(holder), 1: .bytes(identity), 2: .unsigned(epoch), 3: .unsigned(UInt64(leaf)), 4: .array(attributes.map { .text($0) }),
            5: .text(notBefore), 6: .text(notAfter), 7: .unsigned(issued), 8: .bytes(commitment), 9: .unsigned(purpose.rawValue),
            10: .unsigned(state.rawValue),
        ]
        if let ledgerIndex { fields[11] = .unsigned(ledgerIndex) }
        if let requestNonce { fields[12] = .bytes(requestNonce) }
        if let issuer { fields[13] = .text(issuer) }
        if let revoked { fields[14] = .unsigned(revoked) }
        return .map(fields)
    }
}
