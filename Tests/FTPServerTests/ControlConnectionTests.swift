import FTPProtocol
import FTPServer
import Glibc
import Testing
import Transport

/// What keeps a control connection alive through a long transfer, and what ends it afterwards.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct ControlConnectionTests {
    @Test func theIdleClockStopsDuringTransfers() async throws {
        try await ServerUnderTest.with({ $0.idleTimeout = .milliseconds(600) }) { server, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR slow") == 150)
            try await client.secure(data)
            // Three times as long as a session may idle, and nothing on the control connection.
            for _ in 0..<9 {
                try await data.write([1], timeout: .seconds(5))
                await server.loop.sleep(for: .milliseconds(200))
            }
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
            // The clock begins anew with the end of the transfer.
            await server.loop.sleep(for: .milliseconds(300))
            #expect(try await client.command("NOOP") == 200)
            let start = ContinuousClock.now
            #expect(try await client.reply()?.code == 421)
            #expect((.milliseconds(400) ... .seconds(5)).contains(ContinuousClock.now - start))
            #expect(try await client.hasEnded())
        }
    }

    /// Short ones, so that NAT does not forget the connection: after a minute, not after the kernel's two hours.
    @Test func keepAlivesAreOnForBothConnections() async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR file") == 150)
            try await client.secure(data)
            for connection in [client.connection, data] {
                // The server's end of it.
                let socket = try #require(Self.socket(from: connection.socketAddress.port, to: connection.peerAddress.port))
                #expect(Self.option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1)
                let times = [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map { Self.option(socket, Int32(IPPROTO_TCP), $0) }
                #expect(times == [60, 15, 4])
            }
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
        }
    }

    /// The socket in this process whose peer has one port and which itself has the other.
    private static func socket(from peer: UInt16, to own: UInt16) -> Int32? {
        (0..<Int32(4096)).first { unsafe port(of: $0, getpeername) == peer && port(of: $0, getsockname) == own }
    }

    private static func port(
        of descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isFound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(descriptor, $0, &length) == 0 }
        }
        return isFound && address.sin_family == sa_family_t(AF_INET) ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, level, name, &value, &length) == 0 ? value : nil
    }
}
