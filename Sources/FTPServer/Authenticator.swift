/// What the protocol needs of the accounts behind it.
package import Transport

package protocol Authenticator: Sendable {
    /// Checks a password, in a time that does not depend on whether the user exists, delays included.
    func authenticate(user: String, password: String, origin: LoginOrigin) async -> LoginAnswer

    /// Whether the client certificate of the origin logs the user in without a password (RFC 4217 §4). Nil: a password is wanted.
    func authenticateByCertificate(user: String, origin: LoginOrigin) async -> Login?

    /// Why nobody from this address is served, if so: asked before a byte is sent. Must not block.
    func refusal(of peer: SocketAddress) -> String?
}

package enum LoginAnswer: Sendable {
    case accepted(Login)
    /// With what the user must know, said only to somebody who proved to be that user.
    case refused(notice: String? = nil)
    /// One more answer is wanted; it comes as another PASS.
    case challenge(LoginChallenge)
    /// Too many have been refused: the connection ends with this text.
    case banned(String)
}

/// A question such as for a one-time code. One line of printable text.
package struct LoginChallenge: Sendable {
    package let prompt: String
    package let answer: @Sendable (String) async -> LoginAnswer

    package init(prompt: String, answer: @escaping @Sendable (String) async -> LoginAnswer) {
        self.prompt = prompt
        self.answer = answer
    }
}

/// Where a login comes from.
package struct LoginOrigin: Sendable {
    package let peer: SocketAddress
    package let tlsVersion: String
    /// The host that the client chose by SNI or HOST.
    package let host: TLSHostName
    package let certificate: ClientCertificate?

    package init(peer: SocketAddress, tlsVersion: String = "", host: TLSHostName = .server, certificate: ClientCertificate? = nil) {
        self.peer = peer
        self.tlsVersion = tlsVersion
        self.host = host
        self.certificate = certificate
    }
}

/// A certificate whose key the client has proved to hold.
package struct ClientCertificate: Sendable, Equatable {
    package let facts: CertificateFacts
    /// It chains to the authority that the operator trusts for clients. Otherwise nothing that it says of itself counts, only its fingerprint.
    package let isVerified: Bool

    package init(facts: CertificateFacts, isVerified: Bool) {
        self.facts = facts
        self.isVerified = isVerified
    }
}

/// A successful login.
package struct Login: Sendable {
    package let user: String
    package let dataBinding: DataBinding
    /// The roles that the client certificate gives the user.
    package let certificateRoles: [String]
    package let fileSystem: any FileSystem
    /// Sessions of the user at once; nil for any number.
    package let maximumSessions: Int?
    /// How fast its transfers may be, all sessions of the user together.
    package let uploads: TokenBucket?
    package let downloads: TokenBucket?

    package init(
        user: String, dataBinding: DataBinding, certificateRoles: [String] = [], fileSystem: any FileSystem, maximumSessions: Int? = nil,
        uploads: TokenBucket? = nil, downloads: TokenBucket? = nil
    ) {
        self.user = user
        self.dataBinding = dataBinding
        self.certificateRoles = certificateRoles
        self.fileSystem = fileSystem
        self.maximumSessions = maximumSessions
        self.uploads = uploads
        self.downloads = downloads
    }
}

/// How a data connection must prove to belong to its control connection.
package enum DataBinding: String, Sendable, CaseIterable {
    /// It resumes a TLS session of exactly this control connection.
    case session
    /// It resumes a TLS session of a live control connection of the same user from the same address.
    case principal
    /// It comes from the same address; for clients that cannot resume TLS sessions.
    case address

    /// The stricter of two.
    func stricter(_ other: DataBinding?) -> DataBinding {
        self == .session || other == .session ? .session : self == .principal || other == .principal ? .principal : .address
    }
}
