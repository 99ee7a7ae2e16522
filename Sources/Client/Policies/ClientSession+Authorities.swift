// Public records of authorities: read from the site, proven on its ledger, signed by the pinned contact, never older than before.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// An authority whose newest record is proven, or was given by the user as a file.
struct CheckedAuthority {
    /// The account's name, as it stands in policies.
    let name: String
    /// On the ledger; `nil` for a record from a file.
    let pseudonym: [UInt8]?
    let record: AuthorityRecord
    /// Entry of the record; `nil` for a record from a file.
    let ledgerIndex: UInt64?

    /// Ed25519 key that signed the record.
    var signingKey: [UInt8] { record.publicKey.owner }
}

extension ClientSession {
    /// Records between the last one seen and the newest that are read to check that each follows the one before.
    private static let longestHistory: UInt64 = 256

    /// The newest record of an authority, to seal under.
    ///
    /// - Throws: `.notFound` when it published none; `.staleHeader` when the site shows an older one than seen before;
    ///   `.tampered` when another identity signed it, or the key changed without a new epoch; `.notOnLedger` without proof.
    func authority(_ name: String) async throws -> CheckedAuthority {
        guard let authority = try await authorityIfPresent(name) else {
            throw ClientError(.notFound, "\(name) has published no authority on this site", hint: "\(name) makes one with: phr authority init")
        }
        return authority
    }

    /// The same; `nil` when it published none.
    func authorityIfPresent(_ name: String) async throws -> CheckedAuthority? {
        if let known = checkedAuthorities[name] { return known }
        guard VirtualPath.isName(name) else { throw ClientError(.usage, "\(name) is no account name") }
        guard let published = try await publishedAuthority(try Self.authoritiesFolder().appending(name), of: name) else {
            guard profile.authorities?[name] == nil else {
                throw ClientError(.staleHeader, "the server shows no authority of \(name); there was one before", hint: "ask the site's operator")
            }
            return nil
        }
        try await remember(published.record, as: name)
        checkedAuthorities[name] = published
        return published
    }

    /// Takes an authority's record from a file that the user trusts, instead of from the site.
    func useAuthority(_ name: String, record bytes: [UInt8], file: String) async throws {
        let record: AuthorityRecord
        do {
            record = try AuthorityRecord(decoding: bytes)
        } catch {
            throw ClientError(.tampered, "\(file) is no authority record: \(error)")
        }
        let contact = try await contactIfPresent(name)
        if let contact, contact.bundle.signingKey != record.publicKey.owner {
            throw ClientError(.tampered, "\(file) is not signed with the keys of \(name) on this site")
        }
        if let seen = profile.authorities?[name], seen.sequence > record.sequence {
            throw ClientError(
                .staleHeader, "\(file) holds record \(record.sequence) of \(name); record \(seen.sequence) was seen before",
                hint: "get the newest with: phr authority show \(name)")
        }
        checkedAuthorities[name] = CheckedAuthority(name: name, pseudonym: contact?.pseudonym, record: record, ledgerIndex: nil)
    }

    private static func authoritiesFolder() throws -> VirtualPath { try VirtualPath(absolute: "/.authorities") }

    /// A record with its proof; it is the one the ledger has for this account, signed by this account's key.
    private func publishedAuthority(_ path: VirtualPath, of name: String) async throws -> CheckedAuthority? {
        guard let text = try await text(path) else { return nil }
        let entry = try await prove(text)
        guard case .authority(let transaction) = entry.body else {
            throw ClientError(.notOnLedger, "the proof of the authority \(name) is about something else")
        }
        let contact = try await contact(name)
        guard transaction.pseudonym == contact.pseudonym else {
            throw ClientError(.tampered, "the authority record shown as \(name)'s belongs to somebody else")
        }
        let record: AuthorityRecord
        do {
            record = try AuthorityRecord(decoding: transaction.record)
        } catch {
            throw ClientError(.tampered, "the authority record of \(name) is not valid: \(error)")
        }
        guard record.publicKey.owner == contact.bundle.signingKey else {
            throw ClientError(
                .tampered, "the authority record of \(name) is not signed with \(name)'s keys",
                hint: "if \(name) has new keys, the authority must be published again: phr authority publish")
        }
        guard record.sequence == transaction.sequence, record.publicKey.epoch == transaction.epoch else {
            throw ClientError(.tampered, "the authority record of \(name) and its ledger entry have different numbers")
        }
        return CheckedAuthority(name: name, pseudonym: contact.pseudonym, record: record, ledgerIndex: entry.index)
    }

    /// Compares a record with the newest one seen before, and remembers it.
    private func remember(_ record: AuthorityRecord, as name: String) async throws {
        if let seen = profile.authorities?[name], let bytes = [UInt8](base64: seen.record), let previous = try? AuthorityRecord(decoding: bytes) {
            guard record.sequence >= previous.sequence else {
                throw ClientError(
                    .staleHeader, "the server shows record \(record.sequence) of the authority \(name); record \(previous.sequence) was seen before",
                    hint: "the site may have been restored from a backup; ask its operator")
            }
            if record.sequence == previous.sequence {
                guard record == previous else {
                    throw ClientError(.tampered, "there are two authority records \(record.sequence) of \(name)", hint: Self.askInPerson(name))
                }
                return
            }
            try await verify(record, following: previous, of: name)
        }
        let seen = Profile.SeenAuthority(record: record.encoded().base64, sequence: record.sequence)
        profile.authorities = (profile.authorities ?? [:]).merging([name: seen]) { $1 }
    }

    /// Follows the chain of records from one seen before to the newest.
    private func verify(_ newest: AuthorityRecord, following seen: AuthorityRecord, of name: String) async throws {
        guard newest.sequence - seen.sequence <= Self.longestHistory else {
            throw ClientError(
                .tampered, "\(newest.sequence - seen.sequence) records of the authority \(name) were published since the last one seen",
                hint: Self.askInPerson(name))
        }
        var previous = seen
        for sequence in (seen.sequence + 1)...newest.sequence {
            var next = newest
            if sequence < newest.sequence {
                let path = try Self.authoritiesFolder().appending(name + ".history").appending(String(sequence))
                guard let record = try await publishedAuthority(path, of: name)?.record, record.sequence == sequence else {
                    throw ClientError(.tampered, "record \(sequence) of the authority \(name) is missing", hint: Self.askInPerson(name))
                }
                next = record
            }
            do {
                try next.verify(following: previous)
            } catch {
                throw ClientError(
                    .tampered, "record \(sequence) of the authority \(name) does not follow the one before: \(error)",
                    hint: Self.askInPerson(name))
            }
            previous = next
        }
    }

    private static func askInPerson(_ name: String) -> String { "ask \(name) in person what happened to the authority's keys" }
}
