// Versions, headers, readers, keys and interrupted uploads.
import Crypto
import GRDB
import RecordStore
import Testing

@Suite struct CatalogueRecordTests {
    let fixture: CatalogueFixture

    init() throws { fixture = try CatalogueFixture() }

    @Test func keepsEveryVersion() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let (node, first) = try catalogue.upload(db, 1, into: root.id, name: "a", plain: 100)
            // Appending keeps the first member and adds another.
            let members = [first, newMember(plain: 50)]
            let version = newVersion(1, 2, members: members, index: 9)
            try catalogue.addVersion(db, version, members: members, readers: [], modifiedMilliseconds: 4000)
            #expect(try catalogue.latestVersion(db, identifier(1)) == version)
            #expect(try catalogue.versions(db, identifier(1)).map(\.number) == [1, 2])
            #expect(try catalogue.version(db, identifier(1), 1)?.plainByteCount == 100)
            #expect(try catalogue.version(db, identifier(1), 3) == nil)
            #expect(try catalogue.members(db, identifier(1), version: 1) == [first])
            #expect(try catalogue.members(db, identifier(1), version: 2) == members)
            let entry = try #require(try catalogue.entry(db, node.id))
            #expect(entry.latest?.plainByteCount == 150)
            #expect(entry.latest?.envelopeByteCount == 100 + 50 + 2 * 928)
            #expect(entry.record?.modifiedMilliseconds == 4000)
        }
    }

    @Test func refusesTheSlowerOfTwoUploads() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: root.id, name: "a")
            let member = newMember()
            for number in [UInt64(1), 3] {
                #expect(throws: CatalogueError.conflict(expected: number - 1, found: 1)) {
                    try catalogue.addVersion(
                        db, newVersion(1, number, members: [member]), members: [member], readers: [], modifiedMilliseconds: 1)
                }
            }
            #expect(throws: CatalogueError.notFound) {
                try catalogue.addVersion(db, newVersion(2, 1, members: [member]), members: [member], readers: [], modifiedMilliseconds: 1)
            }
            #expect(throws: CatalogueError.exists) { try catalogue.insertRecord(db, newRecord(1)) }
            #expect(try catalogue.versions(db, identifier(1)).count == 1)
        }
    }

    @Test func refusesValuesOfTheWrongLength() throws {
        try fixture.write { db, catalogue in
            var record = newRecord(1)
            record.owner = [1, 2, 3]
            #expect(throws: CatalogueError.self) { try catalogue.insertRecord(db, record) }
            try catalogue.insertRecord(db, newRecord(1))
            let member = newMember()
            var version = newVersion(1, 1, members: [member])
            version.salt = []
            #expect(throws: CatalogueError.invalidValue(what: "a digest of 0 bytes instead of 32")) {
                try catalogue.addVersion(db, version, members: [member], readers: [], modifiedMilliseconds: 1)
            }
            #expect(throws: CatalogueError.self) {
                try catalogue.addVersion(db, newVersion(1, 1, members: []), members: [], readers: [], modifiedMilliseconds: 1)
            }
        }
        #expect(throws: CatalogueError.self) { try Catalogue(key: .init(size: .bits128)) }
    }

    @Test func setsTimesAndDeletionMarks() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: root.id, name: "a")
            try catalogue.setModificationTime(db, identifier(1), milliseconds: -86_400_000)
            #expect(try catalogue.record(db, identifier(1))?.modifiedMilliseconds == -86_400_000)
            try catalogue.markDeleted(db, identifier(1))
            #expect(try catalogue.record(db, identifier(1))?.isDeleted == true)
            #expect(throws: CatalogueError.notFound) { try catalogue.setModificationTime(db, identifier(2), milliseconds: 0) }
            #expect(throws: CatalogueError.notFound) { try catalogue.markDeleted(db, identifier(2)) }
        }
    }

    @Test func replacesHeadsBesideTheBlobs() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let (_, member) = try catalogue.upload(db, 1, into: root.id, name: "a", readers: [identifier(5)])
            let head = [UInt8](repeating: 9, count: 1000)
            var change = HeaderChange(
                recordID: identifier(1), version: 1, heads: [head], headerRevision: 1, headersDigest: identifier(6, count: 32),
                salt: identifier(7, count: 32), commitmentIndex: 12, readers: [identifier(5), identifier(8)])
            try catalogue.replaceHeads(db, change)
            let version = try #require(try catalogue.latestVersion(db, identifier(1)))
            #expect(version.headerRevision == 1)
            #expect(version.headersDigest == change.headersDigest && version.salt == change.salt)
            #expect(version.ledgerIndex == 7 && version.commitmentIndex == 12)
            #expect(version.envelopeByteCount == 100 + 528 + 1000)
            let stored = try catalogue.members(db, identifier(1), version: 1)
            #expect(stored[0].headOverride == head && stored[0].blob == member.blob)
            #expect(Set(try catalogue.readers(db, identifier(1))) == [identifier(5), identifier(8)])
            // The same revision again, or one too far, is somebody else's change.
            #expect(throws: CatalogueError.conflict(expected: 0, found: 1)) { try catalogue.replaceHeads(db, change) }
            change.headerRevision = 3
            #expect(throws: CatalogueError.conflict(expected: 2, found: 1)) { try catalogue.replaceHeads(db, change) }
            change.headerRevision = 2
            change.heads = [head, head]
            #expect(throws: CatalogueError.self) { try catalogue.replaceHeads(db, change) }
        }
    }

    @Test func showsReadersOnlyWhatTheirKeysOpen() throws {
        let key = identifier(50)
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "records/alice", atMilliseconds: 1)
            let open = try catalogue.makeDirectory(db, in: root.id, name: "open", atMilliseconds: 1)
            let inner = try catalogue.makeDirectory(db, in: open.id, name: "inner", atMilliseconds: 1)
            let secret = try catalogue.makeDirectory(db, in: root.id, name: "secret", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: inner.id, name: "shared", readers: [key, identifier(51)])
            try catalogue.upload(db, 2, into: inner.id, name: "private", readers: [identifier(51)])
            try catalogue.upload(db, 3, into: secret.id, name: "hidden", readers: [identifier(51)])
            #expect(try catalogue.isReadable(db, identifier(1), by: [identifier(49), key]))
            #expect(try !catalogue.isReadable(db, identifier(2), by: [key]))
            #expect(try !catalogue.isReadable(db, identifier(1), by: []))
            #expect(try catalogue.readable(db, by: [key, identifier(51)], limit: 9) == [identifier(1), identifier(2), identifier(3)])
            #expect(try catalogue.readable(db, by: [identifier(51)], after: identifier(1), limit: 1) == [identifier(2)])
            let view = try catalogue.readerView(db, keyIDs: [key])
            func names(_ folder: NodeID) throws -> [String] {
                try catalogue.children(db, of: folder, limit: 9, seenBy: view).entries.map(\.node.name)
            }
            #expect(try names(root.id) == ["open"])
            #expect(try names(open.id) == ["inner"])
            #expect(try names(inner.id) == ["shared"])
            #expect(try names(secret.id).isEmpty)
            let paged = try catalogue.children(db, of: root.id, limit: 1, seenBy: view)
            #expect(paged.entries.count == 1 && paged.next == open.id)
            #expect(try catalogue.readerView(db, keyIDs: []).directories.isEmpty)
        }
    }

    @Test func registersKeysInOrder() throws {
        try fixture.write { db, catalogue in
            func bundle(_ account: [UInt8], _ sequence: UInt64) -> StoredKeyBundle {
                StoredKeyBundle(account: account, sequence: sequence, bundle: [1, 2, UInt8(sequence)], ledgerIndex: 3 + sequence)
            }
            #expect(try catalogue.currentKeyBundle(db, account: alice) == nil)
            try catalogue.storeKeyBundle(db, bundle(alice, 0), keyIDs: [identifier(1), identifier(2)])
            try catalogue.storeKeyBundle(db, bundle(alice, 1), keyIDs: [identifier(2), identifier(3)])
            #expect(try catalogue.currentKeyBundle(db, account: alice) == bundle(alice, 1))
            #expect(try catalogue.keyBundle(db, account: alice, sequence: 0) == bundle(alice, 0))
            #expect(try catalogue.keyBundle(db, keyID: identifier(1)) == bundle(alice, 0))
            #expect(try catalogue.keyBundle(db, keyID: identifier(2)) == bundle(alice, 1))
            #expect(try catalogue.keyBundle(db, keyID: identifier(9)) == nil)
            #expect(try catalogue.account(db, keyID: identifier(3)) == alice)
            #expect(try catalogue.keyIDs(db, account: alice) == [identifier(1), identifier(2), identifier(3)])
            for sequence in [UInt64(0), 1, 3] {
                #expect(throws: CatalogueError.conflict(expected: 2, found: sequence)) {
                    try catalogue.storeKeyBundle(db, bundle(alice, sequence), keyIDs: [])
                }
            }
            #expect(throws: CatalogueError.keyTaken) { try catalogue.storeKeyBundle(db, bundle(doctor, 0), keyIDs: [identifier(1)]) }
        }
    }

    @Test func continuesInterruptedUploads() throws {
        try fixture.write { db, catalogue in
            let members = [newMember(plain: 65_536), newMember(plain: 10)]
            let partial = PartialUpload(objectID: identifier(4), members: members, footerHash: identifier(5, count: 32), updatedMilliseconds: 500)
            #expect(partial.durablePlainByteCount == 65_546)
            try catalogue.storePartial(db, partial, account: clinic, space: "inbox/alice", path: ["new", "a\u{301}.pdf"])
            #expect(try catalogue.partial(db, account: clinic, space: "inbox/alice", path: ["new", "\u{E1}.pdf"]) == partial)
            for (account, space, path) in [
                (alice, "inbox/alice", ["new", "\u{E1}.pdf"]), (clinic, "inbox/bob", ["new", "\u{E1}.pdf"]), (clinic, "inbox/alice", ["new"]),
            ] { #expect(try catalogue.partial(db, account: account, space: space, path: path) == nil) }
            #expect(try catalogue.referencesBlob(db, members[1].blob))
            // Going on keeps the earlier members' blobs and frees none.
            var longer = partial
            longer.members.append(newMember(plain: 5))
            #expect(try catalogue.storePartial(db, longer, account: clinic, space: "inbox/alice", path: ["new", "\u{E1}.pdf"]).isEmpty)
            // Starting over frees them all.
            var fresh = partial
            fresh.members = [newMember(plain: 1)]
            fresh.updatedMilliseconds = 900
            let freed = try catalogue.storePartial(db, fresh, account: clinic, space: "inbox/alice", path: ["new", "\u{E1}.pdf"])
            #expect(Set(freed) == Set(longer.members.map(\.blob)))
            #expect(try catalogue.expiredPartials(db, updatedBeforeMilliseconds: 900) == 0)
            #expect(try catalogue.expiredPartials(db, updatedBeforeMilliseconds: 901) == 1)
            #expect(try catalogue.purgePartials(db, updatedBeforeMilliseconds: 901, limit: 10) == [fresh.members[0].blob])
            #expect(try !catalogue.referencesBlob(db, fresh.members[0].blob))
        }
    }

    @Test func handsAPartialsBlobsOverToItsVersion() throws {
        try fixture.write { db, catalogue in
            let member = newMember()
            let partial = PartialUpload(objectID: identifier(4), members: [member], footerHash: identifier(5, count: 32), updatedMilliseconds: 1)
            try catalogue.storePartial(db, partial, account: clinic, space: "s", path: ["a"])
            try catalogue.insertRecord(db, newRecord(1))
            try catalogue.addVersion(db, newVersion(1, 1, members: [member]), members: [member], readers: [], modifiedMilliseconds: 1)
            #expect(try catalogue.removePartial(db, account: clinic, space: "s", path: ["a"]).isEmpty)
            #expect(try catalogue.removePartial(db, account: clinic, space: "s", path: ["a"]).isEmpty)
            #expect(try catalogue.referencesBlob(db, member.blob))
        }
    }

    @Test func forgetsARecordButNotSharedBlobs() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let (_, shared) = try catalogue.upload(db, 1, into: root.id, name: "a", readers: [identifier(5)])
            let own = newMember()
            try catalogue.addVersion(db, newVersion(1, 2, members: [shared, own]), members: [shared, own], readers: [], modifiedMilliseconds: 1)
            try catalogue.insertRecord(db, newRecord(2))
            try catalogue.addVersion(db, newVersion(2, 1, members: [shared]), members: [shared], readers: [], modifiedMilliseconds: 1)
            #expect(try catalogue.removeRecord(db, identifier(1)) == [own.blob])
            #expect(try catalogue.record(db, identifier(1)) == nil)
            #expect(try catalogue.children(db, of: root.id, limit: 9).isEmpty)
            #expect(try catalogue.versions(db, identifier(1)).isEmpty)
        }
    }
}
