// What is said to be on the disk is what versions and interrupted uploads need, whatever is added and taken away.
import GRDB
import RecordStore
import Testing

@Suite struct CatalogueDiskTests {
    private let folder = "/inbox/alice"

    private func disk(_ db: Database, _ catalogue: Catalogue) throws -> [UInt64] {
        [try catalogue.usage(db, ofAccount: clinic).disk, try catalogue.usage(db, ofAccount: doctor).disk, try catalogue.usage(db, ofFolder: folder).disk]
    }

    private func version(_ number: Int, _ version: UInt64, _ members: [StoredMember], by account: [UInt8] = clinic) -> StoredVersion {
        var value = newVersion(number, version, members: members)
        value.uploader = account
        return value
    }

    @Test func countsEachObjectInBlocksForWhoSentItUntilNothingNeedsIt() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            func add(_ value: StoredVersion, _ members: [StoredMember]) throws {
                try catalogue.addVersion(db, value, members: members, readers: [], modifiedMilliseconds: 1, folder: folder)
            }
            let (first, second) = (newMember(plain: 1), newMember(plain: 8000))
            try catalogue.insertRecord(db, newRecord(1))
            try add(version(1, 1, [first]), [first])
            #expect(try disk(db, catalogue) == [4096, 0, 4096])
            // What the doctor appends is his; the beginning stays the clinic's.
            try add(version(1, 2, [first, second], by: doctor), [first, second])
            #expect(try disk(db, catalogue) == [4096, 12_288, 16_384])
            // Another record that shares an object (a file renamed over it) takes no more.
            try catalogue.insertRecord(db, newRecord(2))
            try add(version(2, 1, [second]), [second])
            #expect(try disk(db, catalogue) == [4096, 12_288, 16_384])
            try catalogue.markDeleted(db, identifier(1))
            #expect(try catalogue.usageProblems(db) == [])
            #expect(try disk(db, catalogue) == [4096, 12_288, 16_384])
            #expect(try catalogue.removeRecord(db, identifier(1)) == [first.blob])
            #expect(try disk(db, catalogue) == [0, 12_288, 12_288])
            #expect(try catalogue.removeRecord(db, identifier(2)) == [second.blob])
            #expect(try disk(db, catalogue) == [0, 0, 0])
            #expect(try catalogue.usageProblems(db) == [])
        }
    }

    @Test func countsInterruptedUploadsUntilTheyAreForgottenOrPublished() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            func keep(_ members: [StoredMember], _ path: [String]) throws {
                let partial = PartialUpload(objectID: identifier(9), members: members, footerHash: identifier(8, count: 32), updatedMilliseconds: 5)
                try catalogue.storePartial(db, partial, account: clinic, space: "inbox/alice", path: path, folder: folder)
            }
            let (first, second) = (newMember(plain: 1), newMember(plain: 1))
            try keep([first], ["a"])
            try keep([first, second], ["a"])
            #expect(try disk(db, catalogue) == [8192, 0, 8192])
            try keep([newMember(plain: 1)], ["b"])
            #expect(try disk(db, catalogue)[0] == 12_288)
            // Published before it is forgotten, as an upload's commit does it.
            try catalogue.insertRecord(db, newRecord(1))
            try catalogue.addVersion(
                db, version(1, 1, [first, second]), members: [first, second], readers: [], modifiedMilliseconds: 1, folder: folder)
            #expect(try catalogue.removePartial(db, account: clinic, space: "inbox/alice", path: ["a"]) == [])
            #expect(try disk(db, catalogue)[0] == 12_288)
            #expect(try catalogue.purgePartials(db, updatedBeforeMilliseconds: 6, limit: 10).count == 1)
            #expect(try disk(db, catalogue) == [8192, 0, 8192])
            #expect(try catalogue.usageProblems(db) == [])
        }
    }

    @Test(arguments: [
        "DELETE FROM stored_blob", "UPDATE disk_usage SET bytes = bytes + 1", "DELETE FROM disk_usage", "UPDATE stored_blob SET bytes = bytes + 4096",
        "INSERT INTO stored_blob SELECT zeroblob(16), account, folder, bytes FROM stored_blob LIMIT 1", "UPDATE usage SET files = files + 1",
        "DELETE FROM usage",
    ])
    func noticesSumsThatAreWrong(sql: String) throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "inbox/alice", atMilliseconds: 1)
            let node = try catalogue.upload(db, 1, into: root.id, name: "a").node
            try catalogue.charge(db, node, account: clinic, folder: folder)
            #expect(try catalogue.usageProblems(db) == [])
            try db.execute(sql: sql)
            #expect(try catalogue.usageProblems(db).allSatisfy { $0.hasPrefix("quotas: ") } && !catalogue.usageProblems(db).isEmpty)
        }
    }
}
