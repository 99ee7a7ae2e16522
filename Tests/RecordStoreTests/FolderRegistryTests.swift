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

    @Test func keepsPermissions() throws {
        var lab = Folder(path: try FolderPath("/exchange/lab"), owner: "alice", writers: ["lab"], readers: ["ward"])
        lab.writers["acme"] = [.add, .list]
        lab.readers["ward"] = .read
        lab.readers["acme"] = .all
        try registry.add(lab)
        #expect(try FolderRegistry(database).find(lab.path) == lab)
        #expect(lab.permissions(of: "alice") == .all && lab.permissions(of: "lab") == .all && lab.permissions(of: "stranger").isEmpty)
        #expect(lab.permissions(of: "acme") == [.add, .list, .read] && lab.permissions(of: "ward") == .read)
        let changed = try registry.changeMembers(of: lab.path) { writers, readers in
            writers["acme"] = .replace
            readers["acme"] = nil
        }
        #expect(changed.permissions(of: "acme") == .replace && changed.permissions(of: "ward") == .read)
        #expect(try FolderRegistry(database).find(lab.path) == changed)
        #expect(throws: FolderError.notForReaders(path: "/exchange/lab", account: "ward")) {
            try registry.changeMembers(of: lab.path) { $1["ward"] = [.add, .read] }
        }
        #expect(throws: FolderError.noPermission(path: "/exchange/lab", account: "acme")) {
            try registry.changeMembers(of: lab.path) { writers, _ in writers["acme"] = [] }
        }
        #expect(throws: FolderError.notFound("/exchange/x")) { try registry.changeMembers(of: FolderPath("/exchange/x")) { _, _ in } }
        #expect(try registry.find(lab.path) == changed)
    }

    /// The table as it was before there were permissions.
    @Test func membersOfAnOlderDatabaseMayDoAllThatTheyMightBefore() throws {
        let old = try DatabaseQueue(path: folder.path + "/old.sqlite")
        try old.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE folder (path TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, profile TEXT NOT NULL, padding TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE folder_member (
                        path TEXT NOT NULL, account TEXT NOT NULL, part TEXT NOT NULL CHECK (part IN ('writer', 'reader')), PRIMARY KEY (path, account, part)
                    ) WITHOUT ROWID;
                    INSERT INTO folder VALUES ('/exchange/lab', 'alice', 'gateway', 'none');
                    INSERT INTO folder_member VALUES ('/exchange/lab', 'clinic', 'writer'), ('/exchange/lab', 'lab', 'reader');
                    """)
        }
        for _ in 0..<2 {
            let lab = try #require(try FolderRegistry(old).find(FolderPath("/exchange/lab")))
            #expect(lab == Folder(path: try FolderPath("/exchange/lab"), owner: "alice", profile: .gateway, writers: ["clinic"], readers: ["lab"]))
            #expect(lab.permissions(of: "clinic") == .all && lab.permissions(of: "lab") == [.list, .read])
        }
    }

    @Test(arguments: ["", "write", "add,", "add,list ", "ADD", "add;list", "all"])
    func permissionsThatNobodyKnowsGiveNothing(text: String) throws {
        #expect(FolderPermissions(text) == nil)
        try registry.add(Folder(path: FolderPath("/inbox/alice"), owner: "alice", writers: ["lab"]))
        try database.write { try $0.execute(sql: "UPDATE folder_member SET permissions = ?", arguments: [text]) }
        #expect(throws: FolderError.damaged(path: "/inbox/alice", what: "unknown permission")) { try FolderRegistry(database).list() }
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
