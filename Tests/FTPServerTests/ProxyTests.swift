import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct ProxyTests {
    /// A header of version 2 for TCP over IPv4.
    static func header(_ source: [UInt8], _ sourcePort: UInt16 = 40_000, command: UInt8 = 0x21, family: UInt8 = 0x11) -> [UInt8] {
        let ports = [UInt8(sourcePort >> 8), UInt8(sourcePort & 0xFF), 0, 21]
        return [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, 0, 12] + source + [198, 51, 100, 1] + ports
    }

    private static func trusting(_ settings: inout ServerSettings) {
        settings.proxies.trusted = [NetworkPrefix("127.0.0.1")!]
        settings.proxies.onControl = true
        settings.handshakeTimeout = .milliseconds(500)
    }

    @Test func theSessionGoesByTheClientsAddress() async throws {
        try await ServerUnderTest.with(Self.trusting) { server, client in
            try await client.send(Self.header([203, 0, 113, 9], 4711))
            try await client.logIn()
            let origin = try #require(server.authenticator.origins.withLock { $0.last })
            #expect(origin.peer == SocketAddress(numeric: "203.0.113.9", port: 4711))
            try await client.send(Array("PASV\r\n".utf8))
            let text = try await client.reply()?.text ?? ""
            #expect(text.contains("(198,51,100,1,"), "\(text)")
            // Whoever connects to the port without coming from the client's address is passed over.
            #expect(try await client.command("STAT") == 211)
        }
    }

    @Test func limitsCountTheClientsAddress() async throws {
        try await ServerUnderTest.with({ settings in
            Self.trusting(&settings)
            settings.maximumSessionsPerAddress = 1
        }) { server, client in
            try await client.send(Self.header([203, 0, 113, 9]))
            #expect(try await client.reply()?.code == 220)
            for (source, expected) in [([203, 0, 113, 9] as [UInt8], 421), ([203, 0, 113, 10], 220)] {
                let other = try await RawClient(server)
                defer { other.close() }
                try await other.send(Self.header(source))
                #expect(try await other.reply()?.code == expected)
            }
        }
    }

    @Test func aHeaderThatComesAfterTheEndBeginsNoSession() async throws {
        try await ServerUnderTest.with({ settings in
            Self.trusting(&settings)
            settings.handshakeTimeout = .seconds(5)
        }) { server, client in
            try await Task.sleep(for: .milliseconds(100))
            await server.server.shutdown(within: .milliseconds(100))
            // Told so, or reset because its bytes were left unread.
            try? await client.send(Self.header([203, 0, 113, 9]))
            let code = (try? await client.reply())??.code
            #expect(code == nil || code == 421)
        }
    }

    @Test func aTrustedProxyMustSendAProperHeader() async throws {
        try await ServerUnderTest.with(Self.trusting) { server, _ in
            let wrong = [
                Array("USER alice\r\nPASS right\r\n".utf8), Array("PROXY TCP4 203.0.113.9 198.51.100.1 4711 21\r\n".utf8),
                Self.header([203, 0, 113, 9], family: 0x00), Self.header([203, 0, 113, 9], command: 0x11), Array(Self.header([203, 0, 113, 9]).dropLast()), [],
            ]
            for bytes in wrong {
                let client = try await RawClient(server)
                defer { client.close() }
                if !bytes.isEmpty { try await client.send(bytes) }
                // Closed, or reset where bytes were left unread; never greeted.
                let greeting = try? await client.reply()
                #expect(greeting == nil, "\(bytes)")
            }
            let local = try await RawClient(server)
            defer { local.close() }
            try await local.send(Self.header([203, 0, 113, 9], command: 0x20))
            #expect(try await local.reply()?.code == 220)
        }
    }

    @Test func nobodyElsesHeaderIsBelieved() async throws {
        try await ServerUnderTest.with({ settings in
            Self.trusting(&settings)
            settings.proxies.trusted = [NetworkPrefix("192.0.2.1")!]
        }) { server, client in
            try await client.logIn()
            #expect(try #require(server.authenticator.origins.withLock { $0.last }).peer.host == "127.0.0.1")
            let liar = try await RawClient(server)
            defer { liar.close() }
            #expect(try await liar.reply()?.code == 220)
            try await liar.send(Self.header([203, 0, 113, 9]))
            var codes: [Int] = []
            while let reply = try? await liar.reply() { codes.append(reply.code) }
            #expect(!codes.isEmpty && codes.allSatisfy { $0 >= 500 })
        }
    }

    @Test func aTransferThatWaitsForAHeaderCanBeAborted() async throws {
        try await ServerUnderTest.with({ settings in
            Self.trusting(&settings)
            settings.proxies.onData = true
        }) { server, client in
            try await client.send(Self.header([203, 0, 113, 9]))
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR /f") == 150)
            await server.loop.sleep(for: .milliseconds(100))
            let start = ContinuousClock.now
            let codes = [try await client.command("ABOR"), try await client.reply()?.code]
            #expect(codes == [426, 226] && ContinuousClock.now - start < .seconds(3), "\(codes)")
            #expect(try await client.command("NOOP") == 200)
        }
    }

    @Test func dataConnectionsHaveAHeaderOfTheirOwn() async throws {
        try await ServerUnderTest.with({ settings in
            Self.trusting(&settings)
            settings.proxies.onData = true
            settings.dataConnectTimeout = .seconds(2)
        }) { _, client in
            try await client.send(Self.header([203, 0, 113, 9]))
            try await client.logIn()
            for (bytes, expected) in [
                (Self.header([203, 0, 113, 9]), 226), (Self.header([203, 0, 113, 10]), 425), ([], 425),
            ] {
                let data = try await client.openData()
                defer { data.close() }
                #expect(try await client.command("STOR /f") == 150)
                if !bytes.isEmpty { try await data.write(bytes, timeout: .seconds(5)) }
                try? await client.secure(data)
                try? await data.finish()
                #expect(try await client.reply()?.code == expected)
            }
        }
    }
}
