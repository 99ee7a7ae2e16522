// The name that keys of several authorities are bound to.

internal import Crypto

/// Stands for a person in every authority's keys: two people never share one, and no one can choose it.
package enum GlobalIdentifier {
    package static let byteCount = 32

    /// SHA-256("phr/v1/gid" ‖ Ed25519 signing public key).
    package static func of(signingKey: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array("phr/v1/gid".utf8) + signingKey))
    }
}
