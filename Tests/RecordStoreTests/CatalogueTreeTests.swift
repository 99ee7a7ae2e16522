// Names, folders, links and moves.
import Foundation
import GRDB
import RecordStore
import Testing

@Suite struct CatalogueTreeTests {
    let fixture: CatalogueFixture

    init() throws { fixture = try CatalogueFixture() }

    @Test func findsWhatWasLinked() throws {
        try fixture.write { db, catalogue in
            #expect(try catalogue.resolve(db, space: "records/alice", components: []) == nil)
            let root = try catalogue.makeSpace(db, "records/alice", atMilliseconds: 1)
            #expect(try catalogue.makeSpace(db, "records/alice", atMilliseconds: 2) == root)
            let labs = try catalogue.makeDirectory(db, in: root.id, name: "labs", atMilliseconds: 5)
            let (node, _) = try catalogue.upload(db, 1, into: labs.id, name: "blood count.pdf")
            #expect(try catalogue.resolve(db, space: "records/alice", components: []) == root)
            #expect(try catalogue.resolve(db, space: "records/alice", components: ["labs", "blood count.pdf"]) == node)
            #expect(try catalogue.resolve(db, space: "records/alice", components: ["labs", "other"]) == nil)
            #expect(try catalogue.resolve(db, space: "records/bob", components: ["labs"]) == nil)
            #expect(try catalogue.resolve(db, space: "records/alice", components: ["labs", "blood count.pdf", "below"]) == nil)
            let path = try catalogue.path(db, of: node)
            #expect(path.space == "records/alice")
            #expect(path.components == ["labs", "blood count.pdf"])
            #expect(labs.isDirectory && labs.createdMilliseconds == 5 && !node.isDirectory && node.recordID == identifier(1))
        }
    }

    @Test func showsOneRecordUnderSeveralNames() throws {
        try fixture.write { db, catalogue in
            let inbox = try catalogue.makeSpace(db, "inbox/alice/clinic", atMilliseconds: 1)
            let records = try catalogue.makeSpace(db, "records/alice", atMilliseconds: 1)
            let (sent, _) = try catalogue.upload(db, 1, into: inbox.id, name: "a.pdf", plain: 77)
            let owned = try catalogue.link(db, identifier(1), in: records.id, name: "a.pdf.phr", atMilliseconds: 1)
            #expect(try catalogue.nodes(db, of: identifier(1)).map(\.id) == [sent.id, owned.id])
            let entry = try #require(try catalogue.children(db, of: records.id, limit: 10).first)
            #expect(entry.node == owned)
            #expect(entry.latest?.plainByteCount == 77)
            #expect(entry.latest?.number == 1)
            #expect(entry.record?.modifiedMilliseconds == 3000)
            #expect(try catalogue.entry(db, owned.id) == entry)
            #expect(try catalogue.unlink(db, sent.id).remainingLinks == 1)
            #expect(try catalogue.resolve(db, space: "inbox/alice/clinic", components: ["a.pdf"]) == nil)
            #expect(try catalogue.unlink(db, owned.id).remainingLinks == 0)
            #expect(try catalogue.record(db, identifier(1)) != nil)
        }
    }

    @Test func refusesNamesThatAreEqualAfterNormalization() throws {
        let composed = "caf\u{E9}.txt"
        let decomposed = "cafe\u{301}.txt"
        #expect(Array(composed.utf8) != Array(decomposed.utf8))
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let (node, _) = try catalogue.upload(db, 1, into: root.id, name: decomposed)
            #expect(throws: CatalogueError.exists) { try catalogue.link(db, identifier(1), in: root.id, name: composed, atMilliseconds: 1) }
            #expect(throws: CatalogueError.exists) { try catalogue.makeDirectory(db, in: root.id, name: composed, atMilliseconds: 1) }
            #expect(try catalogue.resolve(db, space: "s", components: [composed])?.id == node.id)
            #expect(try catalogue.children(db, of: root.id, limit: 9).map { Array($0.node.name.utf8) } == [Array(decomposed.utf8)])
            // Compatibility forms and case are other names.
            try catalogue.link(db, identifier(1), in: root.id, name: "\u{FB01}le", atMilliseconds: 1)
            try catalogue.link(db, identifier(1), in: root.id, name: "file", atMilliseconds: 1)
            try catalogue.link(db, identifier(1), in: root.id, name: "FILE", atMilliseconds: 1)
        }
    }

    @Test(arguments: [
        ("", NameProblem.empty), (".", .reserved), ("..", .reserved), ("a/b", .separator), ("/", .separator), ("../../etc/passwd", .separator),
        ("a\0b", .control), ("a\nb", .control), ("a\r\nDELE b", .control), ("\u{1B}[2J", .control), ("a\u{7F}", .control), ("a\u{85}b", .control),
        ("a\u{2028}b", .control), ("gpj.\u{202E}exe", .direction), ("a\u{2066}b", .direction),
        (String(repeating: "x", count: 256), .tooLong), (String(repeating: "\u{1F600}", count: 64), .tooLong),
        // Short as given, too long in normal form: each character becomes two.
        (String(repeating: "\u{0958}", count: 64), .tooLong),
    ])
    func refusesHostileNames(name: String, problem: NameProblem) throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let error = CatalogueError.invalidName(problem)
            #expect(throws: error) { try catalogue.makeDirectory(db, in: root.id, name: name, atMilliseconds: 1) }
            #expect(throws: error) { try catalogue.link(db, identifier(1), in: root.id, name: name, atMilliseconds: 1) }
            #expect(throws: error) { try catalogue.resolve(db, space: "s", components: [name]) }
            #expect(try catalogue.children(db, of: root.id, limit: 9).isEmpty)
        }
    }

    @Test(arguments: [
        "a", " leading", "trailing ", "...", "-rf", "~", "*", "'; DROP TABLE node; --", "%s%n", "Ma\u{F1}ana \u{4E2D}\u{6587} \u{1F600}", "a\\b", "CON",
        String(repeating: "x", count: 255),
    ])
    func keepsOddButHarmlessNames(name: String) throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let node = try catalogue.makeDirectory(db, in: root.id, name: name, atMilliseconds: 1)
            #expect(try catalogue.resolve(db, space: "s", components: [name]) == node)
            #expect(try catalogue.children(db, of: root.id, limit: 9).map(\.node.name) == [name])
        }
    }

    @Test func keepsFoldersAndRecordsApart() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let folder = try catalogue.makeDirectory(db, in: root.id, name: "folder", atMilliseconds: 1)
            let (file, _) = try catalogue.upload(db, 1, into: folder.id, name: "file")
            #expect(throws: CatalogueError.notDirectory) { try catalogue.makeDirectory(db, in: file.id, name: "x", atMilliseconds: 1) }
            #expect(throws: CatalogueError.notFound) { try catalogue.makeDirectory(db, in: NodeID(999), name: "x", atMilliseconds: 1) }
            #expect(throws: CatalogueError.isDirectory) { try catalogue.unlink(db, folder.id) }
            #expect(throws: CatalogueError.notDirectory) { try catalogue.removeDirectory(db, file.id) }
            #expect(throws: CatalogueError.notEmpty) { try catalogue.removeDirectory(db, folder.id) }
            try catalogue.unlink(db, file.id)
            try catalogue.removeDirectory(db, folder.id)
            #expect(throws: CatalogueError.notFound) { try catalogue.removeDirectory(db, folder.id) }
            #expect(throws: CatalogueError.notFound) { try catalogue.unlink(db, file.id) }
        }
    }

    @Test func movesAndRenames() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let other = try catalogue.makeSpace(db, "t", atMilliseconds: 1)
            let (file, _) = try catalogue.upload(db, 1, into: root.id, name: "a.tmp")
            try catalogue.upload(db, 2, into: root.id, name: "taken")
            #expect(throws: CatalogueError.exists) { try catalogue.move(db, file.id, to: root.id, name: "taken") }
            try catalogue.move(db, file.id, to: root.id, name: "a.pdf")
            #expect(try catalogue.resolve(db, space: "s", components: ["a.tmp"]) == nil)
            #expect(try catalogue.resolve(db, space: "s", components: ["a.pdf"])?.id == file.id)
            let moved = try catalogue.move(db, file.id, to: other.id, name: "b.pdf")
            #expect(try catalogue.resolve(db, space: "t", components: ["b.pdf"]) == moved)
            #expect(try catalogue.path(db, of: moved).space == "t")
            // Another spelling of its own name is no clash.
            try catalogue.move(db, file.id, to: other.id, name: "e\u{301}")
            try catalogue.move(db, file.id, to: other.id, name: "\u{E9}")
            #expect(try catalogue.children(db, of: other.id, limit: 9).count == 1)
        }
    }

    @Test func refusesToMoveAFolderIntoItself() throws {
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let outer = try catalogue.makeDirectory(db, in: root.id, name: "outer", atMilliseconds: 1)
            let inner = try catalogue.makeDirectory(db, in: outer.id, name: "inner", atMilliseconds: 1)
            for target in [outer.id, inner.id] {
                #expect(throws: CatalogueError.movesIntoItself) { try catalogue.move(db, outer.id, to: target, name: "x") }
            }
            #expect(throws: CatalogueError.notFound) { try catalogue.move(db, root.id, to: outer.id, name: "x") }
            try catalogue.move(db, inner.id, to: root.id, name: "inner")
            try catalogue.move(db, outer.id, to: inner.id, name: "outer")
            #expect(try catalogue.resolve(db, space: "s", components: ["inner", "outer"])?.id == outer.id)
        }
    }

    @Test func limitsDepth() throws {
        try fixture.write { db, catalogue in
            try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            let path = Array(repeating: "d", count: 65)
            #expect(throws: CatalogueError.invalidName(.tooDeep)) { try catalogue.resolve(db, space: "s", components: path) }
        }
    }

    @Test func listsAHundredThousandEntriesInPages() throws {
        let count = 100_000
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            var slowest = Duration.zero
            let start = ContinuousClock.now
            for number in 0..<count {
                let began = ContinuousClock.now
                try catalogue.upload(db, number, into: root.id, name: "record-\(number).pdf", plain: UInt64(number))
                slowest = max(slowest, ContinuousClock.now - began)
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print("catalogue: \(Int(seconds / Double(count) * 1e6)) us per upload")
        }
        try fixture.database.read { db in
            let root = try #require(try fixture.catalogue.root(db, space: "s"))
            let start = ContinuousClock.now
            var cursor: NodeID?
            var seen = 0
            var isOrdered = true
            while true {
                let page = try fixture.catalogue.children(db, of: root.id, after: cursor, limit: 1000)
                for entry in page {
                    if entry.node.name != "record-\(seen).pdf" || entry.latest?.plainByteCount != UInt64(seen) { isOrdered = false }
                    seen += 1
                }
                guard let last = page.last else { break }
                cursor = last.node.id
            }
            print("catalogue: \(seen) entries listed in \(ContinuousClock.now - start)")
            #expect(seen == count)
            #expect(isOrdered)
        }
    }

    @Test func listsSpaces() throws {
        try fixture.write { db, catalogue in
            for space in ["inbox/alice/clinic", "inbox/alice/lab", "records/alice"] { try catalogue.makeSpace(db, space, atMilliseconds: 1) }
            #expect(try catalogue.spaces(db, limit: 9).map(\.name) == ["inbox/alice/clinic", "inbox/alice/lab", "records/alice"])
            #expect(throws: CatalogueError.self) { try catalogue.makeSpace(db, "", atMilliseconds: 1) }
        }
    }
}
