// The site's folders.
import Foundation
import GRDB
import RecordStore
import Testing

@Suite struct FolderRegistryTests {
    let folder: TemporaryFolder
    let database: DatabaseQueue
    let registry: FolderRegistry

    init() throws {
        folder = try TemporaryFolder()
        database = try DatabaseQueue(path: folder.path + "/site.sqlite")
        registry = try FolderRegistry(database)
    }

    @Test func keepsFolders() throws {
        let inbox = Folder(path: try FolderPath("/inbox/alice"), owner: "alice", padding: .padme, writers: ["clinic", "lab"])
        let lab = Folder(path: try FolderPath("/exchange/lab"), owner: "alice", profile: .gateway, writers: ["lab"], readers: ["clinic"])
        try registry.add(inbox)
        try registry.add(lab)
        #expect(try registry.find(inbox.path) == inbox)
        #expect(try registry.find(FolderPath("/inbox/bob")) == nil)
        #expect(try registry.list() == [lab, inbox])
        #expect(try registry.table().folders(in: .inbox, of: "clinic") == [inbox])
        #expect(try registry.table().folders(in: .exchange, of: "clinic") == [lab])
        #expect(try registry.table().folders(in: .inbox, of: "stranger").isEmpty)
        #expect(throws: FolderError.exists("/inbox/alice")) { try registry.add(inbox) }
        try registry.remove(inbox.path)
        #expect(try registry.find(inbox.path) == nil)
        #expect(throws: FolderError.notFound("/inbox/alice")) { try registry.remove(inbox.path) }
    }

    @Test func seesWhatAnotherProcessAdds() throws {
        #expect(try registry.list().isEmpty)
        let other = try FolderRegistry(DatabaseQueue(path: folder.path + "/site.sqlite"))
        let inbox = Folder(path: try FolderPath("/inbox/alice"), owner: "alice")
        try other.add(inbox)
        #expect(try registry.list() == [inbox])
    }

    @Test(arguments: [
        "", "/", "inbox/alice", "/inbox", "/inbox/", "/inbox//alice", "/inbox/alice/", "/inbox/alice/sub", "/tmp/alice", "/Inbox/alice",
        "/inbox/Alice", "/inbox/..", "/inbox/.alice", "/inbox/al ice", "/inbox/alice\0", "/inbox/\u{E1}lice", "/inbox/\(String(repeating: "a", count: 65))",
    ])
    func refusesOtherPaths(path: String) {
        #expect(throws: FolderError.invalidPath(path)) { try FolderPath(path) }
    }

    @Test func refusesContradictions() throws {
        let inbox = try FolderPath("/inbox/alice")
        #expect(throws: FolderError.wrongOwner(path: "/inbox/alice", owner: "bob", expected: "alice")) {
            try registry.add(Folder(path: inbox, owner: "bob"))
        }
        #expect(throws: FolderError.invalidAccount(path: "/inbox/alice", account: "Lab X")) {
            try registry.add(Folder(path: inbox, owner: "alice", writers: ["Lab X"]))
        }
        #expect(throws: FolderError.wrongProfile(path: "/records/alice", profile: .sealed)) {
            try registry.add(Folder(path: FolderPath("/records/alice"), owner: "alice"))
        }
        try registry.add(Folder(path: FolderPath("/mail/alice"), owner: "alice", profile: .envelope))
    }

    @Test(arguments: ["profile = 'open'", "padding = 'x'", "owner = 'mallory'", "owner = x'00'", "path = '/etc/passwd'"])
    func reportsDamagedRows(change: String) throws {
        try registry.add(Folder(path: FolderPath("/inbox/alice"), owner: "alice"))
        try database.write { try $0.execute(sql: "UPDATE folder SET \(change)") }
        let fresh = try FolderRegistry(database)
        #expect(throws: FolderError.self) { try fresh.list() }
    }
}
