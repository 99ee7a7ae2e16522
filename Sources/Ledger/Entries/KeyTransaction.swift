// The transaction that publishes public keys: KEY.

internal import CanonicalEncoding

/// Who a key bundle belongs to.
package enum KeyRole: UInt64, Sendable, CaseIterable {
    case patient = 1
    case clinic = 2
    case doctor = 3
    case service = 4
    /// The site's own server.
    case server = 5
}

/// KEY: a bundle of public keys, the first or the next of its holder.
package struct KeyTransaction: Equatable, Sendable {
    package var pseudonym: [UInt8]
    package var role: KeyRole
    /// The signed bundle; its inside is the envelope format's business.
    package var bundle: [UInt8]
    /// 0 for the holder's first bundle, then one more each time.
    package var sequence: UInt64

    package init(pseudonym: [UInt8], role: KeyRole, bundle: [UInt8], sequence: UInt64) {
        self.pseudonym = pseudonym
        self.role = role
        self.bundle = bundle
        self.sequence = sequence
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "KEY transaction")
        pseudonym = try fields.bytes(1, count: TransactionBody.identifierByteCount)
        let code = try fields.unsigned(2)
        guard let role = KeyRole(rawValue: code) else {
            throw LedgerError(.malformedEntry, "has the unknown role \(code)", place: "KEY transaction")
        }
        self.role = role
        bundle = try fields.bytes(3)
        sequence = try fields.unsigned(4)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] {
        [1: .bytes(pseudonym), 2: .unsigned(role.rawValue), 3: .bytes(bundle), 4: .unsigned(sequence)]
    }
}
