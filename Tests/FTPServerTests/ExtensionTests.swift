import FTPProtocol
import FTPServer
import Synchronization
import Testing

/// Commands of drafts and habits beyond RFC 959 and 3659.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct ExtensionTests {
    private static let digits = Array("0123456789".utf8)

    /// A connection to a server with /d/file and /d/e/other.
    private func with(_ body: @Sendable @escaping (ServerUnderTest, RawClient) async throws -> Void) async throws {
        try await ServerUnderTest.with { server, client in
            let (folder, deeper) = (try VirtualPath(absolute: "/d"), try VirtualPath(absolute: "/d/e"))
            let (file, other) = (try folder.appending("file"), try deeper.appending("other"))
            server.authenticator.fileSystem.state.withLock { state in
                state.directories.formUnion([folder, deeper])
                state.files[file] = Self.digits
                state.files[other] = [1]
            }
            try await body(server, client)
        }
    }

    private func text(_ client: RawClient, _ line: String) async throws -> (code: Int, text: String) {
        try await client.send(Array("\(line)\r\n".utf8))
        let reply = try #require(try await client.reply())
        return (reply.code, reply.lines.joined(separator: "\n"))
    }

    @Test func rangesApplyToTheNextHashOnly() async throws {
        try await with { _, client in
            try await client.logIn()
            let whole = try await text(client, "HASH /d/file")
            #expect(try await client.command("RANG 2 4") == 350)
            let part = try await text(client, "HASH /d/file")
            // SHA-256 of "234".
            #expect(part.text.contains("SHA-256 2-4 114bd151f8fb0c58642d2170da4ae7d7c57977260ac2cc8905306cab6b2acabc"))
            #expect(try await text(client, "HASH /d/file") == whole)
            for line in ["RANG", "RANG 4 2", "RANG -1 2", "RANG 1", "RANG 1 2 3", "RANG a b", "RANG 1  2"] {
                #expect(try await client.command(line) == 501, "\(line)")
            }
            #expect(try await client.command("RANG 2 4") == 350)
            #expect(try await client.command("RANG 1 0") == 350)
            #expect(try await text(client, "HASH /d/file") == whole)
        }
    }

    @Test func onlyTheTimeCanBeChanged() async throws {
        try await with { _, client in
            try await client.logIn()
            #expect(try await client.command("MFF Modify=20260102030405; /d/file") == 213)
            #expect(try await text(client, "MDTM /d/file").text == "20260102030405")
            for line in ["MFF UNIX.mode=0644; /d/file", "MFF Create=20260101000000; /d/file", "MFF Modify=20260101000000;UNIX.mode=0644; /d/file"] {
                #expect(try await client.command(line) == 504, "\(line)")
            }
            for line in ["MFF /d/file", "MFF Modify=2026; /d/file", "MFF ; /d/file", "MFF Modify=20260101000000;"] {
                #expect(try await client.command(line) == 501, "\(line)")
            }
            #expect(try await client.command("MFCT 20260101000000 /d/file") == 502)
            #expect(try await client.command("SITE UTIME 20270102030405 /d/file") == 213)
            #expect(try await text(client, "MDTM /d/file").text == "20270102030405")
            #expect(try await client.command("SITE UTIME /d/file 20200101000000 202802030405 20200101000000 UTC") == 213)
            #expect(try await text(client, "MDTM /d/file").text == "20280203040500")
            #expect(try await client.command("SITE UTIME /d/file") == 501)
        }
    }

    @Test func treesAreRemovedWithWhatIsInThem() async throws {
        try await with { server, client in
            try await client.logIn()
            #expect(try await client.command("RMD /d/none") == 550)
            #expect(try await text(client, "RMDA /d") == (250, "Removed 4 entries"))
            let left = server.authenticator.fileSystem.state.withLock { ($0.files.count, $0.directories.count) }
            #expect(left == (0, 1))
        }
    }

    @Test func aTreeThatMayNotBeEmptiedStays() async throws {
        try await with { server, client in
            try await client.logIn()
            server.authenticator.fileSystem.state.withLock { $0.denied = [.delete] }
            #expect(try await client.command("RMDA /d") == 550)
            #expect(try await client.command("RMDA /d/file") == 550)
            #expect(server.authenticator.fileSystem.state.withLock { $0.files.count } == 2)
        }
    }

    @Test func tellsAboutItselfAndItsSpace() async throws {
        try await with { _, client in
            try await client.logIn()
            #expect(try await text(client, "AVBL") == (213, "123456"))
            #expect(try await text(client, "CSID Name=test; Version=1;").text.hasPrefix("Name=phrd; "))
            #expect(try await client.command("LANG EN") == 200)
            #expect(try await client.command("LANG en-GB") == 200)
            #expect(try await client.command("LANG") == 200)
            #expect(try await client.command("LANG FR") == 504)
            for line in ["SMNT /", "COMB a b"] { #expect(try await client.command(line) == 502, "\(line)") }
            #expect(try await client.command("MODE Z") == 504)
            let features = try await text(client, "FEAT").text
            for name in ["AVBL", "CSID", "LANG EN*", "MFF Modify;", "RANG STREAM", "RMDA", "SITE PROOF"] { #expect(features.contains(name), "\(name)") }
        }
    }

    @Test func digestsOfLargeFilesDoNotHoldUpTheSession() async throws {
        try await with { server, client in
            try await client.logIn()
            let state = { (isSlow: Bool) in server.authenticator.fileSystem.state.withLock { $0.isHashingSlow = isSlow } }
            for verb in ["HASH", "XSHA256"] {
                state(true)
                try await client.send(Array("\(verb) /d/file\r\n".utf8))
                #expect(try await client.command("NOOP") == 200)
                #expect(try await text(client, "STAT").text.contains("Transfer: \(verb), 0 bytes so far"))
                #expect(try await client.command("ABOR") == 426)
                #expect(try await client.reply()?.code == 226)
                // What is neither of these waits for the digest.
                try await client.send(Array("\(verb) /d/file\r\nPWD\r\n".utf8))
                state(false)
                #expect(try await client.reply()?.code == (verb == "HASH" ? 213 : 250))
                #expect(try await client.reply()?.code == 257)
            }
        }
    }

    @Test func statOfAFolderIsWholeOrAnError() async throws {
        try await with { server, _ in
            server.authenticator.fileSystem.state.withLock { state in
                for number in 0..<250 { state.files[try! VirtualPath(absolute: "/d/e/\(number)")] = [] }
            }
            for readable in [0, 100, .max] {
                server.authenticator.fileSystem.state.withLock { $0.readableEntries = readable }
                let client = try await RawClient(server)
                defer { client.close() }
                try await client.logIn()
                try await client.send(Array("STAT /d/e\r\n".utf8))
                let reply = try? await client.reply()
                switch readable {
                case 0:
                    #expect(reply?.code == 451)
                    #expect(try await client.command("NOOP") == 200)
                case 100: #expect(reply == nil, "the listing is not whole")
                default: #expect(reply?.code == 213 && reply?.lines.count == 253)
                }
            }
        }
    }

    @Test func nothingIsStoredUnderARange() async throws {
        try await with { server, client in
            try await client.logIn()
            for verb in ["STOR", "APPE", "STOU"] {
                #expect(try await client.command("RANG 2 4") == 350)
                #expect(try await client.store("\(verb) /d/file", [1, 2, 3]) == 504)
            }
            #expect(server.authenticator.fileSystem.state.withLock { $0.files[try! VirtualPath(absolute: "/d/file")] } == Self.digits)
        }
    }

    /// No line of a text may be taken for the end of the reply.
    @Test func textsCannotEndAReply() async throws {
        try await with { _, client in
            try await client.logIn()
            let shown = try await text(client, "SITE POLICY /d")
            #expect(shown.code == 211 && shown.text.contains(" policy of /d\n 211 not the end"))
            #expect(try await client.command("NOOP") == 200)
        }
    }
}
