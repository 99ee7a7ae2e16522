// Versions and members as rows.
import GRDB

extension Catalogue {
    static var versionColumns: String {
        """
        record_id, number, object_id, plain_size, envelope_size, created, uploader, ledger_index, commitment_index, \
        salt, envelope_root, headers_digest, header_revision, sealed_on_ingest
        """
    }

    static var memberColumns: String { "blob_id, head_length, total_length, plain_size, head_override" }

    static func readVersion(_ row: Row) throws(CatalogueError) -> StoredVersion {
        var version = StoredVersion(
            recordID: try row.checkedBytes(0, "a version's record", count: 16),
            number: try row.checkedCount(1, "a version's number"),
            objectID: try row.checkedBytes(2, "a version's object number", count: 16),
            members: [],
            createdMilliseconds: try row.checkedInteger(5, "a version's time"),
            uploader: try row.checkedBytes(6, "a version's uploader", count: 16),
            ledgerIndex: try row.checkedCount(7, "a version's ledger index"),
            salt: try row.checkedBytes(9, "a version's salt", count: 32),
            envelopeRoot: try row.checkedBytes(10, "a version's root", count: 32),
            headersDigest: try row.checkedBytes(11, "a version's header digest", count: 32),
            headerRevision: try row.checkedCount(12, "a header's revision"),
            isSealedOnIngest: try row.checkedFlag(13, "a version's kind"))
        version.plainByteCount = try row.checkedCount(3, "a version's size")
        version.envelopeByteCount = try row.checkedCount(4, "a version's size")
        version.commitmentIndex = try row.checkedCount(8, "a version's ledger index")
        return version
    }

    static func readMember(_ row: Row, from column: Int) throws(CatalogueError) -> StoredMember {
        let member = StoredMember(
            blob: try row.checkedBlob(column, "a member's object"),
            headByteCount: try row.checkedCount(column + 1, "a member's head length"),
            totalByteCount: try row.checkedCount(column + 2, "a member's length"),
            plainByteCount: try row.checkedCount(column + 3, "a member's size"),
            headOverride: try row.checkedOptionalBytes(column + 4, "a member's head"))
        guard member.headByteCount <= member.totalByteCount else { throw .damaged(what: "a head is longer than its member") }
        return member
    }

    static func arguments(of member: StoredMember) throws(CatalogueError) -> [Argument] {
        [
            .blob(member.blob), try .count(member.headByteCount), try .count(member.totalByteCount),
            try .count(member.plainByteCount), .optionalBytes(member.headOverride),
        ]
    }
}
