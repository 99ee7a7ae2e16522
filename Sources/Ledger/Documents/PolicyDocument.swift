// For whom a folder's records are sealed besides their owner, in the owner's own words.

internal import CanonicalEncoding

/// The policy of one folder, signed by the folder's owner.
package struct PolicyDocument: Equatable, Sendable {
    /// The folder's path in the tree, such as "/inbox/alice".
    package let folder: String
    /// 0 for the folder's first policy, then one more each time.
    package let sequence: UInt64
    /// The policy as text, because "valid now" means the month of each sealing; empty: no policy any more.
    package let policy: String
    /// Seconds since 1970.
    package let created: UInt64
    package let signature: [UInt8]

    private static let domain = "phr/v1/folder-policy"
    private static let place = "folder policy"
    package static let largestPolicyByteCount = 8 * 1024
    package static let largestByteCount = 10 * 1024
    private static let largestFolderByteCount = 1024

    package init(folder: String, sequence: UInt64, policy: String, created: UInt64, sign: DocumentSigner) throws {
        var fields = Self.fields(folder, sequence, policy, created)
        fields[EntryKey.signature] = .bytes(try EntrySignature.sign(domain: Self.domain, fields: fields, by: sign, place: Self.place))
        try self.init(.map(fields))
    }

    /// Reads a policy; its signature is checked by `verify`.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        try self.init(try decodeEntryMap(bytes, of: Self.place))
    }

    private init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: Self.place)
        try fields.expect(EntryKey.version, 1)
        folder = try fields.text(1)
        sequence = try fields.unsigned(2)
        policy = try fields.text(3)
        created = try fields.unsigned(4)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
        guard folder.utf8.count <= Self.largestFolderByteCount, policy.utf8.count <= Self.largestPolicyByteCount else {
            throw LedgerError(.malformedEntry, "has a path or policy that is too long", place: Self.place)
        }
    }

    package func encoded() -> [UInt8] {
        var fields = Self.fields(folder, sequence, policy, created)
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    /// Throws unless the owner of this Ed25519 key signed it.
    package func verify(by publicKey: [UInt8]) throws(LedgerError) {
        try EntrySignature.verify(
            signature, domain: Self.domain, fields: Self.fields(folder, sequence, policy, created), publicKey: publicKey, place: Self.place)
    }

    private static func fields(_ folder: String, _ sequence: UInt64, _ policy: String, _ created: UInt64) -> [UInt64: CBOR] {
        [EntryKey.version: .unsigned(1), 1: .text(folder), 2: .unsigned(sequence), 3: .text(policy), 4: .unsigned(created)]
    }
}
