import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Numbers, patterns and names at and beyond their bounds.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct BoundsTests {
    private static let file = try! VirtualPath(absolute: "/x")

    private func with(_ body: @Sendable @escaping (ServerUnderTest, RawClient) async throws -> Void) async throws {
        try await ServerUnderTest.with { server, client async throws in
            server.authenticator.fileSystem.state.withLock { $0.files[Self.file] = [1, 2, 3] }
            try await client.logIn()
            try await body(server, client)
        }
    }

    private static let impossible = [
        "-1", "-0", "+5", " 5", "5 ", "1e9", "0x10", "1.5", "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999",
        "-9223372036854775808", "٣", "１", "", "5,0", "nan",
    ]

    @Test(arguments: impossible)
    func impossibleNumbersAreRefused(number: String) async throws {
        try await with { server, client async throws in
            for line in ["REST \(number)", "ALLO \(number)", "RANG \(number) 5", "RANG 0 \(number)", "ALLO 5 R \(number)"] {
                #expect(try await client.command(line) == 501, "\(line)")
            }
            #expect(server.authenticator.fileSystem.state.withLock { $0.calls } == [])
        }
    }

    @Test(arguments: [
        "20260230000000", "2026010100000", "20261301000000", "20260101240000", "20260101006000", "-2026010100000", "99999999999999", "2026010100000x",
        "00000000000000",
    ])
    func impossibleTimesAreRefused(time: String) async throws {
        try await with { server, client async throws in
            for line in ["MFMT \(time) x", "MFF Modify=\(time); x", "SITE UTIME \(time) x"] {
                #expect(try await client.command(line) == 501, "\(line)")
            }
            #expect(server.authenticator.fileSystem.state.withLock { $0.times } == [:])
        }
    }

    @Test func theLargestNumbersDoNoHarm() async throws {
        let most = "9223372036854775807"
        try await with { server, client async throws in
            let data = try await client.openData()
            defer { data.close() }
            for (line, code) in [
                ("REST \(most)", 350), ("RETR x", 554), ("REST \(most)", 350), ("STOR y", 554), ("REST \(most)", 350), ("APPE x", 554),
                ("RANG \(most) \(most)", 350), ("RETR x", 554), ("RANG \(most) \(most)", 350), ("HASH x", 554), ("RANG 0 \(most)", 350), ("HASH x", 213),
                ("RANG 5 4", 501), ("ALLO \(most)", 200),
            ] { #expect(try await client.command(line) == code, "\(line)") }
            // More was announced than came.
            #expect(try await client.store("STOR y", [1, 2, 3]) == 426)
            #expect(server.authenticator.fileSystem.state.withLock { $0.files.count } == 1)
        }
    }

    @Test func aRangeBeyondTheEndGivesWhatThereIs() async throws {
        try await with { _, client async throws in
            #expect(try await client.command("RANG 1 9223372036854775807") == 350)
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("RETR x") == 150)
            try await client.secure(data)
            #expect(await data.readToEnd() == [2, 3])
            #expect(try await client.reply()?.code == 226)
        }
    }

    /// CVE-2011-0762 and its kin: nothing is expanded, so nothing explodes.
    @Test(arguments: [
        String(repeating: "*", count: 200), "{" + String(repeating: "a,", count: 100) + "}", String(repeating: "{a,b}", count: 50),
        "[" + String(repeating: "a-z", count: 80) + "]", "~root", "$(id)", "`id`", "|id", "/*",
    ])
    func patternsAreNamesLikeOthers(pattern: String) async throws {
        try await with { server, client async throws in
            let data = try await client.openData()
            defer { data.close() }
            for verb in ["LIST", "NLST", "MLSD", "STAT"] {
                server.authenticator.fileSystem.state.withLock { $0.calls = [] }
                let started = ContinuousClock.now
                #expect(try await client.command("\(verb) \(pattern)") == 550)
                #expect(ContinuousClock.now - started < .seconds(1))
                #expect(server.authenticator.fileSystem.state.withLock { $0.calls.count } == 1)
            }
        }
    }

    @Test func aDetourOfAThousandStepsIsOneFolder() async throws {
        try await with { server, client async throws in
            #expect(try await client.command("STAT " + String(repeating: "*/../", count: 800)) == 213)
            #expect(server.authenticator.fileSystem.state.withLock { $0.calls } == ["entry /", "list /"])
        }
    }

    /// ProFTPD's LIST -B and STAT -C: options are dropped, however many and however long.
    @Test(arguments: ["-B", "-C -R", "-B -C -R -l -a", "-" + String(repeating: "R", count: 4000), String(repeating: "-a ", count: 1300), "-laR", "--", "-"])
    func optionsAreDropped(options: String) async throws {
        try await with { server, client async throws in
            for verb in ["LIST", "NLST", "STAT"] {
                server.authenticator.fileSystem.state.withLock { $0.calls = [] }
                let expected = verb == "STAT" ? 213 : 425
                #expect(try await client.command("\(verb) \(options)") == expected)
                #expect(server.authenticator.fileSystem.state.withLock { $0.calls } == ["entry /", "list /"])
            }
        }
    }

    @Test func namesAndDepthsHaveBounds() async throws {
        try await with { _, client async throws in
            #expect(try await client.command("MKD " + String(repeating: "n", count: 255)) == 257)
            #expect(try await client.command("MKD " + String(repeating: "n", count: 256)) == 553)
            // 85 characters of three bytes fit, 86 do not.
            #expect(try await client.command("MKD " + String(repeating: "語", count: 85)) == 257)
            #expect(try await client.command("MKD " + String(repeating: "語", count: 86)) == 553)
            for depth in 1...64 {
                #expect(try await client.command("MKD d") == 257, "\(depth)")
                #expect(try await client.command("CWD d") == 250, "\(depth)")
            }
            for line in ["MKD d", "CWD d", "STOR d", "RMD d", "RNFR d", "MLST d", "HASH d", "SITE PROOF d", "MFMT 20260101000000 d", "LIST d"] {
                #expect(try await client.command(line) == 553, "\(line)")
            }
            #expect(try await client.command("CWD /") == 250)
            #expect(try await client.command("MKD /" + String(repeating: "n", count: 4095)) == 500)
        }
    }

    /// 64 levels of 255 bytes are more than a path may have, however one gets there.
    @Test func pathsHaveABound() async throws {
        let name = String(repeating: "n", count: 255)
        try await with { _, client async throws in
            var depth = 0
            while try await client.command("MKD \(name)") == 257 {
                guard try await client.command("CWD \(name)") == 250 else { break }
                depth += 1
                try #require(depth <= 64)
            }
            #expect(depth == 16)
            #expect(try await client.command("CWD \(name)") == 553)
            #expect(try await client.command("MLST") == 250)
            #expect(try await client.command("PWD") == 257)
            #expect(try await client.command("CWD " + String(repeating: "../", count: 1000)) == 250)
        }
    }
}
