import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Clients that keep a connection busy with as little as possible, and more of them than there may be.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct SlowClientTests {
    /// Sends the bytes again and again until the server has had enough; how long that took.
    private func trickle(_ bytes: [UInt8], every pause: Duration, over connection: Connection, loop: EventLoop) async -> Duration {
        let started = ContinuousClock.now
        while ContinuousClock.now - started < .seconds(8) {
            do { try await connection.write(bytes, timeout: .seconds(1)) } catch { break }
            await loop.sleep(for: pause)
        }
        return ContinuousClock.now - started
    }

    /// An unfinished line, empty lines, and commands that anybody may give do not buy time before login.
    @Test(arguments: ["N", "NOOP\r\n", "FEAT\r\nNOOP\r\n"], [1, 40])
    func loginHasOneTimeLimit(text: String, milliseconds: Int) async throws {
        try await ServerUnderTest.with({ $0.loginTimeout = .milliseconds(400) }) { server, client async throws in
            let took = await trickle(Array(text.utf8), every: .milliseconds(milliseconds), over: client.connection, loop: server.loop)
            #expect(took < .seconds(5))
            try await waitUntilEmpty(server)
        }
    }

    @Test func loginHasOneTimeLimitUnderTLS() async throws {
        try await ServerUnderTest.with({ $0.loginTimeout = .milliseconds(500) }) { server, client async throws in
            try await client.secureControl()
            #expect(try await client.command("USER principal") == 331)
            let took = await trickle(Array("P".utf8), every: .milliseconds(30), over: client.connection, loop: server.loop)
            #expect(took < .seconds(5))
            try await waitUntilEmpty(server)
        }
    }

    @Test(arguments: [[], [0x16], [0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3F, 0xFC]] as [[UInt8]])
    func handshakesHaveATimeLimit(beginning: [UInt8]) async throws {
        try await ServerUnderTest.with({ $0.handshakeTimeout = .milliseconds(400) }) { server, client async throws in
            _ = try await client.reply()
            #expect(try await client.command("AUTH TLS") == 234)
            try await client.connection.write(beginning, timeout: .seconds(1))
            let took =
                beginning.isEmpty
                ? await ContinuousClock().measure { _ = await client.connection.readToEnd() }
                : await trickle([0], every: .milliseconds(40), over: client.connection, loop: server.loop)
            #expect(took < .seconds(5))
            try await waitUntilEmpty(server)
        }
    }

    @Test func handshakesOfDataConnectionsHaveATimeLimit() async throws {
        try await ServerUnderTest.with({
            $0.handshakeTimeout = .milliseconds(400)
            $0.dataConnectTimeout = .seconds(1)
        }) { server, client async throws in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR a") == 150)
            let took = await trickle([0x16], every: .milliseconds(40), over: data, loop: server.loop)
            #expect(took < .seconds(5))
            #expect(try await client.reply()?.code == 425)
            #expect(try await client.store("STOR a", [1]) == 226)
        }
    }

    @Test func aDownloadThatNobodyReadsIsCutOff() async throws {
        try await ServerUnderTest.with({ $0.stallTimeout = .milliseconds(400) }) { server, client async throws in
            server.authenticator.fileSystem.state.withLock { $0.files[try! VirtualPath(absolute: "/large")] = [UInt8](repeating: 1, count: 32 << 20) }
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("RETR large") == 150)
            try await client.secure(data)
            #expect(try await client.reply()?.code == 426)
            #expect(try await client.command("NOOP") == 200)
        }
    }

    /// What comes when all has been said is waited for a moment, not for as long as the client likes.
    @Test func leaveTakingHasATimeLimit() async throws {
        try await ServerUnderTest.with { server, client async throws in
            #expect(try await client.reply()?.code == 220)
            #expect(try await client.command("QUIT") == 221)
            #expect(await trickle([0x41], every: .milliseconds(100), over: client.connection, loop: server.loop) < .seconds(5))
        }
        try await ServerUnderTest.with { server, client async throws in
            server.authenticator.fileSystem.state.withLock { $0.files[try! VirtualPath(absolute: "/small")] = [1] }
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("RETR small") == 150)
            try await client.secure(data)
            #expect(try await client.reply()?.code == 226)
            let took = await trickle([0x41], every: .milliseconds(100), over: data, loop: server.loop)
            #expect(took < .seconds(6))
        }
    }

    // MARK: Caps

    @Test func noMoreSessionsThanAllowed() async throws {
        try await ServerUnderTest.with({ $0.maximumSessions = 8 }) { server, client async throws in
            #expect(try await client.reply()?.code == 220)
            for _ in 0..<2 {
                var clients: [RawClient] = []
                defer { for client in clients { client.close() } }
                var codes: [Int: Int] = [:]
                for _ in 0..<40 {
                    let next = try await RawClient(server)
                    clients.append(next)
                    codes[try await next.reply()?.code ?? 0, default: 0] += 1
                }
                #expect(codes == [220: 7, 421: 33])
                #expect(server.server.sessionCount == 8)
                for client in clients { client.close() }
                let limit = ContinuousClock.now + .seconds(5)
                while server.server.sessionCount > 1, .now < limit { await server.loop.sleep(for: .milliseconds(10)) }
                #expect(server.server.sessionCount == 1)
            }
        }
    }

    /// Where TLS starts at once, a connection too many gets no handshake to be slow at.
    @Test func connectionsBeyondTheCapCostNoHandshake() async throws {
        try await ServerUnderTest.with({
            $0.maximumSessionsPerAddress = 1
            $0.listeners[0].isImplicit = true
        }) { server, client async throws in
            try await client.startTLS()
            #expect(try await client.reply()?.code == 220)
            for _ in 0..<20 {
                let next = try await RawClient(server)
                defer { next.close() }
                let took = await ContinuousClock().measure { _ = await next.connection.readToEnd(within: .seconds(5)) }
                #expect(took < .seconds(2))
            }
        }
    }

    private func waitUntilEmpty(_ server: ServerUnderTest) async throws {
        let limit = ContinuousClock.now + .seconds(5)
        while server.server.sessionCount > 0, .now < limit { await server.loop.sleep(for: .milliseconds(10)) }
        #expect(server.server.sessionCount == 0)
    }
}
