/// What the protocol needs of the accounts behind it.
package import Transport

package protocol Authenticator: Sendable {
    /// Checks a password, in a time that does not depend on whether the user exists, delays included.
    func authenticate(user: String, password: String, peer: SocketAddress) async -> Login?
}

/// A successful login.
package struct Login: Sendable {
    package let user: String
    package let dataBinding: DataBinding
    package let fileSystem: any FileSystem

    package init(user: String, dataBinding: DataBinding, fileSystem: any FileSystem) {
        self.user = user
        self.dataBinding = dataBinding
        self.fileSystem = fileSystem
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
}
