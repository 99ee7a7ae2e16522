// What an attribute key says of itself, without its secrets.

internal import CanonicalEncoding

extension AttributeKey {
    /// All of a key that is not secret.
    package struct Summary: Sendable, Equatable {
        /// The authority's account name when the key was issued.
        package let authority: String
        package let epoch: UInt64
        /// Of the authority's public key.
        package let publicKeyFingerprint: [UInt8]
        /// Whose key it is: see `GlobalIdentifier`.
        package let gid: [UInt8]
        /// Sorted, each once.
        package let attributes: [GrantedAttribute]
        package let validity: ClosedRange<Month>
        /// The place among the authority's members, and the depth of their tree.
        package let leaf: UInt32
        package let depth: Int
        /// Seconds since 1970.
        package let issuedAt: UInt64
        /// Whether the authority hides names; the key then holds the name key.
        package let hidesNames: Bool
        /// A ‖ B of the authority, by which headers are checked.
        let authorityPoints: [UInt8]

        static let attributeLimit = 256
    }
}

extension AttributeKey.Summary {
    /// Deterministic CBOR: what an issuer signs or commits to.
    package func encoded() -> [UInt8] {
        CBOR.map([
            0: .unsigned(1), 1: .text(authority), 2: .unsigned(epoch), 3: .bytes(publicKeyFingerprint), 4: .bytes(authorityPoints), 5: .bytes(gid),
            6: .array(attributes.map { .text($0.text) }), 7: .unsigned(UInt64(validity.lowerBound.number)),
            8: .unsigned(UInt64(validity.upperBound.number)), 9: .unsigned(UInt64(leaf)), 10: .unsigned(UInt64(depth)), 11: .unsigned(issuedAt),
            12: .unsigned(hidesNames ? 1 : 0),
        ]).encoded()
    }

    /// Reads what `encoded` gave.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version, `limitExceeded` for too many attributes.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        let place = "attribute key"
        var fields = try FieldReader(bytes, of: place)
        try fields.expectVersion()
        let authority = try fields.text(1)
        let epoch = try fields.unsigned(2)
        let fingerprint = try fields.bytes(3, count: 32)
        let points = try fields.bytes(4, count: 2 * AuthorityPublicKey.pointByteCount)
        let gid = try fields.bytes(5, count: GlobalIdentifier.byteCount)
        var attributes: [GrantedAttribute] = []
        for value in try fields.array(6) {
            guard let text = value.textValue, let attribute = try? GrantedAttribute(parsing: text) else {
                throw AttributeError(.malformed, "\(place): not a list of attributes")
            }
            attributes.append(attribute)
        }
        let first = Month(number: try fields.unsigned(7, upTo: Month.largestNumber))
        let last = Month(number: try fields.unsigned(8, upTo: Month.largestNumber))
        let leaf = try fields.unsigned(9, upTo: Int(UInt32.max))
        let depth = try fields.unsigned(10, upTo: RevocationList.depths.upperBound)
        let issuedAt = try fields.unsigned(11)
        let hidesNames = try fields.flag(12)
        try fields.finish()
        guard let first, let last, first <= last else { throw AttributeError(.malformed, "\(place): its validity ends before it begins") }
        self.init(
            authority: authority, epoch: epoch, publicKeyFingerprint: fingerprint, gid: gid, attributes: attributes, validity: first...last,
            leaf: UInt32(leaf), depth: depth, issuedAt: issuedAt, hidesNames: hidesNames, authorityPoints: points)
        try validate()
    }

    /// The rules that hold for every key, issued or received.
    func validate() throws(AttributeError) {
        guard AttributeSyntax.isAuthority(authority) else { throw AttributeError(.malformed, "attribute key: `\(authority.prefix(64))` is no authority") }
        guard gid.count == GlobalIdentifier.byteCount else { throw AttributeError(.malformed, "attribute key: a global identifier has 32 bytes") }
        guard attributes.count <= Self.attributeLimit else {
            throw AttributeError(.limitExceeded, "attribute key: \(attributes.count) attributes are more than \(Self.attributeLimit)")
        }
        guard !attributes.isEmpty, zip(attributes, attributes.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw AttributeError(.malformed, "attribute key: attributes are sorted, each once, and at least one")
        }
        guard RevocationList.depths.contains(depth), Int(leaf) < 1 << depth else {
            throw AttributeError(.malformed, "attribute key: there is no leaf \(leaf) in a tree of depth \(depth)")
        }
    }
}
