// What a transaction says, by type.

internal import CanonicalEncoding

/// The content of a transaction. Identifiers are random and pseudonyms are per site: nothing here names a person.
package enum TransactionBody: Equatable, Sendable {
    /// A record, or a new version of one, exists.
    case record(RecordTransaction)
    /// The recipients of a record version changed; its body did not.
    case header(HeaderTransaction)
    /// A user's or the server's public keys.
    case key(KeyTransaction)
    /// A record version was taken out of its owner's tree.
    case tombstone(TombstoneTransaction)
    /// A gateway handed out a record in plain.
    case access(AccessTransaction)
    /// The record of an authority: the first, the next with other revocations or issuers, or one with new keys.
    case authority(AuthorityTransaction)
    /// Attribute keys were issued.
    case issue(IssueTransaction)
    /// A folder got a policy.
    case policy(PolicyTransaction)
    /// Emergency access was used.
    case emergency(EmergencyTransaction)
    /// Where the site's audit log stood.
    case audit(AuditTransaction)

    /// Bytes of an encoded body at most.
    package static let largestByteCount = 48 * 1024
    package static let identifierByteCount = 16
    package static let hashByteCount = 32

    package var type: UInt64 {
        switch self {
        case .record: 16
        case .header: 17
        case .key: 18
        case .tombstone: 19
        case .access: 20
        case .authority: 21
        case .issue: 22
        case .policy: 23
        case .emergency: 24
        case .audit: 25
        }
    }

    /// Decodes a body strictly; only the bytes that `encoded()` gives back are accepted.
    package init(type: UInt64, decoding bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Self.largestByteCount else {
            throw LedgerError(.malformedEntry, "has \(bytes.count) bytes, more than \(Self.largestByteCount)", place: "transaction body")
        }
        let value = try decodeEntryMap(bytes, of: "transaction body")
        switch type {
        case 16: self = .record(try RecordTransaction(value))
        case 17: self = .header(try HeaderTransaction(value))
        case 18: self = .key(try KeyTransaction(value))
        case 19: self = .tombstone(try TombstoneTransaction(value))
        case 20: self = .access(try AccessTransaction(value))
        case 21: self = .authority(try AuthorityTransaction(value))
        case 22: self = .issue(try IssueTransaction(value))
        case 23: self = .policy(try PolicyTransaction(value))
        case 24: self = .emergency(try EmergencyTransaction(value))
        case 25: self = .audit(try AuditTransaction(value))
        default: throw LedgerError(.malformedEntry, "has the unknown type \(type)", place: "transaction")
        }
    }

    package func encoded() -> [UInt8] { CBOR.map(fields).encoded() }

    private var fields: [UInt64: CBOR] {
        switch self {
        case .record(let body): body.fields
        case .header(let body): body.fields
        case .key(let body): body.fields
        case .tombstone(let body): body.fields
        case .access(let body): body.fields
        case .authority(let body): body.fields
        case .issue(let body): body.fields
        case .policy(let body): body.fields
        case .emergency(let body): body.fields
        case .audit(let body): body.fields
        }
    }

    /// Refuses a body that no reader would accept, before it is signed.
    func validate() throws(LedgerError) {
        do {
            _ = try TransactionBody(type: type, decoding: encoded())
        } catch {
            throw LedgerError(.invalidTransaction, error.reason, place: error.place)
        }
    }
}
