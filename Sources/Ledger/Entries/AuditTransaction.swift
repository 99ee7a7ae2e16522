// The transaction that anchors the site's audit log.

internal import CanonicalEncoding

/// AUDIT: the audit log had so many lines, and this was the digest of the last one.
package struct AuditTransaction: Equatable, Sendable {
    /// From 1.
    package var lineCount: UInt64
    /// SHA-256 of the last line, which holds the digest of the line before it.
    package var digest: [UInt8]

    package init(lineCount: UInt64, digest: [UInt8]) {
        self.lineCount = lineCount
        self.digest = digest
    }

    init(_ value: CBOR) throws(LedgerError) {
        var fields = try EntryFields(value, of: "AUDIT transaction")
        lineCount = try fields.unsigned(1, in: 1...UInt64.max)
        digest = try fields.bytes(2, count: TransactionBody.hashByteCount)
        try fields.finish()
    }

    var fields: [UInt64: CBOR] { [1: .unsigned(lineCount), 2: .bytes(digest)] }
}
