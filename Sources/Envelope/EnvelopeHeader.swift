// The part of a member that changes when sharing changes.

internal import CanonicalEncoding

/// Revision, expiry, recipients, the wrapped file key and the owner's signature.
package struct EnvelopeHeader: Equatable, Sendable {
    private enum Key {
        static let revision: UInt64 = 0
        static let notAfter: UInt64 = 1
        static let stanzas: UInt64 = 2
        static let wrappedFileKey: UInt64 = 3
        static let ownerKeyID: UInt64 = 4
        static let ownerSignature: UInt64 = 5
        /// Keys from here on may be passed over; below, an unknown one is refused.
        static let firstNotCritical: UInt64 = 16
    }

    static let ownerSignatureKey = Key.ownerSignature

    /// Counts the changes of recipients: 0 as sealed.
    package var revision: UInt64
    /// Seconds since 1970 after which the record is not to be served.
    package var notAfter: UInt64?
    package var stanzas: [Stanza]
    var wrappedFileKey: [UInt8]
    package var ownerKeyID: [UInt8]?
    package var ownerSignature: [UInt8]?

    init(revision: UInt64, notAfter: UInt64?, stanzas: [Stanza], wrappedFileKey: [UInt8]) {
        self.revision = revision
        self.notAfter = notAfter
        self.stanzas = stanzas
        self.wrappedFileKey = wrappedFileKey
    }

    init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        let entries: [UInt64: CBOR]
        do {
            guard let map = try CBOR(decoding: bytes).mapValue else { throw EnvelopeError(.malformed, "not a map", at: "header") }
            entries = map
        } catch let error as CBORError {
            throw EnvelopeError(.malformed, error.description, at: "header")
        } catch {
            throw error as? EnvelopeError ?? EnvelopeError(.malformed, "not a map", at: "header")
        }
        for key in entries.keys where key > Key.ownerSignature && key < Key.firstNotCritical {
            throw EnvelopeError(.unsupported, "critical field \(key) is not known", at: "header")
        }
        guard let revision = entries[Key.revision]?.unsignedValue, let list = entries[Key.stanzas]?.arrayValue,
            let wrapped = entries[Key.wrappedFileKey]?.bytesValue, wrapped.count == WrapKey.wrappedFileKeyByteCount
        else { throw EnvelopeError(.malformed, "revision, recipients or wrapped file key missing or of a wrong kind", at: "header") }
        self.revision = revision
        wrappedFileKey = wrapped
        stanzas = []
        for (index, stanza) in list.prefix(EnvelopeFormat.maximumStanzaCount + 1).enumerated() {
            stanzas.append(try Stanza(parsing: stanza, place: "header, recipient \(index)"))
        }
        try Stanza.check(stanzas, place: "header")
        notAfter = try Self.optional(entries[Key.notAfter]) { $0.unsignedValue }
        ownerKeyID = try Self.optional(entries[Key.ownerKeyID]) { $0.bytesValue }
        ownerSignature = try Self.optional(entries[Key.ownerSignature]) { $0.bytesValue }
        guard (ownerKeyID == nil) == (ownerSignature == nil), ownerKeyID?.count ?? 16 == 16, ownerSignature?.count ?? 64 == 64 else {
            throw EnvelopeError(.malformed, "owner key and owner signature go together, with 16 and 64 bytes", at: "header")
        }
    }

    private static func optional<Value>(_ field: CBOR?, _ value: (CBOR) -> Value?) throws(EnvelopeError) -> Value? {
        guard let field else { return nil }
        guard let value = value(field) else { throw EnvelopeError(.malformed, "a field is of a wrong kind", at: "header") }
        return value
    }

    func encoded(withSignature: Bool = true) -> [UInt8] {
        var entries: [UInt64: CBOR] = [
            Key.revision: .unsigned(revision), Key.stanzas: .array(stanzas.map(\.cbor)), Key.wrappedFileKey: .bytes(wrappedFileKey),
        ]
        if let notAfter { entries[Key.notAfter] = .unsigned(notAfter) }
        if let ownerKeyID { entries[Key.ownerKeyID] = .bytes(ownerKeyID) }
        if withSignature, let ownerSignature { entries[Key.ownerSignature] = .bytes(ownerSignature) }
        return CBOR.map(entries).encoded()
    }

    /// What the owner signs: the domain, the bound prefix, and the header without the signature.
    static func ownerMessage(boundPrefix: [UInt8], unsignedHeader: [UInt8]) -> [UInt8] {
        Array("phr/v1/owner-header\n".utf8) + boundPrefix + unsignedHeader
    }

    mutating func sign(by owner: Signer, boundPrefix: [UInt8]) throws(EnvelopeError) {
        ownerKeyID = owner.keyID
        ownerSignature = try owner.sign(Self.ownerMessage(boundPrefix: boundPrefix, unsignedHeader: encoded(withSignature: false)))
    }
}
