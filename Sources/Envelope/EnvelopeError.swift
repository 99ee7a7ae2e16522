// What can be wrong with an envelope, a header or a key.

/// Why an envelope was refused: a code to act on, and what and where for the reader.
///
/// Two errors are equal when their codes are. Texts hold no secret, no name and no content of a record.
package struct EnvelopeError: Error, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// None of the given keys opens it, or the passphrase is wrong.
        case wrongKey
        /// The attributes of the given keys do not satisfy its policy, or do not count here and now.
        case notSatisfied
        /// A policy that cannot be sealed for as its authorities stand.
        case unusablePolicy
        /// Bytes were changed, moved or exchanged.
        case tampered
        /// It ends before it should.
        case truncated
        /// It is no envelope, or not built by the rules.
        case malformed
        /// A version, suite or critical field this reader does not know.
        case unsupported
        /// The key that was unwrapped is not the one the envelope is committed to.
        case commitmentMismatch
        /// The last member is marked as interrupted: the upload never ended.
        case incomplete
        /// A signature is not by one of the expected keys, or not valid.
        case wrongSigner
        /// A count, a length or a work factor is above the format's limit.
        case limitExceeded
        /// The bytes could not be read, or a caller's step failed in between.
        case source
    }

    package let code: Code
    package let reason: String
    /// The part concerned, such as `member 2, footer`.
    package let place: String

    package init(_ code: Code, _ reason: String, at place: String) {
        self.code = code
        self.reason = reason
        self.place = place
    }
}

extension EnvelopeError: Equatable {
    package static func == (first: Self, second: Self) -> Bool { first.code == second.code }
}

extension EnvelopeError: CustomStringConvertible {
    package var description: String { "\(place): \(reason)" }
}

extension EnvelopeError {
    /// The same error, with the member it belongs to in front of the place.
    func inMember(_ number: Int) -> EnvelopeError { EnvelopeError(code, reason, at: "member \(number), \(place)") }
}
