// The entry that closes a block: it ties the block's transactions to everything before them.

internal import CanonicalEncoding
package import Crypto

/// The header of a block, placed in the log right after the block's transactions.
package struct BlockHeader: Equatable, Sendable {
    /// What a header says, before it is signed.
    package struct Content: Equatable, Sendable {
        package var chainID: [UInt8]
        /// The previous height and one; 0 for the block of the genesis entry.
        package var height: UInt64
        /// Leaf hash of the previous header; zeros in the first.
        package var previousHash: [UInt8]
        /// Index of the block's first transaction, which is the size of the log before the block.
        package var firstIndex: UInt64
        package var transactionCount: UInt64
        /// RFC 6962 root over the leaf hashes of the block's transactions.
        package var transactionRoot: [UInt8]
        /// RFC 6962 root of the log before the block.
        package var logRootBefore: [UInt8]
        /// Unix time in milliseconds, later than the previous header's.
        package var time: UInt64
        package var flags: UInt64
        /// SHA-256 of the authority's public key.
        package var authorityKeyID: [UInt8]
    }

    package let content: Content
    package let signature: [UInt8]

    /// Transactions in a block at most.
    package static let largestTransactionCount: UInt64 = 1000
    /// The rules by which transactions are judged. Version 1 keeps no contract state, so headers have no state root.
    package static let rulesVersion: UInt64 = 1
    /// Flag: the wall clock was behind the previous header, so the time was counted up from there.
    package static let clockWasBehind: UInt64 = 1
    static let domain = "phr-block/v1"

    static func signed(_ content: Content, authority: Curve25519.Signing.PrivateKey) throws -> BlockHeader {
        BlockHeader(
            content: content,
            signature: try EntrySignature.sign(domain: domain, fields: fields(content), key: authority))
    }

    private init(content: Content, signature: [UInt8]) {
        self.content = content
        self.signature = signature
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "block header")
        try fields.expect(EntryKey.version, 1)
        try fields.expect(EntryKey.type, EntryType.blockHeader)
        content = Content(
            chainID: try fields.bytes(2, count: 32),
            height: try fields.unsigned(3),
            previousHash: try fields.bytes(4, count: 32),
            firstIndex: try fields.unsigned(5),
            transactionCount: try fields.unsigned(6, in: 1...Self.largestTransactionCount),
            transactionRoot: try fields.bytes(7, count: 32),
            logRootBefore: try fields.bytes(8, count: 32),
            time: try fields.unsigned(10),
            flags: try fields.unsigned(11, in: 0...Self.clockWasBehind),
            authorityKeyID: try fields.bytes(12, count: 32))
        try fields.expect(13, Self.rulesVersion)
        signature = try fields.bytes(EntryKey.signature, count: EntrySignature.byteCount)
        try fields.finish()
    }

    package func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool {
        EntrySignature.isValid(signature, domain: Self.domain, fields: Self.fields(content), key: key)
    }

    func encoded() -> [UInt8] {
        var fields = Self.fields(content)
        fields[EntryKey.signature] = .bytes(signature)
        return CBOR.map(fields).encoded()
    }

    private static func fields(_ content: Content) -> [UInt64: CBOR] {
        [
            EntryKey.version: .unsigned(1), EntryKey.type: .unsigned(EntryType.blockHeader), 2: .bytes(content.chainID),
            3: .unsigned(content.height), 4: .bytes(content.previousHash), 5: .unsigned(content.firstIndex),
            6: .unsigned(content.transactionCount), 7: .bytes(content.transactionRoot), 8: .bytes(content.logRootBefore),
            10: .unsigned(content.time), 11: .unsigned(content.flags), 12: .bytes(content.authorityKeyID),
            13: .unsigned(rulesVersion),
        ]
    }
}
