import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Every command in every state, for an owner, a reader, a writer and a stranger: the reply is the one that is written down, and nothing is
/// carried out that is refused.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct CommandMatrixTests {
    private static let file = try! VirtualPath(absolute: "/x")
    private static let folder = try! VirtualPath(absolute: "/d")
    private static let upload = try! VirtualPath(absolute: "/upload")

    private func prepare(_ fileSystem: MemoryFileSystem, _ access: Access) {
        fileSystem.state.withLock { state in
            state = MemoryFileSystem.State()
            state.files[Self.file] = [1, 2, 3]
            state.directories.insert(Self.folder)
            state.denied = access.denied
        }
    }

    /// What was carried out. MDTM with a time in front may also mean a file of that name, so that the server looks for it.
    private static func changes(_ fileSystem: MemoryFileSystem, _ row: CommandExpectation) -> [String] {
        fileSystem.state.withLock { $0.calls }.filter { row.verb != "MDTM" || !$0.hasPrefix("entry ") }
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
            let served = Set(
                help.lines.dropFirst().dropLast().flatMap { $0.split(separator: " ") }.map { $0.hasSuffix("*") ? String($0.dropLast()) : String($0) })
            let known = Set(CommandExpectation.all.map(\.verb))
            #expect(served.count > 50)
            #expect(served.subtracting(known) == [], "commands without a row")
        }
    }

    @Test(arguments: [SessionState.inClear, .secured, .loggedIn, .dataProtected], Access.allCases)
    func refusesWhatIsOutOfPlace(state: SessionState, access: Access) async throws {
        try await ServerUnderTest.with { server, _ async throws in
            let fileSystem = server.authenticator.fileSystem
            for row in CommandExpectation.all {
                let client = try await RawClient(server)
                defer { client.close() }
                try await advance(client, to: state)
                prepare(fileSystem, access)
                let code = try await client.command(row.line)
                #expect(code == row.reply(in: state, to: access), "\(row.line), \(state), \(access)")
                if !row.isAllowed(access) || access == .stranger || !row.isHeard(in: state) {
                    let calls = Self.changes(fileSystem, row)
                    #expect(calls.isEmpty, "\(row.line) in \(state) did \(calls)")
                }
            }
        }
    }

    /// An upload is under way: commands wait for its end, change nothing about it, and are then answered as without it.
    @Test(arguments: Access.allCases)
    func nothingOvertakesATransfer(access: Access) async throws {
        try await ServerUnderTest.with { server, _ async throws in
            let fileSystem = server.authenticator.fileSystem
            for row in CommandExpectation.all where row.line != "ABOR" && row.line != "STAT" {
                let client = try await RawClient(server)
                defer { client.close() }
                try await advance(client, to: .transferring)
                prepare(fileSystem, .owner)
                let data = try await client.openData()
                defer { data.close() }
                #expect(try await client.command("STOR upload") == 150)
                try await client.secure(data)
                prepare(fileSystem, access)
                try await data.write([1, 2], timeout: .seconds(5))
                let expected = row.reply(in: .transferring, to: access)
                if row.verb == "NOOP" {
                    #expect(try await client.command(row.line) == expected)
                } else {
                    try await client.send(Array((row.line + "\r\n").utf8))
                }
                try await data.write([3], timeout: .seconds(5))
                try await data.finish()
                #expect(try await client.reply()?.code == 226, "\(row.line)")
                if row.verb != "NOOP" { #expect(try await client.reply()?.code == expected, "\(row.line), \(access)") }
                let (calls, stored) = (Self.changes(fileSystem, row), fileSystem.state.withLock { $0.files[Self.upload] })
                #expect(calls.first == "commit /upload", "\(row.line) did \(calls)")
                #expect(row.isAllowed(access) && access != .stranger || calls.count == 1, "\(row.line) did \(calls)")
                #expect(stored == [1, 2, 3], "\(row.line)")
            }
        }
    }

    /// RNFR and RNTO are one change: both ends must be allowed, nothing may come between, and only both together move anything.
    @Test func renamingTakesBothCommandsAndBothPermissions() async throws {
        try await ServerUnderTest.with { server, client async throws in
            try await client.logIn()
            let fileSystem = server.authenticator.fileSystem
            func names() -> Set<String> { Set(fileSystem.state.withLock { $0.files.keys.map(\.description) }) }
            for access in Access.allCases {
                prepare(fileSystem, access)
                let isAllowed = access == .owner || access == .writer
                #expect(try await client.command("RNFR x") == (isAllowed ? 350 : 550), "\(access)")
                #expect(try await client.command("RNTO new") == (isAllowed ? 250 : 503), "\(access)")
                #expect(names() == [isAllowed ? "/new" : "/x"], "\(access)")
            }
            // The permission is lost between the two.
            prepare(fileSystem, .owner)
            #expect(try await client.command("RNFR x") == 350)
            fileSystem.state.withLock { $0.denied = Access.reader.denied }
            #expect(try await client.command("RNTO new") == 550)
            #expect(names() == ["/x"])
            // What comes between ends it; what was used once is used up.
            for between in ["NOOP", "CWD d", "RNFR missing", "SITE HELP", "DELE missing"] {
                prepare(fileSystem, .owner)
                #expect(try await client.command("RNFR x") == 350)
                _ = try await client.command(between)
                let code = try await client.command("RNTO new")
                // What only asks leaves it in force.
                #expect(code == (between == "NOOP" ? 250 : 503), "\(between)")
                _ = try await client.command("CWD /")
            }
            prepare(fileSystem, .owner)
            #expect(try await client.command("RNFR x") == 350)
            #expect(try await client.command("RNTO new") == 250)
            #expect(try await client.command("RNTO newer") == 503)
            #expect(names() == ["/new"])
        }
    }
}
