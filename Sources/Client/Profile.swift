// What the client remembers of a server: where it is, whom it trusts there, and what it has seen of the ledger.

internal import Foundation

/// One server profile. Never goes back: a ledger that shrinks or a header that grows older is noticed by what is kept here.
package struct Profile: Codable, Sendable, Equatable {
    package struct Trust: Codable, Sendable, Equatable {
        /// SHA-256 of the certificate, in hexadecimal.
        package var pin: String?
        /// The certificate authorities, as PEM; they lie beside the profile in a file of their own while in use.
        package var authorities: String?
        /// The paths of the certificate and key that the server is shown when it asks; absent in profiles of older programs.
        package var certificate: String?
        package var certificateKey: String?

        package init(pin: String? = nil, authorities: String? = nil) {
            self.pin = pin
            self.authorities = authorities
        }
    }

    /// A person or site whose keys were seen on the ledger.
    package struct Contact: Codable, Sendable, Equatable {
        /// The newest key bundle, in base64: the next must be signed by its signing key.
        package var bundle: String
        package var sequence: UInt64
    }

    /// The newest state of a record that was seen.
    package struct SeenRecord: Codable, Sendable, Equatable {
        package var version: UInt64
        package var headerRevision: UInt64

        package init(version: UInt64, headerRevision: UInt64) {
            self.version = version
            self.headerRevision = headerRevision
        }
    }

    /// The newest record of an authority that was seen.
    package struct SeenAuthority: Codable, Sendable, Equatable {
        /// As published, in base64: the next must follow it.
        package var record: String
        package var sequence: UInt64
    }

    /// The newest policy of a folder that was seen.
    package struct SeenFolderPolicy: Codable, Sendable, Equatable {
        /// The folder's number on the ledger, in hexadecimal.
        package var folderID: String
        package var sequence: UInt64
    }

    package var format = 1
    package var server: String
    package var trust: Trust
    /// The ledger's verifier key, as given at the first login.
    package var ledgerKey: String?
    /// The newest checkpoint that was verified, as signed.
    package var checkpoint: String?
    package var contacts: [String: Contact] = [:]
    /// By record ID, in hexadecimal.
    package var records: [String: SeenRecord] = [:]
    /// By account name; absent in profiles of older programs.
    package var authorities: [String: SeenAuthority]?
    /// By the folder's path; absent in profiles of older programs.
    package var folderPolicies: [String: SeenFolderPolicy]?

    package init(server: String, trust: Trust) {
        self.server = server
        self.trust = trust
    }

    package func url() throws(ClientError) -> ServerURL { try ServerURL(server) }
}
