// One wrapped copy of a wrap key: one way into an envelope.

package import AttributeEncryption
package import CanonicalEncoding

/// What a header says for one recipient.
///
/// Types this reader does not know are kept as they are and open nothing.
package struct Stanza: Equatable, Sendable {
    private enum Key {
        static let type: UInt64 = 0
        static let keyID: UInt64 = 1
        static let encapsulation: UInt64 = 2
        static let wrapped: UInt64 = 3
        static let workFactor: UInt64 = 4
    }

    /// The stanza as encoded.
    package let cbor: CBOR
    /// The type number, known or not.
    package let type: UInt64
    /// The kind of key that opens it; nil for a type that is not known.
    package let kind: KeyKind?
    /// The identifier of the key that opens it, for a policy that of the encapsulation; empty for a type that is not known.
    package let keyID: [UInt8]
    /// HPKE's encapsulated key, the RSA ciphertext, the attribute header, or the salt of scrypt.
    let encapsulation: [UInt8]
    /// The wrap key with its tag.
    let wrapped: [UInt8]
    /// The base-2 logarithm of scrypt's N; 0 for other kinds.
    let workFactor: Int

    static let largestWorkFactor = 20
    private static let wrappedByteCount = EnvelopeFormat.keyByteCount + EnvelopeFormat.tagByteCount

    init(kind: KeyKind, keyID: [UInt8], encapsulation: [UInt8], wrapped: [UInt8], workFactor: Int = 0) {
        self.kind = kind
        self.type = UInt64(kind.rawValue)
        self.keyID = keyID
        self.encapsulation = encapsulation
        self.wrapped = wrapped
        self.workFactor = workFactor
        var entries: [UInt64: CBOR] = [
            Key.type: .unsigned(type), Key.keyID: .bytes(keyID), Key.encapsulation: .bytes(encapsulation), Key.wrapped: .bytes(wrapped),
        ]
        if kind == .passphrase { entries[Key.workFactor] = .unsigned(UInt64(workFactor)) }
        cbor = .map(entries)
    }

    /// Reads a stanza; of a known type, exactly its fields in exactly their lengths.
    init(parsing cbor: CBOR, place: String) throws(EnvelopeError) {
        guard let entries = cbor.mapValue, let type = entries[Key.type]?.unsignedValue else {
            throw EnvelopeError(.malformed, "not a map with a type", at: place)
        }
        self.cbor = cbor
        self.type = type
        let kind = UInt8(exactly: type).flatMap(KeyKind.init(rawValue:))
        guard let kind, kind != .ed25519 else {
            (self.kind, keyID, encapsulation, wrapped, workFactor) = (nil, entries[Key.keyID]?.bytesValue ?? [], [], [], 0)
            return
        }
        guard entries.count == (kind == .passphrase ? 5 : 4),
            let keyID = entries[Key.keyID]?.bytesValue, keyID.count == KeyIdentifier.byteCount,
            let encapsulation = entries[Key.encapsulation]?.bytesValue,
            let wrapped = entries[Key.wrapped]?.bytesValue, wrapped.count == Self.wrappedByteCount
        else { throw EnvelopeError(.malformed, "fields of a stanza of type \(type) are missing, too many or of a wrong length", at: place) }
        guard Self.encapsulationByteCounts(kind).contains(encapsulation.count) else {
            throw EnvelopeError(.malformed, "an encapsulated key of \(encapsulation.count) bytes does not fit type \(type)", at: place)
        }
        guard kind != .attributes || keyID == KeyIdentifier.of(.attributes, publicKey: encapsulation) else {
            throw EnvelopeError(.malformed, "the identifier is not that of the policy's header", at: place)
        }
        self.kind = kind
        self.keyID = keyID
        self.encapsulation = encapsulation
        self.wrapped = wrapped
        self.workFactor = try Self.workFactor(kind, keyID, entries[Key.workFactor], place)
    }

    private static func encapsulationByteCounts(_ kind: KeyKind) -> ClosedRange<Int> {
        switch kind {
        case .xWing: 1120...1120
        case .rsa: 384...1024
        case .attributes: 1...EnvelopeFormat.maximumAttributeHeaderByteCount
        case .passphrase: 16...16
        case .x25519, .ed25519: 32...32
        }
    }

    private static func workFactor(_ kind: KeyKind, _ keyID: [UInt8], _ field: CBOR?, _ place: String) throws(EnvelopeError) -> Int {
        guard kind == .passphrase else { return 0 }
        guard keyID == KeyIdentifier.none, let factor = field?.unsignedValue, factor >= 1 else {
            throw EnvelopeError(.malformed, "a passphrase stanza names a key or lacks its work factor", at: place)
        }
        guard factor <= largestWorkFactor else {
            throw EnvelopeError(.limitExceeded, "scrypt work factor \(factor) is above \(largestWorkFactor)", at: place)
        }
        return Int(factor)
    }
}

extension Stanza {
    /// What anyone can read in a stanza of type 4: policy, authorities, scheme. No arithmetic on curves. Nil for other types.
    ///
    /// - Throws: `malformed`, or `unsupported` for a scheme of a later time. Such a stanza opens nothing; others beside it do.
    package func policyFacts() throws(EnvelopeError) -> HeaderFacts? {
        guard kind == .attributes else { return nil }
        do {
            return try KeyEncapsulation.inspect(encapsulation)
        } catch {
            throw EnvelopeError(error, at: "policy \(keyID.prefix(4).hexadecimal)")
        }
    }

    /// Whether a quantum computer would not help to open it; a type that is not known counts as no.
    package var isPostQuantum: Bool { kind == .xWing || kind == .passphrase }

    /// Refuses an empty or overlong list, the same key twice, and a passphrase beside anything else.
    static func check(_ stanzas: [Stanza], place: String) throws(EnvelopeError) {
        guard !stanzas.isEmpty else { throw EnvelopeError(.malformed, "there is no recipient", at: place) }
        guard stanzas.count <= EnvelopeFormat.maximumStanzaCount else {
            throw EnvelopeError(.limitExceeded, "\(stanzas.count) recipients, at most \(EnvelopeFormat.maximumStanzaCount)", at: place)
        }
        if stanzas.count > 1, stanzas.contains(where: { $0.kind == .passphrase }) {
            throw EnvelopeError(.malformed, "a passphrase must be the only recipient", at: place)
        }
        var seen: Set<[UInt8]> = []
        for stanza in stanzas {
            let name = stanza.kind == nil ? stanza.cbor.encoded() : [UInt8(stanza.type)] + stanza.keyID
            guard seen.insert(name).inserted else { throw EnvelopeError(.malformed, "the same recipient twice", at: place) }
        }
    }
}
