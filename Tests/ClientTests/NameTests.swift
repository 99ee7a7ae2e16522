// Names of servers and records as users type them.

import Client
import FTPProtocol
import Testing

@Suite struct NameTests {
    @Test(
        arguments: [
            ("ftps://alice@records.example", "alice", "records.example", 21, false), ("ftps://alice@127.0.0.1:2121", "alice", "127.0.0.1", 2121, false),
            ("ftps://a@[::1]:990/", "a", "::1", 990, true), ("ftps://dr.bob@x.org@h:21", "dr.bob@x.org", "h", 21, false),
        ] as [(String, String, String, UInt16, Bool)])
    func readsServers(text: String, user: String, host: String, port: UInt16, isImplicit: Bool) throws {
        let url = try ServerURL(text)
        #expect(url.user == user && url.host == host && url.port == port && url.isImplicit == isImplicit)
        #expect(try ServerURL(url.description) == url)
    }

    @Test(arguments: [
        "", "alice@host", "ftp://alice@host", "ftps://host", "ftps://@host", "ftps://alice@", "ftps://alice:secret@host", "ftps://alice@host:0",
        "ftps://alice@host:65536", "ftps://alice@host:x", "ftps://alice@ho st", "ftps://al\r\nice@host", "ftps://alice@host/path", "ftps://alice@[::1",
        "ftps://alice@[::1]x", "ftps://alice@host:", "ftps://alice@-\n",
    ])
    func refusesServers(text: String) {
        #expect(throws: ClientError(.usage, "")) { try ServerURL(text) }
    }

    @Test(arguments: [
        ("alice/visit.json", "/records/alice/visit.json.phr"), ("/records/alice/visit.json.phr", "/records/alice/visit.json.phr"),
        ("alice/2026/x", "/records/alice/2026/x.phr"), ("/exchange/lab/a.hl7", "/exchange/lab/a.hl7.phr"), ("alice/.phr", "/records/alice/.phr"),
        ("alice/../bob/x", "/records/bob/x.phr"),
    ])
    func readsRecords(text: String, path: String) throws {
        let name = try RemoteName.record(text)
        #expect(name.fullPath == path)
    }

    @Test(arguments: ["alice", "/", "/records/alice", "/other/alice/x", "", "..", "a\r\nb/x", "/.ledger/checkpoint"])
    func refusesWhatIsNoRecord(text: String) {
        #expect(throws: ClientError(.usage, "")) { try RemoteName.record(text) }
    }

    @Test func knowsWhatBelongsToARecord() throws {
        let name = try RemoteName.record("alice/2026/x.json")
        #expect(try name.headers().description == "/records/alice/.headers/2026/x.json.phr")
        #expect(try name.proof().description == "/records/alice/.proofs/2026/x.json.phr")
        #expect(try name.versions().description == "/records/alice/.versions/2026/x.json.phr")
        #expect(name.plainName == "x.json" && name.owner == "alice" && name.tree == "records")
        #expect(name.description == "alice/2026/x.json.phr")
    }

    @Test func exitCodesAreStable() {
        #expect(CommandStatus.allCases.map(\.rawValue) == [0, 64, 65, 66, 67, 68, 69, 70, 73, 75, 76, 77, 78, 79, 80, 81])
        #expect(Set(CommandStatus.allCases.map(\.explanation)).count == CommandStatus.allCases.count)
    }
}
