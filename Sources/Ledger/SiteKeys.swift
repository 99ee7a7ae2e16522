// The two signing keys of a site.

package import Crypto

/// The keys a ledger signs with. Keeping them on disk, readable by the server alone, is the caller's task.
package struct SiteKeys: Sendable {
    /// Signs block headers and the server's transactions; named in the genesis entry.
    package let authority: Curve25519.Signing.PrivateKey
    /// Signs checkpoints; its public half is the log's verifier key.
    package let log: Curve25519.Signing.PrivateKey

    package init(authority: Curve25519.Signing.PrivateKey, log: Curve25519.Signing.PrivateKey) {
        self.authority = authority
        self.log = log
    }

    /// Keys from their 32-byte seeds.
    package init(authoritySeed: [UInt8], logSeed: [UInt8]) throws(LedgerError) {
        guard
            let authority = try? Curve25519.Signing.PrivateKey(rawRepresentation: authoritySeed),
            let log = try? Curve25519.Signing.PrivateKey(rawRepresentation: logSeed)
        else { throw LedgerError(.invalidKey, "each seed must have 32 bytes", place: "site keys") }
        self.init(authority: authority, log: log)
    }

    /// New random keys.
    package static func generate() -> SiteKeys {
        SiteKeys(authority: Curve25519.Signing.PrivateKey(), log: Curve25519.Signing.PrivateKey())
    }

    package var authoritySeed: [UInt8] { Array(authority.rawRepresentation) }
    package var logSeed: [UInt8] { Array(log.rawRepresentation) }

    /// SHA-256 of the authority's public key, as headers and transactions name it.
    package var authorityKeyID: [UInt8] { Array(SHA256.hash(data: authority.publicKey.rawRepresentation)) }
}

extension SiteKeys: CustomStringConvertible {
    package var description: String { "SiteKeys(redacted)" }
}
