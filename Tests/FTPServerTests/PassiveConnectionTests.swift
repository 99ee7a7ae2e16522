import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Who else connects to a passive port, and how long it is open.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct PassiveConnectionTests {
    private static let name = try! VirtualPath(absolute: "/secret")
    private static let secret = [UInt8](repeating: 0x53, count: 50_000)

    private func with(
        _ adjust: @escaping @Sendable (inout ServerSettings) -> Void = { _ in },
        _ body: @Sendable @escaping (ServerUnderTest, RawClient) async throws -> Void
    ) async throws {
        try await ServerUnderTest.with(adjust) { server, client in
            server.authenticator.fileSystem.state.withLock { $0.files[Self.name] = Self.secret }
            try await client.logIn()
            try await body(server, client)
        }
    }

    private func listen(_ server: ServerUnderTest, _ client: RawClient) async throws -> SocketAddress {
        try await client.send(Array("EPSV\r\n".utf8))
        var target = server.address
        target.port = try DataAddress.parse229(try await client.reply()?.text ?? "")
        return target
    }

    private func connect(_ server: ServerUnderTest, _ target: SocketAddress) async throws -> Connection {
        try await Connection.connect(to: target, loop: server.loop, timeout: .seconds(5))
    }

    /// Fetches the secret as its owner does; how long that took.
    private func fetch(_ server: ServerUnderTest, _ client: RawClient, _ target: SocketAddress) async throws -> Duration {
        let started = ContinuousClock.now
        let data = try await connect(server, target)
        defer { data.close() }
        try await data.startTLS(client.ownContext, role: .client(name: "localhost", resuming: client.connection.tls?.session), timeout: .seconds(10))
        #expect(await data.readToEnd() == Self.secret)
        #expect(try await client.reply()?.code == 226)
        return ContinuousClock.now - started
    }

    enum Squatter: CaseIterable { case silent, nonsense, half, gone, stranger, otherUser }

    /// What a process on the client's machine can do with a port that it finds.
    private func squat(_ kind: Squatter, _ server: ServerUnderTest, _ target: SocketAddress, thief: RawClient) async throws -> Connection {
        let data = try await connect(server, target)
        switch kind {
        case .silent: break
        case .nonsense: try await data.write(Array("GET / HTTP/1.1\r\n\r\n".utf8), timeout: .seconds(5))
        case .half: try await data.write([0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3F, 0xFC], timeout: .seconds(5))
        case .gone: data.close()
        case .stranger, .otherUser:
            let (context, session) = (thief.ownContext, kind == .stranger ? nil : thief.connection.tls?.session)
            Task.immediate(executorPreference: server.loop) {
                try? await data.startTLS(context, role: .client(name: "localhost", resuming: session), timeout: .seconds(10))
                #expect(await data.readToEnd(within: .seconds(10)) == [])
            }
        }
        return data
    }

    @Test(arguments: Squatter.allCases, [true, false])
    func whoComesFirstFromTheSameAddressTakesNothingAway(kind: Squatter, isBeforeTheCommand: Bool) async throws {
        try await with { server, client in
            let thief = try await RawClient(server)
            defer { thief.close() }
            try await thief.logIn(as: "mallory")
            _ = try await thief.command("EPSV")
            for _ in 0..<2 {
                let target = try await listen(server, client)
                var squatters: [Connection] = []
                defer { for squatter in squatters { squatter.close() } }
                if isBeforeTheCommand { for _ in 0..<3 { squatters.append(try await squat(kind, server, target, thief: thief)) } }
                #expect(try await client.command("RETR secret") == 150)
                if !isBeforeTheCommand { for _ in 0..<3 { squatters.append(try await squat(kind, server, target, thief: thief)) } }
                await server.loop.sleep(for: .milliseconds(200))
                #expect(try await fetch(server, client, target) < .seconds(2), "\(kind)")
            }
        }
    }

    @Test(arguments: [Squatter.silent, .half])
    func aCrowdGivesWay(kind: Squatter) async throws {
        try await with { server, client in
            let target = try await listen(server, client)
            var squatters: [Connection] = []
            defer { for squatter in squatters { squatter.close() } }
            for _ in 0..<20 { squatters.append(try await squat(kind, server, target, thief: client)) }
            #expect(try await client.command("RETR secret") == 150)
            #expect(try await fetch(server, client, target) < .seconds(8))
        }
    }

    /// The client itself hears soon that it must resume, though others may still come.
    @Test(arguments: [true, false])
    func whoCannotResumeHearsSoSoon(isAlone: Bool) async throws {
        try await with { server, client in
            let data = try await client.openData(resuming: false)
            defer { data.close() }
            var other: Connection?
            defer { other?.close() }
            if !isAlone { other = try await connect(server, data.peerAddress) }
            let started = ContinuousClock.now
            #expect(try await client.command("STOR a") == 150)
            try await client.secure(data)
            // It may go on sending: the reason is not lost in a reset.
            try await data.write([UInt8](repeating: 1, count: 1 << 20), timeout: .seconds(5))
            let reply = try #require(try await client.reply())
            #expect(reply.code == 522 && reply.text.contains("must resume"))
            #expect(ContinuousClock.now - started < .seconds(5))
            try await data.write([1], timeout: .seconds(5))
            try await data.finish()
            #expect(try await client.store("STOR a", [1]) == 226)
        }
    }

    @Test func theLastReasonIsToldWhenNobodyProves() async throws {
        try await with({ $0.dataConnectTimeout = .milliseconds(600) }) { server, client in
            let target = try await listen(server, client)
            let squatter = try await squat(.nonsense, server, target, thief: client)
            defer { squatter.close() }
            #expect(try await client.command("RETR secret") == 150)
            let reply = try #require(try await client.reply())
            #expect(reply.code == 425 && reply.text.contains("TLS handshake"))
        }
    }

    // MARK: How long it is open

    private func isOpen(_ server: ServerUnderTest, _ target: SocketAddress) async -> Bool {
        guard let probe = try? await connect(server, target) else { return false }
        probe.close()
        return true
    }

    @Test func aPortToWhichNobodyConnectsIsClosed() async throws {
        try await with({ $0.dataConnectTimeout = .milliseconds(400) }) { server, client in
            let target = try await listen(server, client)
            await server.loop.sleep(for: .milliseconds(800))
            #expect(await !isOpen(server, target))
            #expect(try await client.command("RETR secret") == 425)
            #expect(try await client.store("STOR a", [1]) == 226)
            // Who has connected is waited for.
            let data = try await client.openData()
            defer { data.close() }
            await server.loop.sleep(for: .milliseconds(800))
            #expect(try await client.command("RETR secret") == 150)
            try await client.secure(data)
            #expect(await data.readToEnd() == Self.secret)
            #expect(try await client.reply()?.code == 226)
        }
    }

    @Test(arguments: ["ABOR", "REIN", "EPSV", "QUIT"])
    func commandsThatCloseThePort(_ line: String) async throws {
        try await with { server, client in
            let target = try await listen(server, client)
            #expect([220, 221, 226, 229].contains(try await client.command(line)))
            await server.loop.sleep(for: .milliseconds(50))
            #expect(await !isOpen(server, target))
            if line == "ABOR" { #expect(try await client.command("RETR secret") == 425) }
        }
    }

    @Test func abortEndsTheWaitForTheDataConnection() async throws {
        try await with { server, client in
            let target = try await listen(server, client)
            #expect(try await client.command("RETR secret") == 150)
            #expect(try await client.command("ABOR") == 426)
            #expect(try await client.reply()?.code == 226)
            #expect(await !isOpen(server, target))
        }
    }
}
