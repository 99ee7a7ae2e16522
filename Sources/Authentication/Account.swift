// An account of the site: a virtual user, unknown to the operating system.

package struct Account: Hashable, Sendable {
    package enum Role: String, CaseIterable, Sendable {
        case patient, clinic, doctor, service
    }

    /// How strictly a data connection must belong to the control connection's login.
    package enum DataBinding: String, CaseIterable, Sendable {
        /// The same TLS session.
        case session
        /// A TLS session of the same account.
        case principal
        /// The same network address, for clients that resume no session.
        case address
    }

    package let id: Int64
    package let name: String
    package let role: Role
    /// Stands for the account on the ledger: 16 random bytes.
    package let pseudonym: [UInt8]
    package let isDisabled: Bool
    package let dataBinding: DataBinding
    /// Whether PAM decides on the password; the site then keeps none.
    package let usesPAM: Bool
    package let createdSeconds: Int64

    package static var pseudonymByteCount: Int { 16 }

    /// One to 64 of `a-z 0-9 . _ -`, the first a letter or digit.
    package static func isValid(name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...64).contains(bytes.count), isLetterOrDigit(bytes[0]) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || ".-_".utf8.contains($0) }
    }

    /// Throws for a name that no account may have.
    package static func validate(name: String) throws(AuthenticationError) {
        guard isValid(name: name) else { throw .invalidAccountName(name) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
