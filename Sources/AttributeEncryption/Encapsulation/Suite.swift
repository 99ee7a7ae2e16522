// The schemes that a header may be made with.

/// Numbers in field 0 of a header. A number stands for the scheme, the curve, the encodings and the transform together.
package enum Suite: UInt8, Sendable, CaseIterable {
    /// FABEO, ciphertext-policy: one authority.
    case singleAuthority = 1
    /// The decentralised scheme: two authorities or more.
    case decentralized = 2
    /// FABEO, key-policy: the audit log.
    case keyPolicy = 3
}
