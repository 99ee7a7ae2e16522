// What an issued key is, without its secret: the document that the ledger commits to, signed by whoever issued.

package import AttributeEncryption
internal import CanonicalEncoding
package import Envelope

/// Held by the holder, the issuer and the authority; nobody else sees it. With its salt it opens the commitment of an ISSUE entry.
package struct IssuanceDocument: Equatable, Sendable {
    package enum Purpose: UInt64, Sendable {
        case ordinary = 0
        /// One of the two halves that open the key is the site's: `phr breakglass`.
        case emergency = 1
    }

    /// Origin of the site's log.
    package let site: String
    /// Authority, epoch, holder, attributes, validity and place.
    package let summary: AttributeKey.Summary
    /// Names the very key, secrets and all: 16 bytes.
    package let keyID: [UInt8]
    package let purpose: Purpose
    /// Account name of whoever issued, and his Ed25519 key, 32 bytes.
    package let issuer: String
    package let issuerKey: [UInt8]

    private static let domain = Array("phr/v1/issuance-document\n".utf8)

    package init(site: String, summary: AttributeKey.Summary, keyID: [UInt8], purpose: Purpose, issuer: String, issuerKey: [UInt8]) {
        self.site = site
        self.summary = summary
        self.keyID = keyID
        self.purpose = purpose
        self.issuer = issuer
        self.issuerKey = issuerKey
    }

    /// Reads a document and checks the signature of the issuer that it names.
    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the issuance")
        try fields.expect(0, 1)
        site = try fields.text(1)
        let summaryBytes = try fields.bytes(2)
        keyID = try fields.bytes(3, count: 16)
        let purposeNumber = try fields.unsigned(4)
        issuer = try fields.text(5)
        issuerKey = try fields.bytes(6, count: 32)
        let signature = try fields.bytes(15, count: 64)
        try fields.finish()
        guard let purpose = Purpose(rawValue: purposeNumber), let summary = try? AttributeKey.Summary(decoding: summaryBytes) else {
            throw ClientError(.tampered, "the issuance does not read as one")
        }
        self.summary = summary
        self.purpose = purpose
        guard Signer.isValid(signature, of: Self.domain + CBOR.map(self.fields).encoded(), by: issuerKey) else {
            throw ClientError(.tampered, "the issuance is not signed by its issuer")
        }
    }

    /// The document with its signature.
    package func signed(by signer: Signer) throws -> [UInt8] {
        var fields = fields
        fields[15] = .bytes(try signer.sign(Self.domain + CBOR.map(fields).encoded()))
        return CBOR.map(fields).encoded()
    }

    private var fields: [UInt64: CBOR] {
        [
            0: .unsigned(1), 1: .text(site), 2: .bytes(summary.encoded()), 3: .bytes(keyID), 4: .unsigned(purpose.rawValue), 5: .text(issuer),
            6: .bytes(issuerKey),
        ]
    }

    var authority: String { summary.authority }
    var epoch: UInt64 { summary.epoch }
    /// Global identifier of the holder.
    var identity: [UInt8] { summary.gid }
    var attributes: [String] { summary.attributes.map(\.text) }
    var validity: ClosedRange<Month> { summary.validity }
    var leaf: UInt32 { summary.leaf }
}
