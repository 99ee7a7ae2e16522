// A small document from one user to another: an envelope for the receiver alone, signed by the sender.

package import Envelope
package import Keyring

/// Requests, issued keys and their like, as they travel through `/mail` or as files. Format: docs/formats/messages.md.
package struct SealedMessage {
    /// Of the envelope; an attribute key with a hundred attributes has some tens of kilobytes.
    package static let maximumByteCount = 1 << 20

    /// What is in it. Wiped with the last copy.
    package let document: Secret
    package let mediaType: String?
    private let layout: EnvelopeLayout

    /// Seals a document. Its exact size does not show.
    package static func seal(_ document: [UInt8], kind: MessageKind, for receiver: Recipient, signer: Signer) throws -> [UInt8] {
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: try WrapKey(recipients: [receiver]), options: SealingOptions(padding: .padme),
            signer: signer)
        var envelope = sealer.head
        try unsafe sealer.update(document) { unsafe envelope.append(contentsOf: $0) }
        _ = try unsafe sealer.finish(metadata: RecordMetadata(mediaType: kind.mediaType), interrupted: false) { unsafe envelope.append(contentsOf: $0) }
        return envelope
    }

    /// Opens an envelope with one of our keys; who sent it is not yet checked.
    package init(opening envelope: [UInt8], with identities: [Identity]) throws {
        guard envelope.count <= Self.maximumByteCount else { throw ClientError(.tampered, "it is larger than any message") }
        let source = ArrayByteSource(envelope)
        layout = try EnvelopeLayout(scanning: source)
        let reader = try EnvelopeReader(layout: layout, source: source, identities: identities)
        mediaType = reader.metadata.mediaType
        var bytes = try reader.readAll()
        document = Secret(consuming: &bytes)
    }

    /// Throws unless the owner of this Ed25519 key signed it.
    package func requireSigner(_ publicKey: [UInt8], name: String) throws(ClientError) {
        do {
            try EnvelopeVerifier.verifySignatures(layout, signerKeys: [publicKey])
        } catch {
            throw ClientError(.tampered, "it is not signed by \(name)")
        }
    }
}

/// What a message is about. The number stands in the document, the word in its name in `/mail`.
package enum MessageKind: UInt64, Sendable, CaseIterable {
    case attributeRequest = 1
    case attributeKey = 2
    case issuerGrant = 3
    case issuanceReport = 4
    case emergencyKey = 5

    /// The start of its file name.
    package var word: String {
        switch self {
        case .attributeRequest: "attribute-request"
        case .attributeKey: "attribute-key"
        case .issuerGrant: "issuer-grant"
        case .issuanceReport: "issuance-report"
        case .emergencyKey: "emergency-key"
        }
    }

    package var mediaType: String { "application/vnd.phr.\(word)+cbor" }

    /// What it is, for people.
    var noun: String {
        switch self {
        case .attributeRequest: "the request"
        case .attributeKey: "the attribute key"
        case .issuerGrant: "the issuer's key"
        case .issuanceReport: "the issuer's report"
        case .emergencyKey: "the emergency key"
        }
    }
}

/// The fields that every message has: 0 version, 1 kind, 2 sender, 3 receiver, 4 site, 5 time.
///
/// Sender and receiver stand inside, so that nobody can pass a message on as if it had been written to somebody else.
package struct MessageHeading: Equatable, Sendable {
    package let kind: MessageKind
    /// Account names.
    package let sender: String
    package let receiver: String
    /// Origin of the site's log.
    package let site: String
    /// Seconds since 1970.
    package let time: UInt64

    package init(kind: MessageKind, sender: String, receiver: String, site: String, time: UInt64) {
        self.kind = kind
        self.sender = sender
        self.receiver = receiver
        self.site = site
        self.time = time
    }

    init(_ fields: inout DocumentFields) throws(ClientError) {
        try fields.expect(0, 1)
        guard let kind = MessageKind(rawValue: try fields.unsigned(1)) else { throw fields.malformed(1) }
        self.init(kind: kind, sender: try fields.text(2), receiver: try fields.text(3), site: try fields.text(4), time: try fields.unsigned(5))
    }
}
