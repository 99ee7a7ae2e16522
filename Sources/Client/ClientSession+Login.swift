// The first contact with a site: whom to trust there, which ledger is its own, and our keys on it.

internal import CanonicalEncoding
internal import Envelope
internal import FTPClient
internal import FTPProtocol
package import Keyring
package import Transport

/// What a login made known.
package struct LoginReport: Encodable, Sendable {
    package let server: String
    package let profile: String
    /// SHA-256 of the server's certificate.
    package let certificate: String
    package let ledgerKey: String
    package let ledgerSize: UInt64
    /// Our key bundle is on the ledger.
    package let keysRegistered: Bool
    /// It was put there by this login.
    package let keysAreNew: Bool
}

extension ClientSession {
    /// Makes a profile: checks certificate and password, pins the ledger's key, publishes our keys, and keeps it all.
    ///
    /// A profile that exists keeps its memory of the ledger when the server's address stays the same.
    package static func logIn(
        _ options: SessionOptions, url: ServerURL, trust: Profile.Trust, password: Secret, keyring: Keyring,
        loop: EventLoop, pool: BlockingPool
    ) async throws -> LoginReport {
        let store = options.store
        let name = options.profileName
        var profile = Profile(server: url.description, trust: trust)
        if store.exists(name) {
            let known = try store.load(name)
            guard known.server == profile.server else {
                throw ClientError(.configuration, "the profile \(name) is for \(known.server)", hint: "give another name with --profile")
            }
            profile = known
            profile.trust = trust
        }
        let authorities = try store.authoritiesFile(profile, name: name)
        let endpoint = try endpoint(of: profile, url: url, authorities: authorities)
        let report = try await FTPSession.withConnection(to: endpoint, timeouts: options.timeouts, loop: loop, pool: pool) { ftp in
            try await logIn(ftp, url: url, password: password)
            let key = try await ledgerKey(of: ftp, known: profile.ledgerKey)
            profile.ledgerKey = key
            let log = try LogMemory(key: key, checkpoint: profile.checkpoint)
            let session = ClientSession(ftp: ftp, keyring: keyring, user: url.user, home: store.home, profile: profile, log: log)
            try await session.updateLog()
            let isNew = try await session.publishKeys()
            profile = session.profile
            profile.checkpoint = session.log.checkpointText
            let report = LoginReport(
                server: url.description, profile: name, certificate: (ftp.certificateDigest ?? []).hexadecimal, ledgerKey: key,
                ledgerSize: session.log.size, keysRegistered: true, keysAreNew: isNew)
            await ftp.quit()
            return report
        }
        var keyring = keyring
        try keyring.update { $0.setPassword(password, profile: name) }
        try store.create(profile, as: name)
        return report
    }

    /// The ledger's key: pinned at the first login, the same ever after.
    private static func ledgerKey(of ftp: FTPSession, known: String?) async throws -> String {
        let path = try VirtualPath(absolute: "/.ledger/vkey")
        guard let bytes = try await ftp.retrieveAll(path, limit: 4096), let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientError(.notOnLedger, "the server has no ledger", hint: "is this a phrd server?")
        }
        let key = text.hasSuffix("\n") ? String(text.dropLast()) : text
        if let known, known != key {
            throw ClientError(.logMisbehaviour, "the ledger's key has changed", hint: "ask the site's operator; this profile keeps the old key")
        }
        return key
    }

    /// Puts our key bundle on the ledger unless it is there. Gives true when it was put there now.
    private func publishKeys() async throws -> Bool {
        let own = try keyring.bundle()
        if let known = try await contactIfPresent(user) {
            guard known.bundle.signingKey == own.signingKey else {
                throw ClientError(
                    .configuration, "the account \(user) already has keys of another identity",
                    hint: "use the PHR_HOME in which that identity lies, or ask the site's operator")
            }
            return false
        }
        try await ftp.store(try VirtualPath(absolute: "/.keys").appending(user), bytes: own.encoded())
        let published = try await contact(user)
        guard published.bundle == own else {
            throw ClientError(.tampered, "the server published other keys than ours")
        }
        return true
    }
}
