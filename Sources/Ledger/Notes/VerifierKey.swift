// The public key of a log as people exchange it: one line of text.

internal import CanonicalEncoding
internal import Crypto

/// An Ed25519 key with the name it signs under: `name+hex(key id)+base64(type ‖ public key)`.
///
/// Source: C2SP signed-note, verifier keys.
package struct VerifierKey: Equatable, Sendable {
    package let name: String
    /// The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key).
    package let keyID: [UInt8]
    package let publicKey: [UInt8]

    /// The signature type of plain Ed25519.
    private static let ed25519: UInt8 = 1
    /// Domain strings of entries: a log with such a name could be made to sign something that means two things.
    private static let reservedNames: Set<String> = [Genesis.domain, BlockHeader.domain, Transaction.domain]

    /// The key `publicKey` under `name`.
    package init(name: String, publicKey: [UInt8]) throws(LedgerError) {
        try Self.checkName(name)
        guard publicKey.count == 32 else {
            throw LedgerError(.invalidKey, "an Ed25519 public key has 32 bytes, not \(publicKey.count)", place: "verifier key")
        }
        self.name = name
        self.publicKey = publicKey
        keyID = Self.keyID(name: name, publicKey: publicKey)
    }

    /// Reads the one-line text; surrounding white space is not accepted.
    package init(parsing text: String) throws(LedgerError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard
            parts.count == 3, parts[1].count == 8, let id = [UInt8](hexadecimal: parts[1]),
            let key = [UInt8](base64: String(parts[2])), key.count == 33, key[0] == Self.ed25519
        else {
            throw LedgerError(.invalidKey, "must be name+hex+base64 of an Ed25519 key", place: "verifier key")
        }
        try self.init(name: String(parts[0]), publicKey: Array(key.dropFirst()))
        guard id == keyID else { throw LedgerError(.invalidKey, "the key id does not belong to the key", place: "verifier key") }
    }

    /// The one-line text.
    package var text: String {
        "\(name)+\(keyID.hexadecimal)+\(([Self.ed25519] + publicKey).base64)"
    }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// Refuses a name that could not stand in a note or that collides with the domain of another signature.
    static func checkName(_ name: String) throws(LedgerError) {
        let isPrintable = name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "+") }
        guard isPrintable, (1...255).contains(name.utf8.count), !reservedNames.contains(name) else {
            throw LedgerError(
                .invalidOrigin, "must be 1 to 255 printable ASCII characters without space and plus, such as phr.example/site",
                place: "log origin")
        }
    }

    private static func keyID(name: String, publicKey: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(name.utf8) + [UInt8(ascii: "\n"), ed25519])
        hash.update(data: publicKey)
        return Array(hash.finalize().prefix(4))
    }
}

/// The private half: signs notes under its name.
struct NoteSigner: Sendable {
    let verifierKey: VerifierKey
    private let key: Curve25519.Signing.PrivateKey

    init(name: String, key: Curve25519.Signing.PrivateKey) throws(LedgerError) {
        verifierKey = try VerifierKey(name: name, publicKey: Array(key.publicKey.rawRepresentation))
        self.key = key
    }

    func sign(_ text: String) throws -> SignedNote.Signature {
        SignedNote.Signature(
            name: verifierKey.name, keyID: verifierKey.keyID, bytes: Array(try key.signature(for: Array(text.utf8))))
    }
}
