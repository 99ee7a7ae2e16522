// What stands on the log for a document that does not.

internal import Crypto

/// Salted commitments to documents: without the salt they say nothing, with it they fix every byte.
package enum DocumentCommitment: String, Sendable, CaseIterable {
    /// An issuance document, which only the holder, the issuer and the authority have.
    case issue = "phr/v1/issue"
    case policy = "phr/v1/policy"
    case emergency = "phr/v1/emergency"

    package static let saltByteCount = 32

    /// SHA-256(domain ‖ salt ‖ SHA-256(document)), 32 bytes.
    package func commitment(salt: [UInt8], document: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(rawValue.utf8))
        hash.update(data: salt)
        hash.update(data: Array(SHA256.hash(data: document)))
        return Array(hash.finalize())
    }
}
