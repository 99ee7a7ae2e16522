// Rows that were changed behind the program's back, and what the database file gives away.
import Crypto
import Foundation
import GRDB
import RecordStore
import Testing

@Suite struct CatalogueDamageTests {
    @Test(arguments: [
        "UPDATE node SET sealed_name = x''", "UPDATE node SET sealed_name = x'00112233'", "UPDATE node SET sealed_name = 'text'",
        "UPDATE node SET sealed_name = zeroblob(60)", "UPDATE node SET sealed_name = 12",
        "UPDATE node SET sealed_name = (SELECT sealed_name FROM node ORDER BY id LIMIT 1)",
        "UPDATE node SET created = 'yesterday' WHERE parent <> 0", "UPDATE node SET modified = 1.5 WHERE parent <> 0",
        "UPDATE record SET owner = x'01'", "UPDATE record SET owner = 'sixteen letters!'", "UPDATE record SET latest_version = -1",
        "UPDATE record SET latest_version = 2", "UPDATE record SET deleted = 7", "UPDATE record SET modified = 'x'", "DELETE FROM record",
        "UPDATE version SET plain_size = -1", "UPDATE version SET plain_size = 'big'", "UPDATE version SET sealed_on_ingest = 2", "DELETE FROM version",
    ])
    func reportsADamagedEntry(sql: String) throws {
        let fixture = try damaged(by: sql)
        try fixture.write { db, catalogue in
            #expect {
                let root = try catalogue.root(db, space: "s")
                _ = try catalogue.children(db, of: #require(root).id, limit: 9)
            } throws: { isDamage($0) }
        }
    }

    @Test(arguments: [
        "UPDATE version SET salt = x'00'", "UPDATE version SET salt = 'a text of thirty-two characters!'", "UPDATE version SET envelope_root = x''",
        "UPDATE version SET object_id = x'01'", "UPDATE version SET ledger_index = -5", "UPDATE version SET header_revision = 'one'",
    ])
    func reportsADamagedVersion(sql: String) throws {
        let fixture = try damaged(by: sql)
        try fixture.write { db, catalogue in
            #expect { _ = try catalogue.latestVersion(db, identifier(1)) } throws: { isDamage($0) }
        }
    }

    @Test(arguments: [
        "UPDATE member SET blob_id = x'01'", "UPDATE member SET head_length = total_length + 1", "UPDATE member SET total_length = -1",
        "UPDATE member SET head_override = 'text'", "UPDATE member SET position = 1", "DELETE FROM member",
    ])
    func reportsADamagedMember(sql: String) throws {
        let fixture = try damaged(by: sql)
        try fixture.write { db, catalogue in
            #expect { _ = try catalogue.members(db, identifier(1), version: 1) } throws: { isDamage($0) }
        }
    }

    @Test(arguments: [
        "UPDATE partial SET object_id = 'x'", "UPDATE partial SET plain_size = 1", "DELETE FROM partial_member",
        "UPDATE partial_member SET blob_id = x''",
    ])
    func reportsADamagedPartial(sql: String) throws {
        let fixture = try damaged(by: sql)
        try fixture.write { db, catalogue in
            #expect { _ = try catalogue.partial(db, account: clinic, space: "s", path: ["p"]) } throws: { isDamage($0) }
        }
    }

    @Test func reportsAFolderThatLiesInItself() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let outer = try catalogue.makeDirectory(db, in: root.id, name: "outer", atMilliseconds: 1)
            let inner = try catalogue.makeDirectory(db, in: outer.id, name: "inner", atMilliseconds: 1)
            try db.execute(sql: "UPDATE node SET parent = ? WHERE id = ?", arguments: [inner.id.number, outer.id.number])
            #expect { _ = try catalogue.path(db, of: inner) } throws: { isDamage($0) }
        }
    }

    @Test func findsNoNameThroughAnotherKey() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let other = try Catalogue(key: SymmetricKey(size: .bits256))
            #expect(try other.root(db, space: "s") == nil)
            #expect { try other.node(db, root.id) } throws: { isDamage($0) }
        }
    }

    @Test func writesNoNameInClear() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/catalogue.sqlite"
        let fixture = try CatalogueFixture(path: path)
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "inbox/winifred/stmary", atMilliseconds: 1)
            let directory = try catalogue.makeDirectory(db, in: root.id, name: "oncology", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: directory.id, name: "biopsy-winifred.pdf")
            let partial = PartialUpload(
                objectID: identifier(4), members: [newMember()], footerHash: identifier(5, count: 32), updatedMilliseconds: 1)
            try catalogue.storePartial(db, partial, account: clinic, space: "inbox/winifred/stmary", path: ["genome.bam"])
        }
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.count > 4096)
        for name in ["winifred", "stmary", "oncology", "biopsy", "genome", "inbox"] { #expect(bytes.range(of: Data(name.utf8)) == nil, "\(name)") }
    }

    @Test func sealsNamesOfLikeLengthAlike() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            for name in ["a", "a name of 14 b"] { try catalogue.makeDirectory(db, in: root.id, name: name, atMilliseconds: 1) }
            #expect(try Int.fetchOne(db, sql: "SELECT count(DISTINCT length(sealed_name)) FROM node") == 1)
        }
    }

    @Test func refusesTheTablesOfANewerProgram() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, _ in
            try Catalogue.install(db)
            try db.execute(sql: "UPDATE catalogue_schema SET version = 99")
            #expect(throws: CatalogueError.unknownSchema(found: 99, supported: 5)) { try Catalogue.install(db) }
        }
    }

    private func damaged(by sql: String) throws -> CatalogueFixture {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: root.id, name: "a")
            let partial = PartialUpload(
                objectID: identifier(4), members: [newMember()], footerHash: identifier(5, count: 32), updatedMilliseconds: 1)
            try catalogue.storePartial(db, partial, account: clinic, space: "s", path: ["p"])
            // The tables' own checks do not hold against a damaged file.
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: sql)
            #expect(db.changesCount > 0)
        }
        return fixture
    }

    private func isDamage(_ error: any Error) -> Bool {
        guard case CatalogueError.damaged = error else { return false }
        return true
    }
}
