// What can go wrong with keys, authorities and encapsulations.

/// A code to act on, what happened, and what to do about it. Two errors are equal when their codes are.
package struct AttributeError: Error, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// Not built by the rules: bytes, counts, points.
        case malformed
        /// A suite or version this reader does not know.
        case unsupportedSuite
        /// Too many rows, authorities or bytes.
        case limitExceeded
        /// The keys do not satisfy the policy; see `explanation`.
        case notSatisfied
        /// Keys of another epoch of the authority would satisfy it.
        case wrongEpoch
        /// Keys outside their validity would satisfy it.
        case expired
        /// A key would satisfy it if its member were not revoked.
        case revoked
        /// Only keys of different identities together would satisfy it, or the key is for another identity.
        case wrongIdentity
        /// An authority's key is not the one of the same epoch that is known.
        case authorityChanged
        /// A received key does not belong to the authority's public key or to its own description.
        case invalidKey
        /// A signature or proof of possession does not hold.
        case invalidSignature
        /// The record of an authority does not follow the one before.
        case notASuccessor
        /// A policy names an authority whose record is not at hand.
        case unknownAuthority
        /// The policy cannot be sealed as it stands: a month still open, plain names of an authority that hides them.
        case unusablePolicy
        /// The header was changed, or its maker broke the rules.
        case tampered
    }

    package let code: Code
    package let reason: String
    package let hint: String?
    /// For `notSatisfied` and its kin: what is missing.
    package let explanation: Explanation?

    package init(_ code: Code, _ reason: String, hint: String? = nil, explanation: Explanation? = nil) {
        self.code = code
        self.reason = reason
        self.hint = hint
        self.explanation = explanation
    }
}

extension AttributeError: Equatable {
    package static func == (first: Self, second: Self) -> Bool { first.code == second.code }
}

extension AttributeError: CustomStringConvertible {
    package var description: String { hint.map { "\(reason) (\($0))" } ?? reason }
}
