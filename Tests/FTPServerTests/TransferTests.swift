import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct TransferTests {
    private static let name = try! VirtualPath(absolute: "/a.bin")

    private func stored(_ server: ServerUnderTest) -> [UInt8]? { server.authenticator.fileSystem.state.withLock { $0.files[Self.name] } }

    @Test(arguments: [0, 1, 65_535, 131_072, 131_073, 1_000_000])
    func storesAndRetrievesByteForByte(_ count: Int) async throws {
        let bytes = [UInt8]((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.store("STOR a.bin", bytes) == 226)
            #expect(stored(server) == bytes)
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("RETR a.bin") == 150)
            try await client.secure(data)
            var received: [UInt8] = []
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
            defer { unsafe buffer.deallocate() }
            while case let got = try await unsafe data.read(into: buffer, timeout: .seconds(5)), got > 0 { unsafe received += buffer[..<got] }
            #expect(received == bytes)
            #expect(try await client.reply()?.code == 226)
        }
    }

    @Test func uploadWithoutCloseNotifyIsNotPublishedAndCanBeResumed() async throws {
        let bytes = [UInt8](repeating: 7, count: 200_000)
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.store("STOR a.bin", bytes, ending: .cut) == 426)
            #expect(stored(server) == nil)
            try await client.send(Array("SIZE a.bin\r\n".utf8))
            let size = Int(try await client.reply()?.text ?? "") ?? -1
            #expect((0...bytes.count).contains(size))
            #expect(try await client.command("REST \(size + 1)") == 350)
            #expect(try await client.store("STOR a.bin", [1]) == 554)
            #expect(try await client.command("REST \(size)") == 350)
            #expect(try await client.store("STOR a.bin", Array(bytes[size...])) == 226)
            #expect(stored(server) == bytes)
        }
    }

    @Test func restIsForgottenByTheNextCommandThatIsNotATransfer() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.command("REST 100") == 350)
            #expect(try await client.command("PWD") == 257)
            #expect(try await client.store("STOR a.bin", [1, 2, 3]) == 226)
            #expect(stored(server) == [1, 2, 3])
        }
    }

    @Test func fewerBytesThanAnnouncedAreNotPublished() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.command("ALLO 10") == 200)
            #expect(try await client.store("STOR a.bin", [1, 2, 3]) == 426)
            #expect(stored(server) == nil)
        }
    }

    @Test func matchingAnnouncementProvesCompletenessWithoutCloseNotify() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            #expect(try await client.command("ALLO 3") == 200)
            #expect(try await client.store("STOR a.bin", [1, 2, 3], ending: .cut) == 226)
            #expect(stored(server) == [1, 2, 3])
        }
    }

    @Test(arguments: [("principal", 522), ("session", 522), ("address", 226)])
    func dataConnectionWithoutResumptionFollowsThePolicy(_ user: String, _ code: Int) async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn(as: user)
            let data = try await client.openData(resuming: false)
            defer { data.close() }
            #expect(try await client.command("STOR a.bin") == 150)
            try await client.secure(data)
            try await data.write([1, 2, 3], timeout: .seconds(5))
            try? await data.finish()
            #expect(try await client.reply()?.code == code)
            #expect(stored(server) == (code == 226 ? [1, 2, 3] : nil))
        }
    }

    @Test func ticketOfAnotherUserIsPassedOverAndTheOwnerStillGetsThrough() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn(as: "principal")
            let thief = try await RawClient(server)
            defer { thief.close() }
            try await thief.logIn(as: "mallory")
            let stolen = try await client.openData(resuming: true, offer: thief)
            let port = stolen.peerAddress
            #expect(try await client.command("STOR a.bin") == 150)
            try await client.secure(stolen)
            stolen.close()
            let data = try await Connection.connect(to: port, loop: server.loop, timeout: .seconds(5))
            defer { data.close() }
            try await data.startTLS(server.clientContext(), role: .client(name: "localhost", resuming: client.connection.tls?.session), timeout: .seconds(5))
            try await data.write([4, 5], timeout: .seconds(5))
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
            #expect(stored(server) == [4, 5])
        }
    }

    @Test func abortEndsARunningUploadAndPublishesNothing() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR a.bin") == 150)
            try await client.secure(data)
            try await data.write([1, 2, 3], timeout: .seconds(5))
            #expect(try await client.command("NOOP") == 200)
            #expect(try await client.command("ABOR") == 426)
            #expect(try await client.reply()?.code == 226)
            #expect(stored(server) == nil)
            #expect(try await client.command("NOOP") == 200)
        }
    }

    @Test func stalledUploadIsCutOff() async throws {
        try await ServerUnderTest.with({ $0.stallTimeout = .milliseconds(200) }) { server, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR a.bin") == 150)
            try await client.secure(data)
            #expect(try await client.reply()?.code == 426)
            #expect(stored(server) == nil)
        }
    }

    @Test func transferWithoutDataConnectionSaysWhatToDo() async throws {
        try await ServerUnderTest.with({ $0.dataConnectTimeout = .milliseconds(100) }) { _, client in
            try await client.logIn()
            #expect(try await client.command("STOR a.bin") == 425)
            #expect(try await client.command("EPSV") == 229)
            #expect(try await client.command("STOR a.bin") == 150)
            #expect(try await client.reply()?.code == 425)
        }
    }

    @Test func listsMoreEntriesThanAPage() async throws {
        try await ServerUnderTest.with { server, client in
            server.authenticator.fileSystem.state.withLock { state in
                for number in 0..<1234 { state.files[try! VirtualPath(absolute: "/f\(number)")] = [1] }
            }
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("NLST") == 150)
            try await client.secure(data)
            var received: [UInt8] = []
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
            defer { unsafe buffer.deallocate() }
            while case let got = try await unsafe data.read(into: buffer, timeout: .seconds(5)), got > 0 { unsafe received += buffer[..<got] }
            #expect(try await client.reply()?.code == 226)
            let names = String(decoding: received, as: UTF8.self).split(separator: "\r\n")
            #expect(names.count == 1234)
            #expect(Set(names).count == 1234)
        }
    }

    @Test func shutdownLetsATransferFinish() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn()
            let data = try await client.openData()
            defer { data.close() }
            #expect(try await client.command("STOR a.bin") == 150)
            try await client.secure(data)
            try await data.write([1, 2], timeout: .seconds(5))
            let stopping = Task { await server.server.shutdown(within: .seconds(10)) }
            await server.loop.sleep(for: .milliseconds(100))
            try await data.write([3], timeout: .seconds(5))
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
            #expect(try await client.reply()?.code == 421)
            await stopping.value
            #expect(stored(server) == [1, 2, 3])
        }
    }
}
