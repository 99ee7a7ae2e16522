import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// TLS records cut at random places on both connections, with commands in between, and connections that break anywhere: a file appears
/// whole or not at all, and every command is answered.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct RecordBoundaryTests {
    private static let duration: Duration = .seconds(3)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func recordsMayArriveInAnyPieces(seed: UInt64) async throws {
        try await ServerUnderTest.with({ settings in
            settings.handshakeTimeout = .seconds(2)
            settings.dataConnectTimeout = .seconds(2)
            settings.stallTimeout = .seconds(2)
        }) { server, first async throws in
            first.close()
            var chance = SeededGenerator(seed: seed)
            var (wholeCount, cutCount) = (0, 0)
            let end = ContinuousClock.now + Self.duration
            while ContinuousClock.now < end {
                let control = try FragmentingRelay(to: server.address, seed: chance.next(), loop: server.loop)
                let client = try await RawClient(server, through: control)
                try await client.logIn()
                for _ in 0..<4 {
                    server.authenticator.fileSystem.state.withLock { $0 = MemoryFileSystem.State() }
                    let content = chance.bytes(0...60_000)
                    // The handshake is about 2,000 bytes.
                    let cut = chance.chance(40) ? Int.random(in: 1...(content.count + 2000), using: &chance) : nil
                    let relay = try await upload(content, cut: cut, over: client, server, &chance)
                    let stored = server.authenticator.fileSystem.state.withLock { Array($0.files.values) }
                    #expect(stored.isEmpty || stored == [content], "\(stored.map(\.count)) of \(content.count) bytes, cut at \(cut ?? -1)")
                    #expect(stored.count == 1 || !relay.hasPassedAll, "lost \(content.count) bytes that came whole")
                    if stored.isEmpty { cutCount += 1 } else { wholeCount += 1 }
                    guard stored == [content] else { continue }
                    let got = try await download(client, server, seed: chance.next())
                    #expect(got == content)
                }
                #expect(try await client.command("QUIT") == 221)
                client.close()
                await control.end()
            }
            #expect(wholeCount > 0 && cutCount > 0)
        }
    }

    private func upload(
        _ content: [UInt8], cut: Int?, over client: RawClient, _ server: ServerUnderTest, _ chance: inout SeededGenerator
    ) async throws -> FragmentingRelay {
        let relay = try FragmentingRelay(to: try await client.passiveAddress(), cut: cut, seed: chance.next(), loop: server.loop)
        let data = try await client.openData(at: relay.address)
        #expect(try await client.command("STOR f") == 150)
        var commands = 0
        do {
            try await client.secure(data)
            for piece in chance.split(content) {
                try await data.write(piece, timeout: .seconds(5))
                guard chance.chance(20) else { continue }
                try await client.send(Array((chance.pick(["NOOP", "STAT"]) + "\r\n").utf8))
                commands += 1
            }
            try await data.finish()
        } catch {
            // The relay has broken the connection.
        }
        var (answers, isOver) = (0, false)
        while !isOver || answers < commands, let reply = try await client.reply() {
            switch reply.code {
            case 200, 211: answers += 1
            case 226: isOver = true
            default:
                isOver = true
                #expect((400...499).contains(reply.code) && cut != nil, "\(reply)")
            }
        }
        data.close()
        await relay.end()
        return relay
    }

    private func download(_ client: RawClient, _ server: ServerUnderTest, seed: UInt64) async throws -> [UInt8] {
        let relay = try FragmentingRelay(to: try await client.passiveAddress(), seed: seed, loop: server.loop)
        let data = try await client.openData(at: relay.address)
        #expect(try await client.command("RETR f") == 150)
        try await client.secure(data)
        let bytes = await data.readToEnd()
        try? await data.finish()
        #expect(try await client.reply()?.code == 226)
        data.close()
        await relay.end()
        return bytes
    }
}
