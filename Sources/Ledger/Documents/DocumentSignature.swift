// How documents about sharing are signed: by their author's identity, not by the ledger's keys.

internal import CanonicalEncoding
internal import Crypto

/// Makes an Ed25519 signature of 64 bytes; the caller keeps the key.
package typealias DocumentSigner = ([UInt8]) throws -> [UInt8]

extension EntrySignature {
    static func sign(domain: String, fields: [UInt64: CBOR], by sign: DocumentSigner, place: String) throws -> [UInt8] {
        let signature = try sign(input(domain: domain, fields: fields))
        guard signature.count == byteCount else {
            throw LedgerError(.invalidKey, "a signature has \(byteCount) bytes, not \(signature.count)", place: place)
        }
        return signature
    }

    /// Throws unless the owner of the Ed25519 key signed the fields.
    static func verify(
        _ signature: [UInt8], domain: String, fields: [UInt64: CBOR], publicKey: [UInt8], place: String
    ) throws(LedgerError) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey),
            isValid(signature, domain: domain, fields: fields, key: key)
        else { throw LedgerError(.badSignature, "is not signed by the key it should be", place: place) }
    }
}
