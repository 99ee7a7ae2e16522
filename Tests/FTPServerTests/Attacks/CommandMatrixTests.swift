import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Every command in every state, for an account that may do everything and one that may do nothing: the reply is the one that is
/// written down, and nothing is carried out that is refused.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct CommandMatrixTests {
    private static let file = try! VirtualPath(absolute: "/x")
    private static let folder = try! VirtualPath(absolute: "/d")
    private static let upload = try! VirtualPath(absolute: "/upload")

    private func prepare(_ fileSystem: MemoryFileSystem, isAllowed: Bool) {
        fileSystem.state.withLock { state in
            state = MemoryFileSystem.State()
            state.files[Self.file] = [1, 2, 3]
            state.directories.insert(Self.folder)
            if !isAllowed { state.denied = Set(Permission.allCases) }
        }
    }

    /// Brings a new connection into the state.
    private func advance(_ client: RawClient, to state: SessionState) async throws {
        #expect(try await client.reply()?.code == 220)
        guard state != .inClear else { return }
        #expect(try await client.command("AUTH TLS") == 234)
        try await client.startTLS()
        guard state != .secured else { return }
        #expect(try await client.command("USER principal") == 331)
        #expect(try await client.command("PASS right") == 230)
        guard state != .loggedIn else { return }
        #expect(try await client.command("PBSZ 0") == 200)
        #expect(try await client.command("PROT P") == 200)
    }

    @Test func theTableNamesEveryCommand() async throws {
        try await ServerUnderTest.with { _, client async throws in
            _ = try await client.reply()
            try await client.send(Array("HELP\r\n".utf8))
            let help = try #require(try await client.reply())
            let served = Set(help.lines.dropFirst().dropLast().flatMap { $0.split(separator: " ") }.map { $0.hasSuffix("*") ? String($0.dropLast()) : String($0) })
            let known = Set(CommandExpectation.all.map(\.verb))
            #expect(served.count > 50)
            #expect(served.subtracting(known) == [], "commands without a row")
        }
    }

    @Test(arguments: [SessionState.inClear, .secured, .loggedIn, .dataProtected], [true, false])
    func refusesWhatIsOutOfPlace(state: SessionState, isAllowed: Bool) async throws {
        try await ServerUnderTest.with { server, _ async throws in
            let fileSystem = server.authenticator.fileSystem
            for row in CommandExpectation.all {
                let client = try await RawClient(server)
                defer { client.close() }
                try await advance(client, to: state)
                prepare(fileSystem, isAllowed: isAllowed)
                let code = try await client.command(row.line)
                #expect(code == row.reply(in: state, isAllowed: isAllowed), "\(row.line), \(state), allowed: \(isAllowed)")
                if !isAllowed || !row.isHeard(in: state) {
                    let calls = fileSystem.state.withLock { $0.calls }
                    #expect(calls.isEmpty, "\(row.line) in \(state) did \(calls)")
                }
            }
        }
    }

    /// An upload is under way: commands wait for its end, change nothing about it, and are then answered as without it.
    @Test(arguments: [true, false])
    func nothingOvertakesATransfer(isAllowed: Bool) async throws {
        try await ServerUnderTest.with { server, _ async throws in
            let fileSystem = server.authenticator.fileSystem
            for row in CommandExpectation.all where row.verb != "ABOR" {
                let client = try await RawClient(server)
                defer { client.close() }
                try await advance(client, to: .transferring)
                prepare(fileSystem, isAllowed: true)
                let data = try await client.openData()
                defer { data.close() }
                #expect(try await client.command("STOR upload") == 150)
                try await client.secure(data)
                prepare(fileSystem, isAllowed: isAllowed)
                try await data.write([1, 2], timeout: .seconds(5))
                let expected = row.reply(in: .transferring, isAllowed: isAllowed)
                if row.verb == "NOOP" {
                    #expect(try await client.command(row.line) == expected)
                } else {
                    try await client.send(Array((row.line + "\r\n").utf8))
                }
                try await data.write([3], timeout: .seconds(5))
                try await data.finish()
                #expect(try await client.reply()?.code == 226, "\(row.line)")
                if row.verb != "NOOP" { #expect(try await client.reply()?.code == expected, "\(row.line), allowed: \(isAllowed)") }
                let (calls, stored) = fileSystem.state.withLock { ($0.calls, $0.files[Self.upload]) }
                #expect(calls.first == "commit /upload", "\(row.line) did \(calls)")
                #expect(isAllowed || calls.count == 1, "\(row.line) did \(calls)")
                #expect(stored == [1, 2, 3], "\(row.line)")
            }
        }
    }
}
