import BlockMode
import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// MODE B: many files over one data connection, in lock step and pipelined.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct BlockModeTests {
    /// A client that has logged in and said MODE B.
    private func with(pipelining: Bool = false, _ body: @Sendable @escaping (ServerUnderTest, RawClient) async throws -> Void) async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.command("MODE B") == 200)
            if pipelining { #expect(try await client.command("OPTS MODE B PIPELINE") == 200) }
            try await body(server, client)
        }
    }

    private func files(_ server: ServerUnderTest) -> [String: [UInt8]] {
        let files = server.authenticator.fileSystem.state.withLock { $0.files }
        return Dictionary(uniqueKeysWithValues: files.map { ($0.key.description, $0.value) })
    }

    private func block(_ descriptor: BlockHeader.Descriptor, _ content: [UInt8] = []) -> [UInt8] {
        BlockHeader(descriptor, contentByteCount: content.count).bytes + content
    }

    /// Opens the data connection with a first upload, `first`, which holds one byte.
    private func open(_ client: RawClient) async throws -> Connection {
        let data = try await client.openData()
        #expect(try await client.command("STOR first") == 150)
        try await client.secure(data)
        try await data.write(block(.endOfFile, [1]), timeout: .seconds(5))
        #expect(try await client.reply()?.code == 250)
        return data
    }

    private func read(_ stream: BlockStream) async throws -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 70_000, alignment: 1)
        defer { unsafe memory.deallocate() }
        var bytes: [UInt8] = []
        while case .data(let count) = try await unsafe stream.read(into: memory, timeout: .seconds(5)) { unsafe bytes += memory[..<count] }
        return bytes
    }

    private func isAtEnd(_ data: Connection) async throws -> Bool {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { unsafe memory.deallocate() }
        return try await unsafe data.read(into: memory, timeout: .seconds(5)) == 0
    }

    /// A client that has made the handshake takes the data connection for open, and sends the file of the refused upload.
    @Test func theFileOfARefusedFirstUploadIsNotTakenForTheNextOne() async throws {
        try await with(pipelining: true) { server, client in
            let data = try await client.openData()
            defer { data.close() }
            try await client.secure(data)
            try await client.send(Array("STOR\r\nSTOR second\r\n".utf8))
            try? await data.write(block(.endOfFile, [1]) + block(.endOfFile, [2]), timeout: .seconds(5))
            #expect(try await client.reply()?.code == 501)
            #expect(try await client.reply()?.code == 425)
            #expect(files(server).isEmpty)
        }
    }

    @Test func featTellsIt() async throws {
        try await with { _, client in
            try await client.send(Array("FEAT\r\n".utf8))
            let features = Features(reply: try #require(try await client.reply()))
            #expect(features.contains("MODE", "B") && features.contains("MODE", "PIPELINE"))
        }
    }

    @Test func oneConnectionCarriesFilesAndListings() async throws {
        let large = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) })
        try await with { server, client in
            let data = try await open(client)
            defer { data.close() }
            let stream = BlockStream(data)
            for (name, bytes) in [("large", large), ("empty", []), ("one", [5])] {
                #expect(try await client.command("STOR \(name)") == 125)
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
                defer { unsafe copy.deallocate() }
                unsafe copy.copyBytes(from: bytes)
                try await unsafe stream.write(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]), timeout: .seconds(5))
                try await stream.finishFile(timeout: .seconds(5))
                #expect(try await client.reply()?.code == 250)
            }
            #expect(files(server) == ["/first": [1], "/large": large, "/empty": [], "/one": [5]])
            for (name, bytes) in [("large", large), ("empty", []), ("one", [5])] {
                #expect(try await client.command("RETR \(name)") == 125)
                #expect(try await read(stream) == bytes)
                #expect(try await client.reply()?.code == 250)
            }
            #expect(try await client.command("NLST") == 125)
            #expect(try await read(stream) == Array("empty\r\nfirst\r\nlarge\r\none\r\n".utf8))
            #expect(try await client.reply()?.code == 250)
            // In lock step a refused upload brings no file.
            #expect(try await client.command("RETR missing") == 550)
            server.authenticator.fileSystem.state.withLock { $0.denied = [.write] }
            #expect(try await client.command("STOR denied") == 550)
            #expect(try await client.command("RETR one") == 125)
            #expect(try await read(stream) == [5])
        }
    }

    @Test(arguments: ["EPSV", "MODE S", "REIN", "ABOR", "PROT P", "PBSZ 0"])
    func theConnectionEndsWithItsArrangement(_ line: String) async throws {
        try await with { _, client in
            let data = try await open(client)
            defer { data.close() }
            #expect((200...229).contains(try await client.command(line)))
            #expect(try await isAtEnd(data))
        }
    }

    @Test func aCutFileIsNotPublishedAndCanBeResumed() async throws {
        try await with { server, client in
            let data = try await open(client)
            #expect(try await client.command("STOR a") == 125)
            try await data.write(block([], [1, 2, 3]), timeout: .seconds(5))
            try await data.finish()
            #expect(try await client.reply()?.code == 426)
            data.close()
            #expect(files(server)["/a"] == nil)
            #expect(try await client.command("STOR b") == 425)
            let next = try await client.openData()
            defer { next.close() }
            #expect(try await client.command("REST 3") == 350)
            #expect(try await client.command("STOR a") == 150)
            try await client.secure(next)
            try await next.write(block(.endOfFile, [4]), timeout: .seconds(5))
            #expect(try await client.reply()?.code == 250)
            #expect(files(server)["/a"] == [1, 2, 3, 4])
        }
    }

    @Test func suspectDataIsNotPublished() async throws {
        try await with { server, client in
            let data = try await open(client)
            defer { data.close() }
            #expect(try await client.command("STOR a") == 125)
            try await data.write(block(.suspectData, [1]) + block(.endOfFile, [2]), timeout: .seconds(5))
            #expect(try await client.reply()?.code == 451)
            #expect(try await client.command("STOR b") == 125)
            try await data.write(block(.endOfFile, [2]), timeout: .seconds(5))
            #expect(try await client.reply()?.code == 250)
            #expect(files(server) == ["/first": [1], "/b": [2]])
        }
    }

    /// A 110 would promise that REST takes the mark, but an upload goes on at its end only.
    @Test func restartMarkersAreTakenAndSIZETellsWhereToGoOn() async throws {
        try await with { server, client in
            let data = try await open(client)
            #expect(try await client.command("STOR a") == 125)
            try await data.write(block([], [1, 2]) + block(.restartMarker, Array("HERE".utf8)) + block([], [3]), timeout: .seconds(5))
            try await data.finish()
            #expect(try await client.reply()?.code == 426)
            data.close()
            try await client.send(Array("SIZE a\r\n".utf8))
            #expect(try await client.reply()?.text == "3")
            let next = try await client.openData()
            defer { next.close() }
            #expect(try await client.command("REST 3") == 350)
            #expect(try await client.command("STOR a") == 150)
            try await client.secure(next)
            try await next.write(block(.restartMarker, Array("HERE".utf8)) + block(.endOfFile, [4]), timeout: .seconds(5))
            #expect(try await client.reply()?.code == 250)
            #expect(files(server)["/a"] == [1, 2, 3, 4])
        }
    }

    @Test func whatIsNoBlockEndsTheConnection() async throws {
        try await with { server, client in
            let data = try await open(client)
            defer { data.close() }
            #expect(try await client.command("STOR a") == 125)
            try await data.write([3, 0, 1, 1], timeout: .seconds(5))
            #expect(try await client.reply()?.code == 426)
            #expect(try await client.command("STOR a") == 425)
            #expect(files(server)["/a"] == nil)
        }
    }

    @Test func repliesOfAPipelinedRunComeInTheOrderOfItsCommands() async throws {
        try await with(pipelining: true) { server, client in
            let data = try await open(client)
            defer { data.close() }
            let bad = try VirtualPath(absolute: "/f7")
            server.authenticator.fileSystem.state.withLock { $0.failing = [bad] }
            var commands = "", blocks: [UInt8] = []
            for number in 0..<40 {
                commands += number % 10 == 3 ? "STOR\r\n" : "STOR f\(number)\r\n"
                blocks += block([], [UInt8(number)]) + block(.endOfFile, [UInt8](repeating: 1, count: number * 40))
            }
            try await client.send(Array((commands + "SIZE f39\r\n").utf8))
            try await data.write(blocks, timeout: .seconds(5))
            for number in 0..<40 {
                if number % 10 == 3 {
                    #expect(try await client.reply()?.code == 501)
                    continue
                }
                #expect(try await client.reply()?.code == 125)
                let reply = try #require(try await client.reply())
                if number == 7 { #expect(reply.code == 452) } else { #expect(reply.code == 250 && reply.text == "Stored f\(number)") }
            }
            #expect(try await client.reply()?.text == "\(39 * 40 + 1)")
            let files = files(server)
            for number in 0..<40 {
                let isStored = number % 10 != 3 && number != 7
                #expect(files["/f\(number)"] == (isStored ? [UInt8(number)] + [UInt8](repeating: 1, count: number * 40) : nil))
            }
        }
    }

    @Test func filesAreReceivedWhileOthersAreMadeDurable() async throws {
        try await with(pipelining: true) { server, client in
            let data = try await open(client)
            defer { data.close() }
            // No commit ends before eight are under way: without overlap the run would take over half a minute.
            server.authenticator.fileSystem.state.withLock { $0.commitsToWaitFor = 9 }
            let started = ContinuousClock.now
            try await client.send(Array((0..<8).map { "STOR f\($0)\r\n" }.joined().utf8))
            try await data.write((0..<8).flatMap { block(.endOfFile, [$0]) }, timeout: .seconds(5))
            for _ in 0..<8 {
                #expect(try await client.reply()?.code == 125)
                #expect(try await client.reply()?.code == 250)
            }
            #expect(ContinuousClock.now - started < .seconds(5))
            #expect(files(server).count == 9)
        }
    }

    @Test func aNameThatIsSentTwiceHasTheSecondContent() async throws {
        try await with(pipelining: true) { server, client in
            let data = try await open(client)
            defer { data.close() }
            try await client.send(Array("STOR a\r\nSTOR a\r\nAPPE a\r\n".utf8))
            try await data.write(block(.endOfFile, [1]) + block(.endOfFile, [2]) + block(.endOfFile, [3]), timeout: .seconds(5))
            for code in [125, 250, 125, 250, 125, 250] { #expect(try await client.reply()?.code == code) }
            #expect(files(server)["/a"] == [2, 3])
        }
    }
}
