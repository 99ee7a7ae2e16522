import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Data connections that are not the client's: from another address, without a ticket, to another host.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct TheftTests {
    private static let name = try! VirtualPath(absolute: "/secret")
    private static let secret = [UInt8](repeating: 0x53, count: 50_000)

    private func with(_ body: @Sendable @escaping (ServerUnderTest, RawClient) async throws -> Void) async throws {
        try await ServerUnderTest.with({ $0.activeNetworks = [NetworkPrefix("127.0.0.0/8")!] }) { server, client async throws in
            server.authenticator.fileSystem.state.withLock { $0.files[Self.name] = Self.secret }
            try await client.logIn()
            try await body(server, client)
        }
    }

    private func foreign(_ server: ServerUnderTest, to target: SocketAddress) async throws -> Connection {
        try await Connection.connect(to: target, from: SocketAddress(numeric: "127.0.0.77", port: 0)!, loop: server.loop, timeout: .seconds(5))
    }

    @Test(arguments: [true, false])
    func anotherAddressGetsNothingAndTakesNothingAway(comesFirst: Bool) async throws {
        try await with { server, client async throws in
            try await client.send(Array("EPSV\r\n".utf8))
            var target = server.address
            target.port = try DataAddress.parse229(try await client.reply()?.text ?? "")
            var thieves: [Connection] = []
            defer { for thief in thieves { thief.close() } }
            if comesFirst { for _ in 0..<3 { thieves.append(try await foreign(server, to: target)) } }
            #expect(try await client.command("RETR secret") == 150)
            if !comesFirst { for _ in 0..<3 { thieves.append(try await foreign(server, to: target)) } }
            // Even with the owner's own ticket.
            let session = client.connection.tls?.session
            for thief in thieves {
                try? await thief.startTLS(client.ownContext, role: .client(name: "localhost", resuming: session), timeout: .seconds(5))
                #expect(await thief.readToEnd() == [])
            }
            let data = try await Connection.connect(to: target, loop: server.loop, timeout: .seconds(5))
            defer { data.close() }
            try await data.startTLS(client.ownContext, role: .client(name: "localhost", resuming: session), timeout: .seconds(5))
            #expect(await data.readToEnd() == Self.secret)
            #expect(try await client.reply()?.code == 226)
        }
    }

    @Test func theSameAddressWithoutATicketGetsNothing() async throws {
        try await with { server, client async throws in
            let data = try await client.openData(resuming: false)
            defer { data.close() }
            #expect(try await client.command("RETR secret") == 150)
            try await client.secure(data, context: server.clientContext())
            #expect(await data.readToEnd() == [])
            #expect(try await client.reply()?.code == 522)
        }
    }

    @Test func clearTextOnTheDataPortGetsNothing() async throws {
        try await ServerUnderTest.with({ $0.dataConnectTimeout = .seconds(1) }) { server, client async throws in
            server.authenticator.fileSystem.state.withLock { $0.files[Self.name] = Self.secret }
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("RETR secret") == 150)
            try await data.write(Array("GET / HTTP/1.1\r\n\r\n".utf8), timeout: .seconds(5))
            let answer = await data.readToEnd()
            #expect(answer.count < 100 && !answer.contains(0x53), "at most an alert")
            #expect(try await client.reply()?.code == 425)
            #expect(try await client.command("NOOP") == 200)
        }
    }

    /// CVE-1999-0017: the server is not led to other hosts or to services.
    @Test(arguments: [
        "PORT 127,0,0,2,200,10", "PORT 10,0,0,1,200,10", "PORT 0,0,0,0,200,10", "PORT 255,255,255,255,200,10", "PORT 224,0,0,1,200,10",
        "PORT 127,0,0,1,0,25", "PORT 127,0,0,1,3,255", "PORT 127,0,0,1,0,0", "PORT 127,0,0,1,256,1", "PORT 127,0,0,1,-1,1", "PORT 0177,0,0,1,200,10",
        "EPRT |1|127.0.0.2|50000|", "EPRT |1|0.0.0.0|50000|", "EPRT |1|224.0.0.1|50000|", "EPRT |1|127.0.0.1|80|", "EPRT |1|127.0.0.1|0|",
        "EPRT |1|127.0.0.1|65536|", "EPRT |1|127.1|50000|", "EPRT |1|2130706433|50000|", "EPRT |1|localhost|50000|", "EPRT |2|::1|50000|",
        "EPRT |2|::|50000|", "EPRT |2|ff02::1|50000|", "EPRT |2|::ffff:127.0.0.2|50000|", "EPRT |2|fe80::1%lo|50000|", "EPRT |1|127.0.0.1|50000",
    ])
    func theServerConnectsNowhereElse(command: String) async throws {
        try await with { _, client async throws in
            let code = try await client.command(command)
            #expect([501, 504, 522].contains(code), "\(code)")
            #expect(try await client.command("RETR secret") == 425)
        }
    }

    @Test func aListenerElsewhereSeesNothing() async throws {
        try await with { server, client async throws in
            let trap = try Listener(SocketAddress(numeric: "127.0.0.2", port: 0)!, loop: server.loop)
            defer { trap.close() }
            let (high, low) = (trap.address.port >> 8, trap.address.port & 255)
            #expect(try await client.command("PORT 127,0,0,2,\(high),\(low)") == 504)
            #expect(try await client.command("EPRT |1|127.0.0.2|\(trap.address.port)|") == 504)
            #expect(try await client.command("RETR secret") == 425)
            await #expect(throws: TransportError.self) {
                let socket = try await trap.accept(timeout: .milliseconds(200))
                _ = socket.self
            }
        }
    }
}
