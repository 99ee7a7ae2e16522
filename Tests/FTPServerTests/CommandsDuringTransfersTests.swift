import BlockMode
import FTPProtocol
import FTPServer
import Glibc
import Synchronization
import Testing
import Transport

/// What is said, and what ends, on the control connection while a transfer runs and other commands wait behind it.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct CommandsDuringTransfersTests {
    /// An upload to "/a" that is under way, its first bytes sent.
    private func with(
        _ adjust: @escaping @Sendable (inout ServerSettings) -> Void = { _ in },
        _ body: @Sendable @escaping (ServerUnderTest, RawClient, Connection) async throws -> Void
    ) async throws {
        try await ServerUnderTest.with(adjust) { server, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR a") == 150)
            try await client.secure(data)
            try await data.write([1, 2], timeout: .seconds(5))
            try await body(server, client, data)
        }
    }

    private func file(_ name: String, _ server: ServerUnderTest) throws -> [UInt8]? {
        let path = try VirtualPath(absolute: name)
        return server.authenticator.fileSystem.state.withLock { $0.files[path] }
    }

    private func waitUntilAlone(_ server: ServerUnderTest) async throws {
        let limit = ContinuousClock.now + .seconds(5)
        while server.server.sessionCount > 0, .now < limit { await server.loop.sleep(for: .milliseconds(10)) }
        #expect(server.server.sessionCount == 0)
    }

    @Test(arguments: ["", "PWD\r\n", "PWD\r\nSIZE a\r\nSTOR b\r\nDELE kept\r\n"], [true, false])
    func theEndOfTheControlConnectionEndsTheTransfer(waiting: String, isProper: Bool) async throws {
        try await with { server, client, data in
            let kept = try VirtualPath(absolute: "/kept")
            server.authenticator.fileSystem.state.withLock { $0.files[kept] = [9] }
            try await client.send(Array(waiting.utf8))
            await server.loop.sleep(for: .milliseconds(50))
            if isProper { try await client.connection.finish() } else { client.close() }
            try await waitUntilAlone(server)
            try? await data.write([3], timeout: .seconds(1))
            try? await data.finish()
            await server.loop.sleep(for: .milliseconds(100))
            #expect(try file("/a", server) == nil)
            #expect(try file("/kept", server) == [9], "what waited is not carried out")
        }
    }

    @Test(arguments: [[], [0xFF, 0xF4, 0xFF, 0xF2]] as [[UInt8]], ["", "PWD\r\n"])
    func abortIsHeardBehindWaitingCommands(telnet: [UInt8], waiting: String) async throws {
        try await with { server, client, _ in
            try await client.send(Array((waiting + "NOOP\r\nSTAT\r\n").utf8))
            #expect(try await client.reply()?.code == 200)
            let status = try #require(try await client.reply())
            #expect(status.code == 211 && status.lines.contains { $0.contains("STOR") })
            try await client.send(telnet + Array("ABOR\r\n".utf8))
            for code in [426, 226] + (waiting.isEmpty ? [] : [257]) { #expect(try await client.reply()?.code == code) }
            #expect(try file("/a", server) == nil)
            #expect(try await client.store("STOR a", [7]) == 226)
        }
    }

    @Test func waitingCommandsAreAnsweredInTheirOrder() async throws {
        try await with { server, client, data in
            try await client.send(Array("PWD\r\nBLAH\r\nSIZE a\r\n\u{1}\r\nTYPE A\r\n".utf8))
            #expect(try await client.command("NOOP") == 200)
            try await data.write([3], timeout: .seconds(5))
            try await data.finish()
            for code in [226, 257, 500, 213, 501, 200] { #expect(try await client.reply()?.code == code) }
            #expect(try file("/a", server) == [1, 2, 3])
        }
    }

    /// RFC 959 §4.1.1: QUIT lets the transfer finish, also if the client says nothing more and closes its side.
    @Test(arguments: [true, false])
    func quitLetsTheTransferFinish(closesItsSide: Bool) async throws {
        try await with { server, client, data in
            try await client.send(Array("PWD\r\nQUIT\r\nDELE a\r\n".utf8))
            if closesItsSide { try await client.connection.finish() }
            await server.loop.sleep(for: .milliseconds(50))
            try await data.write([3], timeout: .seconds(5))
            try await data.finish()
            for code in [226, 257, 221] { #expect(try await client.reply()?.code == code) }
            #expect(try await client.hasEnded())
            #expect(try file("/a", server) == [1, 2, 3])
        }
    }

    /// More commands than are held: the rest stays where it is, nothing is lost, and the session is no larger for it.
    @Test func whoSendsMoreThanIsHeldMustWait() async throws {
        let count = 8000
        try await with { server, client, data in
            let lines = Array("TYPE I".utf8) + [UInt8](repeating: 0x20, count: 4000) + Array("\r\n".utf8)
            let written = Mutex(0)
            let sending = Task.immediate(executorPreference: server.loop) {
                for _ in 0..<(count / 100) {
                    try await client.connection.write([[UInt8]](repeating: lines, count: 100).flatMap { $0 }, timeout: .seconds(20))
                    written.withLock { $0 += 100 }
                }
            }
            await server.loop.sleep(for: .milliseconds(500))
            let early = written.withLock { $0 }
            #expect(early < count, "the server has read it all")
            await server.loop.sleep(for: .milliseconds(200))
            #expect(written.withLock { $0 } == early)
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
            for _ in 0..<count { #expect(try await client.reply()?.code == 501) }
            try await sending.value
            #expect(try file("/a", server) == [1, 2])
        }
    }

    @Test(arguments: [true, false])
    func theEndIsNoticedBehindAnyNumberOfCommands(isReset: Bool) async throws {
        try await with { server, client, data in
            // Closed with a reply that it has not read, a socket sends a reset.
            try await client.send(Array(((isReset ? "NOOP\r\n" : "") + String(repeating: "PWD\r\n", count: 1000)).utf8))
            await server.loop.sleep(for: .milliseconds(100))
            client.close()
            try await waitUntilAlone(server)
            try? await data.finish()
            await server.loop.sleep(for: .milliseconds(100))
            #expect(try file("/a", server) == nil)
        }
    }

    /// A pipelined run that breaks off: files that came whole stay, the unfinished one is dropped, and so is what was only announced.
    @Test(arguments: [true, false])
    func aRunThatBreaksOffKeepsItsWholeFiles(isProper: Bool) async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            for line in ["MODE B", "OPTS MODE B PIPELINE"] { #expect(try await client.command(line) == 200) }
            let data = try await client.openData()
            defer { data.close() }
            try await client.send(Array((0..<10).map { "STOR f\($0)\r\n" }.joined().utf8))
            try await client.secure(data)
            func block(_ descriptor: BlockHeader.Descriptor, _ content: [UInt8]) -> [UInt8] {
                BlockHeader(descriptor, contentByteCount: content.count).bytes + content
            }
            try await data.write(block(.endOfFile, [0]) + block(.endOfFile, [1]) + block([], [2]), timeout: .seconds(5))
            for code in [150, 250, 125, 250, 125] { #expect(try await client.reply()?.code == code) }
            if isProper { try await client.connection.finish() } else { client.close() }
            try await waitUntilAlone(server)
            try? await data.write(block(.endOfFile, [2]) + block(.endOfFile, [3]), timeout: .seconds(1))
            await server.loop.sleep(for: .milliseconds(100))
            #expect(try file("/f0", server) == [0] && file("/f1", server) == [1])
            #expect(try file("/f2", server) == nil && file("/f3", server) == nil)
        }
    }
}
