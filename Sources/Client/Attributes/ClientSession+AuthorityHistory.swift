// Older records of an authority: keys of an old epoch are checked against the record of their time.

internal import AttributeEncryption
internal import FTPProtocol
internal import Ledger

extension CheckedAuthority {
    /// Its name on the ledger, which a record from a file alone does not tell.
    var provenPseudonym: [UInt8] {
        get throws(ClientError) {
            guard let pseudonym else { throw ClientError(.notOnLedger, "\(name) has no keys on this site's ledger") }
            return pseudonym
        }
    }

    /// Entry of its record.
    var provenIndex: UInt64 {
        get throws(ClientError) {
            guard let ledgerIndex else { throw ClientError(.notOnLedger, "the record of \(name) is not from this site's ledger") }
            return ledgerIndex
        }
    }
}

extension ClientSession {
    /// The newest record of an epoch, proven, and signed by the authority.
    ///
    /// - Throws: `.notFound` when the authority never was in that epoch.
    func authorityRecord(of authority: CheckedAuthority, epoch: UInt64) async throws -> AuthorityRecord {
        var record = authority.record
        guard epoch <= record.publicKey.epoch else {
            throw ClientError(.staleHeader, "\(authority.name) is in epoch \(record.publicKey.epoch) on the ledger, the key is of epoch \(epoch)")
        }
        let folder = try VirtualPath(absolute: "/.authorities").appending(authority.name + ".history")
        while record.publicKey.epoch > epoch, record.sequence > 0 {
            guard let text = try await text(try folder.appending("\(record.sequence - 1)")) else {
                throw ClientError(.notOnLedger, "the site does not show record \(record.sequence - 1) of \(authority.name)")
            }
            guard case .authority(let body) = try await prove(text).body, body.pseudonym == (try authority.provenPseudonym) else {
                throw ClientError(.notOnLedger, "the ledger's entry is about another authority than \(authority.name)")
            }
            let previous = try AuthorityRecord(decoding: body.record)
            // Each record names the hash of the one before, so a chain of checked records leads back.
            try record.verify(following: previous)
            record = previous
        }
        guard record.publicKey.epoch == epoch else { throw ClientError(.notFound, "\(authority.name) never was in epoch \(epoch)") }
        return record
    }
}
