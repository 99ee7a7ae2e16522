// Other people's keys: read from the site, proven on its ledger, pinned at first sight.

internal import AttributeEncryption
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

    /// For whom stanzas are, so that a header can be made anew for the same people and policies.
    ///
    /// - Throws: when a recipient's key is nowhere on the site, or a policy is of a scheme that this program does not know.
    func addressees(of stanzas: [Stanza]) async throws -> [Addressee] {
        var missing = Set(stanzas.filter { $0.kind != .attributes }.map(\.keyID))
        var found: [Addressee] = []
        func take(_ bundle: KeyBundle, _ name: String) {
            for recipient in bundle.recipients where missing.remove(recipient.keyID) != nil { found.append(Addressee(name, key: recipient)) }
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
        return found + (try stanzas.compactMap { try $0.policyFacts() }.map { Addressee($0.policy) })
    }

    /// What to seal for. Policies are taken under the newest records of their authorities.
    func recipients(_ addressees: [Addressee]) async throws -> [Recipient] {
        var recipients: [Recipient] = []
        for addressee in addressees {
            switch addressee.target {
            case .key(let recipient): recipients.append(recipient)
            case .policy(let policy): recipients.append(try await recipient(policy))
            }
        }
        return recipients
    }
}

/// Whom a record is for: a person's key, or all who satisfy a policy.
struct Addressee: Hashable {
    enum Target: Hashable {
        case key(Recipient)
        case policy(Policy)
    }

    let target: Target
    /// The person's account; `nil` for a policy.
    let name: String?

    init(_ name: String, key: Recipient) {
        self.name = name
        target = .key(key)
    }

    init(_ policy: Policy) {
        name = nil
        target = .policy(policy)
    }

    var key: Recipient? { if case .key(let recipient) = target { recipient } else { nil } }
    var policy: Policy? { if case .policy(let policy) = target { policy } else { nil } }
}

extension [Addressee] {
    /// Names of the people, each once.
    var people: [String] {
        reduce(into: []) { names, addressee in
            if let name = addressee.name, !names.contains(name) { names.append(name) }
        }
    }

    /// Canonical texts of the policies.
    var policies: [String] { compactMap { $0.policy?.text } }
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
