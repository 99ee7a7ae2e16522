/// Who is shown a record that is sealed under a policy: those who hold keys of the authorities it names.
///
/// The server cannot tell who satisfies a policy, because it is not told who holds which attributes. It knows to whom an authority
/// issued keys at all, and shows the record to these: everyone else could not open it in any case.
import AttributeEncryption
import Authentication
import Crypto
import Envelope
import GRDB
import RecordStore

enum RecordVisibility {
    /// Somebody knows the name and wants to learn what he lacks: also with keys that are expired or revoked.
    case byName
    /// With keys that count now.
    case inListings
}

extension Site {
    /// What stands among a record's readers for all to whom an authority issued keys: it looks like a key id, and is none.
    static func readerID(ofAuthority pseudonym: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("phr/v1/authority-reader".utf8))
        hash.update(data: pseudonym)
        return Array(hash.finalize().prefix(KeyIdentifier.byteCount))
    }

    /// The readers that a header's stanzas stand for. An authority that has no account here issues to nobody here. Blocks.
    func readerIDs(of stanzas: [Stanza]) throws -> [[UInt8]] {
        var readers: Set<[UInt8]> = []
        for stanza in stanzas {
            guard stanza.kind == .attributes else {
                readers.insert(stanza.keyID)
                continue
            }
            for name in try stanza.policyFacts()?.policy.authorities ?? [] {
                if let account = try accounts.find(name) { readers.insert(Self.readerID(ofAuthority: account.pseudonym)) }
            }
        }
        return Array(readers)
    }
}

extension AccountFileSystem {
    /// The readers that this account is: its keys, and the authorities that issued to it.
    func readerIDs(_ db: Database, _ visibility: RecordVisibility) throws -> [[UInt8]] {
        let catalogue = site.catalogue
        let holders = try catalogue.keyBundles(db, account: account.pseudonym).map { GlobalIdentifier.of(signingKey: try keyBundle($0.bundle).signingKey) }
        var authorities: Set<[UInt8]> = []
        for issuance in try catalogue.issuances(db, holders: holders) where !authorities.contains(issuance.authority) {
            if visibility == .inListings, try !isInForce(db, issuance) { continue }
            authorities.insert(issuance.authority)
        }
        return try catalogue.keyIDs(db, account: account.pseudonym) + authorities.map(Site.readerID)
    }

    /// Neither past its last month nor revoked by the last record of its epoch.
    private func isInForce(_ db: Database, _ issuance: StoredIssuance) throws -> Bool {
        guard issuance.lastMonth >= UInt64(Site.currentMonth.number), let leaf = UInt32(exactly: issuance.leaf) else { return false }
        guard let stored = try site.catalogue.authority(db, account: issuance.authority, epoch: issuance.epoch) else { return false }
        return try !site.authorityRecords.record(stored).revocations.isRevoked(leaf)
    }
}
