// What a holder has from one authority: the outcome of one issuance, never mixed with another.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

/// Attributes as keys for both schemes, with their validity and the holder's place among the members.
package struct AttributeKey: Sendable {
    /// All of it that is not secret.
    package let summary: Summary
    /// Names this very key: the first 16 bytes of SHA-256("phr/v1/attribute-key-id" ‖ summary ‖ elements).
    package let keyID: [UInt8]
    /// The name key of an authority that hides names.
    package let nameKey: SymmetricKey?
    /// What the key holds, for `Policy.explain`.
    package let held: HeldAttributes

    let elements: KeyElements

    static let nameKeyByteCount = 32

    package var authority: String { summary.authority }
    package var epoch: UInt64 { summary.epoch }
    package var gid: [UInt8] { summary.gid }
    package var attributes: [GrantedAttribute] { summary.attributes }
    package var validity: ClosedRange<Month> { summary.validity }
    package var leaf: UInt32 { summary.leaf }
    package var issuedAt: UInt64 { summary.issuedAt }
    package var publicKeyFingerprint: [UInt8] { summary.publicKeyFingerprint }

    /// - Throws: `limitExceeded` for too many names, `malformed` for elements of another length.
    init(_ summary: Summary, nameKey: SymmetricKey?, elements: SymmetricKey) throws(AttributeError) {
        let member = (summary.leaf, summary.depth)
        held = HeldAttributes(
            authority: summary.authority, epoch: summary.epoch, attributes: summary.attributes, validity: summary.validity, member: member, nameKey: nameKey)
        self.elements = try KeyElements(names: held.sortedNames, bytes: elements)
        self.summary = summary
        self.nameKey = nameKey
        var hash = SHA256()
        hash.update(data: Array("phr/v1/attribute-key-id".utf8))
        hash.update(data: summary.encoded())
        self.elements.withBytes { hash.update(data: $0) }
        keyID = Array(hash.finalize().prefix(16))
    }
}

// MARK: - Encoding

extension AttributeKey {
    private static let version: UInt8 = 1

    /// Lends the encoding, secrets and all, for the time of one call: version 1 ‖ length of the summary u32 ‖ summary ‖ name key, if
    /// names are hidden ‖ elements.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        let facts = summary.encoded()
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(5 + facts.count + Self.nameKeyByteCount + elements.byteCount)
        bytes.appendBigEndian(UInt32(facts.count))
        bytes += facts
        nameKey?.withBytes { bytes += $0 }
        elements.withBytes { bytes += $0 }
        defer { bytes.wipe() }
        return try body(bytes)
    }

    /// Reads what `withEncoded` lent. Points are checked when they are used, and all of them by `verify`.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version, `limitExceeded`.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard let version = bytes.first else { throw AttributeError(.malformed, "attribute key: empty") }
        guard version == Self.version else {
            throw AttributeError(.unsupportedSuite, "attribute key: version \(version) is not known", hint: "a newer phr may read it")
        }
        guard bytes.count >= 5 else { throw AttributeError(.malformed, "attribute key: it ends too early") }
        let factsEnd = 5 + bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard factsEnd <= bytes.count else { throw AttributeError(.malformed, "attribute key: it ends too early") }
        let summary = try Summary(decoding: Array(bytes[5..<factsEnd]))
        let secretStart = factsEnd + (summary.hidesNames ? Self.nameKeyByteCount : 0)
        guard secretStart <= bytes.count else { throw AttributeError(.malformed, "attribute key: it ends too early") }
        let nameKey = summary.hidesNames ? SymmetricKey(data: bytes[factsEnd..<secretStart]) : nil
        try self.init(summary, nameKey: nameKey, elements: SymmetricKey(data: bytes[secretStart...]))
    }
}

extension AttributeKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "AttributeKey(redacted, \(authority), epoch \(epoch))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
