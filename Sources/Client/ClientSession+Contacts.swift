// Other people's keys: read from the site, proven on its ledger, pinned at first sight.

internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Keyring
internal import Ledger

/// Keys of a person or site that the ledger proves.
struct CheckedContact {
    let name: String
    let bundle: KeyBundle
    let pseudonym: [UInt8]
}

extension ClientSession {
    /// The keys of somebody. Fails when there are none, when they are not on the ledger, or when they have changed
    /// without the signature of the key that was pinned.
    func contact(_ name: String) async throws -> CheckedContact {
        guard let contact = try await contactIfPresent(name) else {
            throw ClientError(.notFound, "\(name) has no keys on this site", hint: "\(name) publishes them with: phr login")
        }
        return contact
    }

    func contactIfPresent(_ name: String) async throws -> CheckedContact? {
        if let known = checkedContacts[name] { return known }
        guard VirtualPath.isName(name) else { throw ClientError(.usage, "\(name) is no user name") }
        guard let text = try await text(try VirtualPath(absolute: "/.keys").appending(name)) else { return nil }
        let proven = try await prove(text)
        guard case .key(let transaction) = proven.body else {
            throw ClientError(.notOnLedger, "the proof of \(name)'s keys is about something else")
        }
        let bundle = try KeyBundle(decoding: transaction.bundle)
        guard bundle.sequence == transaction.sequence else {
            throw ClientError(.tampered, "\(name)'s keys and their ledger entry have different numbers")
        }
        try pin(name, bundle)
        let contact = CheckedContact(name: name, bundle: bundle, pseudonym: transaction.pseudonym)
        checkedContacts[name] = contact
        return contact
    }

    /// Compares keys with those seen before, and remembers them.
    private func pin(_ name: String, _ bundle: KeyBundle) throws {
        let encoded = bundle.encoded().base64
        if let pinned = profile.contacts[name], pinned.bundle != encoded {
            let hint = "ask \(name) in person whether the keys were replaced, then remove the contact from the profile"
            guard bundle.sequence >= pinned.sequence else {
                throw ClientError(.staleHeader, "the server shows older keys of \(name) than before", hint: hint)
            }
            guard let bytes = [UInt8](base64: pinned.bundle), let previous = try? KeyBundle(decoding: bytes),
                (try? bundle.verify(following: previous)) != nil
            else {
                throw ClientError(.tampered, "the keys of \(name) have changed, without a signature of the key that was known", hint: hint)
            }
        }
        profile.contacts[name] = Profile.Contact(bundle: encoded, sequence: bundle.sequence)
    }

    /// Names of all who have keys on the site.
    func contactNames() async throws -> [String] {
        try await ftp.list(try VirtualPath(absolute: "/.keys")).filter { $0.kind == .file }.map(\.name)
    }

    /// Public keys for the key identifiers in stanzas, so that a header can be made anew for the same people.
    ///
    /// - Throws: when a recipient's key is nowhere on the site.
    func recipients(of stanzas: [Stanza]) async throws -> [(recipient: Recipient, name: String)] {
        var missing = Set(stanzas.map(\.keyID))
        var found: [(Recipient, String)] = []
        func take(_ bundle: KeyBundle, _ name: String) {
            for recipient in bundle.recipients where missing.remove(recipient.keyID) != nil { found.append((recipient, name)) }
        }
        take(try keyring.bundle(), user)
        for contact in checkedContacts.values { take(contact.bundle, contact.name) }
        if !missing.isEmpty {
            for name in try await contactNames() where !missing.isEmpty {
                if let contact = try await contactIfPresent(name) { take(contact.bundle, name) }
            }
        }
        guard missing.isEmpty else {
            let ids = missing.map(\.hexadecimal).sorted().joined(separator: ", ")
            throw ClientError(.notFound, "recipients cannot be kept, their keys are not on the site: \(ids)")
        }
        return found
    }
}

extension KeyBundle {
    /// All keys that may stand in stanzas.
    var recipients: [Recipient] {
        var recipients = [recipient]
        if let x25519Key { recipients.append(.x25519(publicKey: x25519Key)) }
        if let rsaKeyDER { recipients.append(.rsa(publicKeyDER: rsaKeyDER)) }
        return recipients
    }
}
