import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct SessionTests {
    @Test func everyCommandIsRefusedInClearExceptThoseThatAreHarmless() async throws {
        try await ServerUnderTest.with { _, client in
            let greeting = try await client.reply()
            #expect(greeting?.code == 220)
            for verb in ["FEAT", "HELP", "SYST", "NOOP", "HOST localhost"] {
                #expect([200, 211, 214, 215, 220].contains(try await client.command(verb)), "\(verb)")
            }
            for line in [
                "USER alice", "PASS right", "PBSZ 0", "PROT P", "PWD", "CWD /", "LIST", "STOR a", "RETR a", "DELE a", "MKD a", "RMD a", "SIZE a",
                "MDTM a", "MFMT 20260101000000 a", "MFF Modify=20260101000000; a", "RMDA a", "AVBL", "RANG 0 1", "CSID", "LANG EN", "COMB a", "SMNT /", "MLST",
                "MLSD", "NLST", "EPSV", "PASV", "PORT 127,0,0,1,200,1", "REST 1", "RNFR a", "RNTO b",
                "APPE a", "STOU", "TYPE I", "MODE S", "STRU F", "ALLO 1", "SITE HELP", "HASH a", "XSHA256 a", "STAT", "ABOR", "REIN", "CCC", "OPTS UTF8 ON",
            ] {
                #expect([530, 533, 534].contains(try await client.command(line)), "\(line)")
            }
        }
    }

    @Test func nothingButAccessCommandsBeforeLogin() async throws {
        try await ServerUnderTest.with { _, client in
            _ = try await client.reply()
            #expect(try await client.command("AUTH TLS") == 234)
            try await client.startTLS()
            for line in ["PWD", "LIST", "STOR a", "EPSV", "RNFR a", "SIZE a", "STAT", "ABOR"] { #expect(try await client.command(line) == 530, "\(line)") }
            #expect(try await client.command("PASS right") == 503)
        }
    }

    @Test func bytesInClearBehindAUTHEndTheConnection() async throws {
        try await ServerUnderTest.with { _, client in
            _ = try await client.reply()
            try await client.send(Array("AUTH TLS\r\nUSER mallory\r\n".utf8))
            #expect(try await client.hasEnded())
        }
    }

    @Test func asksForASecondAnswer() async throws {
        try await ServerUnderTest.with { _, client in
            _ = try await client.reply()
            _ = try await client.command("AUTH TLS")
            try await client.startTLS()
            // A new USER forgets the question; a wrong answer ends it.
            let steps = [
                ("USER careful", 331), ("PASS first", 331), ("USER careful", 331), ("PASS second", 530), ("PASS second", 503),
                ("USER careful", 331), ("PASS first", 331), ("PASS wrong", 530), ("USER careful", 331), ("PASS first", 331), ("PASS second", 230),
            ]
            for (line, expected) in steps { #expect(try await client.command(line) == expected, "\(line)") }
        }
    }

    @Test func sessionEndsAfterThreeFailedLogins() async throws {
        try await ServerUnderTest.with { _, client in
            _ = try await client.reply()
            _ = try await client.command("AUTH TLS")
            try await client.startTLS()
            for expected in [530, 530, 421] {
                #expect(try await client.command("USER alice") == 331)
                #expect(try await client.command("PASS wrong") == expected)
            }
            #expect(try await client.hasEnded())
        }
    }

    @Test func permissionsAreAskedForEveryCommandOnNames() async throws {
        try await ServerUnderTest.with { server, client in
            server.authenticator.fileSystem.state.withLock { $0.denied = Set(Permission.allCases) }
            try await client.logIn()
            for line in [
                "CWD /x", "CDUP", "MKD /x", "RMD /x", "DELE /x", "RNFR /x", "SIZE /x", "MDTM /x", "MFMT 20260101000000 /x", "MLST /x", "HASH /x",
                "XSHA256 /x", "MFF Modify=20260101000000; /x", "RMDA /x", "AVBL /x", "SITE PROOF /x", "SITE UTIME 20260101000000 /x", "STAT /x", "LIST /x",
                "NLST /x", "MLSD /x", "RETR /x", "STOR /x", "APPE /x", "STOU x",
            ] {
                #expect(try await client.command(line) == 550, "\(line)")
            }
        }
    }

    @Test func malformedLinesGetOneReplyEach() async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn()
            try await client.send(Array("NOOP ".utf8) + [UInt8](repeating: 0x61, count: 8192) + Array("\r\n".utf8))
            #expect(try await client.reply()?.code == 500)
            for byte: UInt8 in [0, 1, 7, 0x1B, 0x7F] {
                try await client.send(Array("SIZE a".utf8) + [byte] + Array("b\r\n".utf8))
                #expect(try await client.reply()?.code == 501, "\(byte)")
            }
            try await client.send([0xFF, 0xF4, 0xFF, 0xF2] + Array("ABOR\r\n".utf8))
            #expect(try await client.reply()?.code == 226)
            #expect(try await client.command("BLAH") == 500)
            #expect(try await client.command("NOOP") == 200)
        }
    }

    @Test(arguments: [
        ("REST -1", 501), ("REST 9223372036854775808", 501), ("REST +5", 501), ("REST 1e9", 501), ("REST 5", 350), ("MODE B", 200), ("MODE C", 504),
        ("MODE Z", 504),
        ("STRU R", 504), ("TYPE E", 504), ("TYPE X", 501), ("PROT C", 534), ("CCC", 534), ("PORT 10,0,0,1,200,1", 504), ("PORT 127,0,0,1,0,25", 504),
        ("EPRT |1|192.0.2.1|5000|", 504), ("EPRT |3|x|1|", 522), ("PORT 1,2,3", 501), ("EPSV 2", 522), ("EPSV 9", 522), ("SITE EXEC x", 504),
        ("SITE CHMOD 600 a", 202), ("OPTS UTF8 ON", 200), ("RNTO b", 503), ("STAT", 211), ("USER other", 530),
    ])
    func answers(_ line: String, _ code: Int) async throws {
        try await ServerUnderTest.with({ $0.activeNetworks = [NetworkPrefix("127.0.0.0/8")!] }) { _, client in
            try await client.logIn()
            #expect(try await client.command(line) == code)
        }
    }

    @Test func idleSessionsAreToldAndEnded() async throws {
        try await ServerUnderTest.with({ $0.loginTimeout = .milliseconds(200) }) { _, client in
            let codes = [try await client.reply()?.code, try await client.reply()?.code]
            #expect(codes == [220, 421])
            #expect(try await client.hasEnded())
        }
    }

    @Test func tooManySessionsFromOneAddressAreRefused() async throws {
        try await ServerUnderTest.with({ $0.maximumSessionsPerAddress = 1 }) { server, client in
            let greeting = try await client.reply()
            #expect(greeting?.code == 220)
            let second = try await RawClient(server)
            defer { second.close() }
            #expect(try await second.reply()?.code == 421)
        }
    }

    @Test func reinitializeLogsOut() async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn()
            #expect(try await client.command("REIN") == 220)
            #expect(try await client.command("PWD") == 530)
            #expect(try await client.command("USER alice") == 331)
            #expect(try await client.command("PASS right") == 230)
        }
    }

    @Test func reinitializeSetsAllParametersBack() async throws {
        try await ServerUnderTest.with { server, client in
            let file = try VirtualPath(absolute: "/a")
            server.authenticator.fileSystem.state.withLock {
                $0.files[file] = [1, 2, 3]
                $0.directories.insert(try! VirtualPath(absolute: "/d"))
            }
            func status() async throws -> [String] {
                try await client.send(Array("STAT\r\n".utf8))
                return try await client.reply()?.lines ?? []
            }
            func facts() async throws -> String? {
                try await client.send(Array("MLST /a\r\n".utf8))
                return try await client.reply()?.lines.dropFirst().first
            }
            _ = try await client.reply()
            for line in ["AUTH TLS"] { #expect(try await client.command(line) == 234) }
            try await client.startTLS()
            for line in ["USER principal", "PASS right"] { _ = try await client.command(line) }
            let (before, factsBefore) = (try await status(), try await facts())
            for line in ["PBSZ 0", "PROT P", "TYPE A", "MODE B", "OPTS MLST size;", "CLNT Test", "CWD /d", "EPSV ALL", "RANG 0 1"] {
                #expect((200...350).contains(try await client.command(line)), "\(line)")
            }
            #expect(try await client.command("REIN") == 220)
            for (line, code) in [("USER principal", 331), ("PASS right", 230)] { #expect(try await client.command(line) == code) }
            #expect(try await status() == before)
            #expect(try await facts() == factsBefore)
            for (line, code) in [("PROT P", 503), ("PASV", 521), ("PBSZ 0", 200), ("PROT P", 200), ("PASV", 227)] {
                #expect(try await client.command(line) == code, "\(line)")
            }
        }
    }

    /// A session may be older than the time for a login; only a login gives time for the next.
    @Test func reinitializeGivesTimeForANewLogin() async throws {
        try await ServerUnderTest.with({ $0.loginTimeout = .milliseconds(800) }) { server, client in
            try await client.logIn()
            await server.loop.sleep(for: .seconds(1))
            #expect(try await client.command("REIN") == 220)
            #expect(try await client.command("USER alice") == 331)
            #expect(try await client.command("PASS right") == 230)
            #expect(try await client.command("REIN") == 220)
            let started = ContinuousClock.now
            while try await client.command("REIN") == 220, .now - started < .seconds(5) { await server.loop.sleep(for: .milliseconds(100)) }
            #expect(ContinuousClock.now - started < .seconds(3))
        }
    }
}
