// What an envelope says to everyone who holds it, without a key.

internal import AttributeEncryption
internal import CanonicalEncoding
package import Envelope

/// The visible facts of an envelope.
package struct EnvelopeFacts: Encodable, Sendable {
    package struct RecipientFact: Encodable, Sendable {
        /// `X-Wing`, `X25519`, `RSA`, `policy`, `passphrase` or a number that this program does not know.
        package let kind: String
        package let keyID: String
        package let isPostQuantum: Bool
        /// One of the user's own keys.
        package let isOwn: Bool
        /// For a policy: what it says, and whether the keys at hand satisfy it.
        package let policy: PolicyFact?
        /// Whose key it is, when that is known.
        package var name: String?
    }

    package let objectID: String
    package let memberCount: Int
    package let headerRevision: UInt64
    /// Seconds since 1970.
    package let notAfter: UInt64?
    package var recipients: [RecipientFact]
    /// Whether a quantum computer would not help to open it.
    package let isPostQuantum: Bool
    /// Whether the keys at hand open it; `nil` when that needs the keyring.
    package let isOpenForMe: Bool?
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
        self.init(
            head: layout.members[layout.members.count - 1].head, layout: layout, memberCount: layout.members.count, ownKeyIDs: ownKeyIDs, access: nil)
    }

    init(heads: [EnvelopeHead], access: AccessCheck) {
        self.init(
            head: heads[heads.count - 1], layout: nil, memberCount: heads.count, ownKeyIDs: access.identities.map(\.keyID), access: access)
    }

    private init(head: EnvelopeHead, layout: EnvelopeLayout?, memberCount: Int, ownKeyIDs: [[UInt8]], access: AccessCheck?) {
        let month = access?.month ?? Month(secondsSince1970: currentTime())
        objectID = head.prefix.objectID.hexadecimal
        self.memberCount = memberCount
        headerRevision = head.revision
        notAfter = head.notAfter
        recipients = head.stanzas.map { stanza in
            RecipientFact(
                kind: Self.name(of: stanza), keyID: stanza.keyID.hexadecimal, isPostQuantum: stanza.isPostQuantum,
                isOwn: stanza.kind != .passphrase && ownKeyIDs.contains(stanza.keyID),
                policy: (try? stanza.policyFacts()).map { PolicyFact($0, heldBy: access?.attributeKeys, at: month) })
        }
        isPostQuantum = head.stanzas.allSatisfy(\.isPostQuantum)
        isOpenForMe = access?.verdict(head.stanzas).isOpen
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
