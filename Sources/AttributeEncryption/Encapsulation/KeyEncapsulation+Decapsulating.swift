// Opens a header with a holder's keys.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

extension KeyEncapsulation {
    /// The key of a header, if these keys satisfy its policy in that month and the header is whole.
    ///
    /// - Parameters:
    ///   - keys: of any authorities and epochs, the most recent first; those of one authority are never combined.
    ///   - month: the present one; keys outside their validity are not used.
    /// - Throws: `malformed`, `unsupportedSuite`, `limitExceeded` for the header; `notSatisfied`, `expired`, `wrongEpoch`, `revoked`,
    ///   `wrongIdentity`, `authorityChanged` with an explanation; `tampered` when it was changed; `invalidKey` for a damaged key.
    package static func decapsulate(
        _ header: [UInt8], keys: [AttributeKey], associatedData: [UInt8], at month: Month
    ) throws(AttributeError) -> SymmetricKey {
        let header = try EncapsulationHeader(decoding: header)
        let opening = try KeyChoice(header, keys: keys, month: month).opening()
        let sharedSecret = try opening.sharedSecret(header)
        return try open(header, sharedSecret: sharedSecret, associatedData: associatedData)
    }

    /// Takes the message out, makes the header again, and gives the key only if every byte is the same.
    private static func open(_ header: EncapsulationHeader, sharedSecret: GT, associatedData: [UInt8]) throws(AttributeError) -> SymmetricKey {
        let publicKeys = try header.publicKeys()
        let derived = try derive(header.transformInputs, sharedSecret: sharedSecret, associatedData: associatedData)
        var (elements, secret) = header.makeElements(CoinScalars(derived.coins), keys: publicKeys)
        secret.wipe()
        let areElementsEqual = constantTimeEqual(elements, header.elements)
        elements.removeAll()
        guard areElementsEqual else { throw tampered }
        return derived.key
    }

    /// What the transform of Fujisaki and Okamoto reads of a header, of whatever suite.
    struct TransformInputs {
        let preamble: [UInt8]
        /// W
        let maskedMessage: [UInt8]
        let tag: [UInt8]
    }

    /// Takes the message out and checks the tag. That W is right follows: another W gives another message, hence another tag.
    static func derive(_ inputs: TransformInputs, sharedSecret: GT, associatedData: [UInt8]) throws(AttributeError) -> FujisakiOkamoto.Derived {
        let transform = FujisakiOkamoto(preamble: inputs.preamble, associatedData: associatedData)
        var message = transform.masked(inputs.maskedMessage, by: sharedSecret)
        let derived = transform.derive(SymmetricKey(consuming: &message))
        guard constantTimeEqual(derived.tag, inputs.tag) else { throw tampered }
        return derived
    }

    static var tampered: AttributeError {
        AttributeError(.tampered, "the attribute header was changed, or was sealed for other data")
    }
}
