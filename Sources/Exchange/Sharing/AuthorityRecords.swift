/// Records of authorities, decoded: checking their points and proofs takes milliseconds, so it is done once a record.
import AttributeEncryption
import RecordStore
import Synchronization

final class AuthorityRecords: Sendable {
    private struct Name: Hashable {
        let account: [UInt8]
        let sequence: UInt64
    }

    private static let capacity = 1024

    private let records = Mutex<[Name: AuthorityRecord]>([:])

    /// The record in a row of the catalogue; a row is never changed.
    func record(_ stored: StoredAuthority) throws -> AuthorityRecord {
        let name = Name(account: stored.account, sequence: stored.sequence)
        if let known = records.withLock({ $0[name] }) { return known }
        let record = try AuthorityRecord(decoding: stored.record)
        records.withLock { records in
            if records.count >= Self.capacity { records.removeAll() }
            records[name] = record
        }
        return record
    }
}
