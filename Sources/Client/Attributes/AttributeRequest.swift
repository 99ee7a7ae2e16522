// A request for attributes: who asks whom for what, with the proof that the one who asks owns the identity.

internal import CanonicalEncoding
package import Envelope

/// Signed by the identity that wants the attributes, so that they cannot be asked for in somebody else's name.
package struct AttributeRequest: Equatable, Sendable {
    /// The receiver is the authority, or somebody who issues for it.
    package let heading: MessageHeading
    /// Account name of the authority.
    package let authority: String
    /// As text, sorted: `cardiology`, `role=doctor`.
    package let attributes: [String]
    /// 16 random bytes: a request is granted once.
    package let nonce: [UInt8]
    /// Ed25519, 32 bytes: the identity that the key is to be bound to.
    package let signingKey: [UInt8]
    package let signature: [UInt8]

    private static let domain = Array("phr/v1/attribute-request\n".utf8)
    package static let maximumAttributeCount = 64

    /// Asks for attributes.
    package init(heading: MessageHeading, authority: String, attributes: [String], signer: Signer) throws {
        self.heading = heading
        self.authority = authority
        self.attributes = attributes
        nonce = randomBytes(16)
        signingKey = signer.publicKey
        signature = try signer.sign(Self.domain + CBOR.map(Self.fields(heading, authority, attributes, nonce, signingKey)).encoded())
    }

    /// Reads a request and checks its signature by the key that it names.
    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the request")
        heading = try MessageHeading(&fields)
        attributes = try fields.texts(6)
        nonce = try fields.bytes(7, count: 16)
        signingKey = try fields.bytes(8, count: 32)
        authority = try fields.text(9)
        signature = try fields.bytes(15, count: 64)
        try fields.finish()
        guard heading.kind == .attributeRequest else { throw ClientError(.tampered, "this is not a request for attributes") }
        guard !attributes.isEmpty, attributes.count <= Self.maximumAttributeCount else {
            throw ClientError(.tampered, "the request names \(attributes.count) attributes, not 1 to \(Self.maximumAttributeCount)")
        }
        guard Signer.isValid(signature, of: Self.domain + CBOR.map(Self.fields(heading, authority, attributes, nonce, signingKey)).encoded(), by: signingKey)
        else {
            throw ClientError(
                .tampered, "the request is not signed by the key that it names", hint: "do not grant it: whoever made it does not own the identity")
        }
    }

    package func encoded() -> [UInt8] {
        var fields = Self.fields(heading, authority, attributes, nonce, signingKey)
        fields[15] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    private static func fields(
        _ heading: MessageHeading, _ authority: String, _ attributes: [String], _ nonce: [UInt8], _ signingKey: [UInt8]
    ) -> [UInt64: CBOR] {
        heading.fields.merging([6: .array(attributes.map { .text($0) }), 7: .bytes(nonce), 8: .bytes(signingKey), 9: .text(authority)]) { $1 }
    }
}

extension MessageHeading {
    var fields: [UInt64: CBOR] {
        [0: .unsigned(1), 1: .unsigned(kind.rawValue), 2: .text(sender), 3: .text(receiver), 4: .text(site), 5: .unsigned(time)]
    }
}

/// Random bytes for salts and nonces.
func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
}
