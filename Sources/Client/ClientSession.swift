// A session of a user with a site: FTPS below, the ledger above, and what was seen of both kept in the profile.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
package import FTPClient
internal import FTPProtocol
package import Keyring
internal import Ledger
package import Transport

/// What a session needs to know before it starts.
package struct SessionOptions: Sendable {
    package var store: ProfileStore
    package var profileName: String
    package var timeouts = ClientTimeouts()

    package init(store: ProfileStore, profileName: String = ProfileStore.defaultName) {
        self.store = store
        self.profileName = profileName
    }
}

/// How far a transfer is: bytes done, and bytes in all when they are known.
package typealias Progress = (_ done: UInt64, _ total: UInt64?) -> Void

/// Commands on the records of one site. Used by one task, on the loop it was opened on.
package final class ClientSession {
    let ftp: FTPSession
    /// As it was opened, or as this session has changed it on the disk.
    var keyring: Keyring {
        didSet { decodedAttributeKeys = nil }
    }
    let user: String
    /// PHR_HOME.
    let home: String
    var profile: Profile
    var log: LogMemory
    /// Contacts whose keys this run has already checked.
    var checkedContacts: [String: CheckedContact] = [:]
    /// Wrap keys that this run has unwrapped: files that were sealed together cost one decapsulation.
    let wrapKeys = WrapKeyCache()
    /// Records of authorities that this run has already checked, or that the user gave as files.
    var checkedAuthorities: [String: CheckedAuthority] = [:]
    /// Keys of emergency access, which this session alone has.
    var emergencyKeys: [AttributeKey] = []
    /// Those of the keyring; `nil` until they are asked for.
    var decodedAttributeKeys: [AttributeKey]?

    init(ftp: FTPSession, keyring: Keyring, user: String, home: String, profile: Profile, log: LogMemory) {
        self.home = home
        self.ftp = ftp
        self.keyring = keyring
        self.user = user
        self.profile = profile
        self.log = log
    }

    /// Connects, logs in, brings the view of the ledger up to date, and lends the session to `body`.
    ///
    /// What was verified on the way is kept even when `body` fails: memory never goes back.
    package static func withSession<R>(
        _ options: SessionOptions, keyring: Keyring, loop: EventLoop, pool: BlockingPool, _ body: (ClientSession) async throws -> R
    ) async throws -> R {
        let store = options.store
        let name = options.profileName
        let profile = try store.load(name)
        guard let ledgerKey = profile.ledgerKey, let password = keyring.password(profile: name) else {
            throw ClientError(.configuration, "the profile \(name) is not complete", hint: "log in again: phr login \(profile.server)")
        }
        let url = try profile.url()
        let endpoint = try endpoint(of: profile, url: url, authorities: try store.authoritiesFile(profile, name: name))
        return try await FTPSession.withConnection(to: endpoint, timeouts: options.timeouts, loop: loop, pool: pool) { ftp in
            try await logIn(ftp, url: url, password: password)
            let log = try LogMemory(key: ledgerKey, checkpoint: profile.checkpoint)
            let session = ClientSession(ftp: ftp, keyring: keyring, user: url.user, home: store.home, profile: profile, log: log)
            let result: R
            do {
                try await session.updateLog()
                result = try await body(session)
            } catch {
                try? session.remember(in: store, as: name)
                throw error
            }
            try session.remember(in: store, as: name)
            await ftp.quit()
            return result
        }
    }

    static func endpoint(of profile: Profile, url: ServerURL, authorities: String?) throws(ClientError) -> ServerEndpoint {
        let trust: TLSTrust
        if let pin = profile.trust.pin {
            guard let digest = [UInt8](hexadecimal: pin), digest.count == 32 else {
                throw ClientError(.usage, "a pin is the SHA-256 of the certificate: 64 hexadecimal digits")
            }
            trust = .pinned(sha256: digest)
        } else if let authorities {
            trust = .certificateAuthority(path: authorities)
        } else {
            trust = .systemRoots
        }
        return ServerEndpoint(host: url.host, port: url.port, security: url.isImplicit ? .implicit : .explicit, trust: trust, identity: profile.trust.identity)
    }

    static func logIn(_ ftp: FTPSession, url: ServerURL, password: Secret) async throws {
        var bytes = password.withBytes { $0 }
        defer { wipe(&bytes) }
        try await ftp.logIn(user: url.user, password: bytes)
    }

    func remember(in store: ProfileStore, as name: String) throws {
        profile.checkpoint = log.checkpointText
        try store.merge(profile, as: name, sizeOf: LogMemory.size(of:))
    }

    /// The keys that open envelopes of this user: her own, then the attribute keys that authorities gave her.
    func identities() throws -> [Identity] {
        let attributeKeys = attributeKeys()
        return try keyring.identities() + (attributeKeys.isEmpty ? [] : [.attributes(attributeKeys, at: Month(secondsSince1970: currentTime()))])
    }

    /// Reads a small text of the site, such as a proof.
    func text(_ path: VirtualPath, limit: Int = 1 << 20) async throws -> String? {
        guard let bytes = try await ftp.retrieveAll(path, limit: limit) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ClientError(.notOnLedger, "\(path) is not text") }
        return text
    }
}
