import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Sessions by chance, several at once, against the server in this process. It must never crash, always answer or close, publish nothing
/// that was not sent whole, and be left by everyone.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct SessionFuzzTests {
    private static let duration: Duration = .seconds(4)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func chanceDoesNoHarm(seed: UInt64) async throws {
        try await ServerUnderTest.with({ settings in
            settings.stallTimeout = .milliseconds(400)
            settings.dataConnectTimeout = .milliseconds(150)
            settings.handshakeTimeout = .milliseconds(400)
            settings.idleTimeout = .seconds(3)
            settings.loginTimeout = .seconds(3)
            settings.activeNetworks = [NetworkPrefix("127.0.0.0/8")!]
        }) { server, first async throws in
            first.close()
            let sent = SentContents()
            let fileSystem = server.authenticator.fileSystem
            let end = ContinuousClock.now + Self.duration
            var count: UInt64 = 0
            while ContinuousClock.now < end || count < 8 {
                let round = count
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<4 as Range<UInt64> {
                        group.addTask(executorPreference: server.loop) {
                            let client = try await RawClient(server)
                            defer { client.close() }
                            let number = seed << 32 | (round + number)
                            let isAnswered = await FuzzClient(server, client, sent: sent, seed: number).run(steps: 25)
                            #expect(isAnswered, "client \(number) got no answer")
                        }
                    }
                    try await group.waitForAll()
                }
                count += 4
                let files = fileSystem.state.withLock { state in
                    defer { state.files = [:]; state.partials = [:]; state.directories = [.root] }
                    return state.files
                }
                for (name, bytes) in files {
                    let isExplained = sent.explains(bytes)
                    #expect(isExplained, "\(name), \(bytes.count) bytes, after client \(count)")
                }
            }
            let limit = ContinuousClock.now + .seconds(5)
            while server.server.sessionCount > 0, .now < limit { await server.loop.sleep(for: .milliseconds(10)) }
            #expect(server.server.sessionCount == 0)
        }
    }
}
