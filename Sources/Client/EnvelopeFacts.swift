// What an envelope says to everyone who holds it, without a key.

internal import CanonicalEncoding
package import Envelope

/// The visible facts of an envelope.
package struct EnvelopeFacts: Encodable, Sendable {
    package struct RecipientFact: Encodable, Sendable {
        /// `X-Wing`, `X25519`, `RSA`, `passphrase` or a number that this program does not know.
        package let kind: String
        package let keyID: String
        package let isPostQuantum: Bool
        /// One of the user's own keys.
        package let isOwn: Bool
        /// Whose key it is, when that is known.
        package var name: String?
    }

    package let objectID: String
    package let memberCount: Int
    package let headerRevision: UInt64
    /// Seconds since 1970.
    package let notAfter: UInt64?
    package var recipients: [RecipientFact]
    package let ownerKeyID: String?
    package let isSealedByServer: Bool
    package let isPadded: Bool
    /// The whole file; `nil` when only the header was read.
    package let byteCount: UInt64?
    /// The plaintext has at most so many bytes.
    package let plaintextUpperBound: UInt64?
    /// Hash of the last footer.
    package let envelopeRoot: String?

    package init(layout: EnvelopeLayout, ownKeyIDs: [[UInt8]]) {
        self.init(head: layout.members[layout.members.count - 1].head, layout: layout, memberCount: layout.members.count, ownKeyIDs: ownKeyIDs)
    }

    init(heads: [EnvelopeHead], ownKeyIDs: [[UInt8]]) {
        self.init(head: heads[heads.count - 1], layout: nil, memberCount: heads.count, ownKeyIDs: ownKeyIDs)
    }

    private init(head: EnvelopeHead, layout: EnvelopeLayout?, memberCount: Int, ownKeyIDs: [[UInt8]]) {
        objectID = head.prefix.objectID.hexadecimal
        self.memberCount = memberCount
        headerRevision = head.revision
        notAfter = head.notAfter
        recipients = head.stanzas.map { stanza in
            RecipientFact(
                kind: Self.name(of: stanza), keyID: stanza.keyID.hexadecimal, isPostQuantum: stanza.isPostQuantum,
                isOwn: stanza.kind != .passphrase && ownKeyIDs.contains(stanza.keyID))
        }
        ownerKeyID = head.ownerKeyID?.hexadecimal
        isSealedByServer = head.prefix.flags.contains(.sealedOnIngest)
        isPadded = head.prefix.flags.contains(.padded)
        byteCount = layout?.byteCount
        plaintextUpperBound = layout?.totalPlaintextUpperBound
        envelopeRoot = layout?.footerHash.hexadecimal
    }

    private static func name(of stanza: Stanza) -> String {
        switch stanza.kind {
        case .xWing: "X-Wing"
        case .x25519: "X25519"
        case .rsa: "RSA"
        case .attributes: "policy"
        case .passphrase: "passphrase"
        case .ed25519, nil: "type \(stanza.type)"
        }
    }
}
