import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Each byte at several places of USER, PASS and STOR: what is heard is what was sent, or the line is refused with one reply.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct ByteTests {
    private static let lineFeed: UInt8 = 0x0A

    private func line(_ verb: String, _ argument: String, _ byte: UInt8, at position: Int) -> [UInt8] {
        let text = Array(argument.utf8)
        return Array("\(verb) ".utf8) + text[..<position] + [byte] + text[position...] + [0x0D, 0x0A]
    }

    private func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }

    private func text(_ argument: String, _ byte: UInt8, at position: Int) -> String {
        var bytes = Array(argument.utf8)
        bytes.insert(byte, at: position)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func everyByteInUSER() async throws {
        try await ServerUnderTest.with { server, _ async throws in
            for byte in UInt8.min ... .max where byte != Self.lineFeed {
                for position in [0, 4, 9] {
                    let client = try await RawClient(server)
                    defer { client.close() }
                    try await client.secureControl()
                    try await client.send(line("USER", "principal", byte, at: position))
                    let code = try await client.reply()?.code
                    #expect(code == (isPrintable(byte) ? 331 : 501), "\(byte) at \(position)")
                    // A name that was cut at the byte would be logged in now.
                    #expect(try await client.command("PASS right") == (isPrintable(byte) ? 230 : 503), "\(byte) at \(position)")
                    guard isPrintable(byte) else { continue }
                    try await client.send(Array("STAT\r\n".utf8))
                    let status = try await client.reply()?.lines ?? []
                    let name = text("principal", byte, at: position)
                    #expect(status.contains { $0.hasSuffix("Logged in as \(name), data binding principal") }, "\(byte) at \(position)")
                }
            }
        }
    }

    @Test func everyByteInPASS() async throws {
        try await ServerUnderTest.with { server, _ async throws in
            for byte in UInt8.min ... .max where byte != Self.lineFeed {
                let client = try await RawClient(server)
                defer { client.close() }
                try await client.secureControl()
                // "right" with a byte before, within or behind it is another password.
                for position in [0, 5] {
                    #expect(try await client.command("USER principal") == 331)
                    try await client.send(line("PASS", "right", byte, at: position))
                    #expect(try await client.reply()?.code == (isPrintable(byte) ? 530 : 501), "\(byte) at \(position)")
                    #expect(try await client.command("PWD") == 530)
                }
            }
        }
    }

    @Test func everyByteInSTOR() async throws {
        try await ServerUnderTest.with { server, client async throws in
            try await client.logIn()
            let fileSystem = server.authenticator.fileSystem
            for byte in UInt8.min ... .max where byte != Self.lineFeed {
                for position in [0, 2, 4] {
                    fileSystem.state.withLock { $0.calls = [] }
                    try await client.send(line("STOR", "name", byte, at: position))
                    let code = try await client.reply()?.code
                    let calls = fileSystem.state.withLock { $0.calls }
                    if isPrintable(byte) {
                        let expected = byte == 0x2F ? (position == 2 ? "na/me" : "name") : text("name", byte, at: position)
                        #expect(code == 425 && calls == ["write /\(expected)"], "\(byte) at \(position): \(code ?? 0) \(calls)")
                    } else {
                        #expect(code == 501 && calls == [], "\(byte) at \(position): \(code ?? 0) \(calls)")
                    }
                }
            }
        }
    }

    /// A line feed ends a line whatever stands around it: two lines, two replies, no third.
    @Test func aLineFeedMakesTwoLines() async throws {
        try await ServerUnderTest.with { server, client async throws in
            try await client.logIn()
            try await client.send(line("STOR", "name", Self.lineFeed, at: 2))
            #expect(try await client.reply()?.code == 425)
            #expect(try await client.reply()?.code == 500)
            #expect(server.authenticator.fileSystem.state.withLock { $0.calls } == ["write /na"])
            #expect(try await client.command("NOOP") == 200)
        }
    }

    /// CVE-2008-4242: the end of a line that is too long is no command of its own.
    @Test(arguments: [4_090, 4_096, 4_097, 8_192, 65_536])
    func whatStandsBehindTheLimitIsNoCommand(count: Int) async throws {
        try await ServerUnderTest.with { server, client async throws in
            try await client.logIn()
            server.authenticator.fileSystem.state.withLock { $0.files[try! VirtualPath(absolute: "/precious")] = [1] }
            try await client.send(Array("NOOP ".utf8) + [UInt8](repeating: 0x78, count: count) + Array("DELE precious\r\n".utf8))
            #expect(try await client.reply()?.code == 500)
            #expect(try await client.command("SIZE precious") == 213)
        }
    }
}
