// Digests of stored files, so that HASH need not read them: sealed, because the digest of a short record would confirm guesses to
// whoever has the disk alone.
package import GRDB

/// Which bytes of a version a digest is of.
package enum DigestSubject: Hashable, Sendable {
    /// What its sender sent, of a version that the server sealed.
    case content
    /// The envelope, as it is with the header of this revision.
    case envelope(revision: UInt64)
}

extension Catalogue {
    /// Remembers a SHA-256. Of an envelope only that with the newest header is kept.
    package func storeDigest(_ db: Database, _ sha256: [UInt8], of subject: DigestSubject, envelopeRoot: [UInt8]) throws {
        try require(sha256, count: 32, "a digest")
        try require(envelopeRoot, count: 32, "a root")
        let revision = try subject.revision
        if revision >= 0 { try db.run("DELETE FROM digest WHERE envelope_root = ? AND revision >= 0", [.bytes(envelopeRoot)]) }
        try db.run(
            "INSERT OR REPLACE INTO digest (envelope_root, revision, sealed_sha256) VALUES (?, ?, ?)",
            [.bytes(envelopeRoot), .integer(revision), .bytes(try cipher.seal(document: sha256, place: Self.place(envelopeRoot, revision)))])
    }

    /// The SHA-256, if it was stored.
    package func digest(_ db: Database, of subject: DigestSubject, envelopeRoot: [UInt8]) throws -> [UInt8]? {
        let revision = try subject.revision
        let sealed = try db.first(
            "SELECT sealed_sha256 FROM digest WHERE envelope_root = ? AND revision = ?", [.bytes(envelopeRoot), .integer(revision)]
        ) { row in try row.checkedBytes(0, "a digest") }
        return try sealed.map { sealed in
            let sha256 = try cipher.open(document: sealed, place: Self.place(envelopeRoot, revision))
            guard sha256.count == 32 else { throw CatalogueError.damaged(what: "a digest has the wrong length") }
            return sha256
        }
    }

    /// Forgets the digests of all versions of a record.
    func forgetDigests(_ db: Database, _ recordID: [UInt8]) throws {
        try db.run("DELETE FROM digest WHERE envelope_root IN (SELECT envelope_root FROM version WHERE record_id = ?)", [.bytes(recordID)])
    }

    private static func place(_ envelopeRoot: [UInt8], _ revision: Int64) -> [UInt8] {
        Array("digest".utf8) + envelopeRoot + UInt64(bitPattern: revision).bigEndianBytes
    }

    // Version 4. Revision -1 is the content.
    static var digestTables: String {
        """
        CREATE TABLE digest (
            envelope_root BLOB NOT NULL CHECK (length(envelope_root) = 32),
            revision INTEGER NOT NULL,
            sealed_sha256 BLOB NOT NULL,
            PRIMARY KEY (envelope_root, revision)
        ) WITHOUT ROWID;
        """
    }
}

extension DigestSubject {
    fileprivate var revision: Int64 {
        get throws(CatalogueError) {
            switch self {
            case .content: return -1
            case .envelope(let revision):
                guard let revision = Int64(exactly: revision) else { throw .invalidValue(what: "a header's revision") }
                return revision
            }
        }
    }
}
