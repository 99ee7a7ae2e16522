import FTPClient
import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Our client with our server: runs of files over one data connection.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct PipelineTests {
    private func with(_ body: @Sendable @escaping (MemoryFileSystem, FTPSession) async throws -> Void) async throws {
        try await ServerUnderTest.with { server, _ in
            let endpoint = ServerEndpoint(
                host: "127.0.0.1", port: server.address.port, security: .explicit, trust: .certificateAuthority(path: server.folder + "/cert.pem"))
            let pool = try BlockingPool(threads: 1, name: "pipeline-test")
            defer { pool.stop() }
            try await FTPSession.withConnection(to: endpoint, loop: server.loop, pool: pool) { session in
                try await session.logIn(user: "principal", password: Array("right".utf8))
                #expect(session.isPipelining)
                try await body(server.authenticator.fileSystem, session)
            }
        }
    }

    private func path(_ number: Int) throws -> VirtualPath { try VirtualPath(absolute: "/f\(number)") }

    /// Of no bytes, one byte, some bytes, or more than a block.
    private func content(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(number % 251), count: number % 5 == 0 ? number / 5 : number % 7 == 0 ? 150_000 + number : number * 100)
    }

    /// Gives the content of a file in pieces.
    private func supplier(_ numbers: Range<Int>) -> (Int, UnsafeMutableRawBufferPointer) -> Int {
        var offsets = [Int](repeating: 0, count: numbers.count)
        return { index, memory in
            let bytes = content(numbers.lowerBound + index)
            let count = min(bytes.count - offsets[index], memory.count)
            unsafe memory.copyBytes(from: bytes[offsets[index]..<offsets[index] + count])
            offsets[index] += count
            return count
        }
    }

    @Test func aRunIsStoredAndReadBack() async throws {
        try await with { fileSystem, session in
            let paths = try (0..<100).map(path)
            let next = unsafe supplier(0..<100)
            var ended: [Int] = []
            try await unsafe session.store(
                paths, supply: { unsafe next($0, $1) },
                completed: { number, reply in
                    ended.append(number)
                    #expect(reply.code == 250 && reply.text == "Stored f\(number)")
                })
            #expect(ended == Array(0..<100))
            for number in 0..<100 { #expect(fileSystem.state.withLock { $0.files[paths[number]] } == content(number)) }
            let missing = try VirtualPath(absolute: "/missing")
            let read = try await session.retrieveAll(paths + [missing] + paths, limit: 1 << 20)
            #expect(read.count == 201 && read[100] == nil)
            for number in 0..<100 { #expect(read[number] == content(number) && read[number + 101] == content(number)) }
            #expect(try await session.list(.root).count == 100)
        }
    }

    @Test func aRefusedFileEndsTheRunButNotTheSession() async throws {
        try await with { fileSystem, session in
            let paths = try (0..<60).map(path)
            fileSystem.state.withLock { $0.failing = [paths[20]] }
            let next = unsafe supplier(0..<60)
            var ended: [Int] = []
            do {
                try await unsafe session.store(paths, supply: { unsafe next($0, $1) }, completed: { number, _ in ended.append(number) })
                Issue.record("the run must fail")
            } catch let error as NumberedFailure {
                #expect(error.number == 20)
                #expect((error.error as? FTPClientError)?.reply?.code == 452)
            }
            #expect(ended == Array(0..<20))
            #expect(try await session.store(paths[59], bytes: [1, 2]).code == 250)
            #expect(try await session.retrieveAll(paths[59], limit: 10) == [1, 2])
        }
    }

    @Test func aRefusalInLockStepLeavesTheConnectionUsable() async throws {
        try await with { fileSystem, session in
            let name = try path(1)
            try await session.store(name, bytes: [1])
            fileSystem.state.withLock { $0.denied = [.write] }
            await #expect(throws: FTPClientError.self) { try await session.store(name, bytes: [2]) }
            #expect(try await session.retrieveAll(name, limit: 10) == [1])
            fileSystem.state.withLock { $0.denied = [] }
            try await session.store(name, bytes: [3])
            #expect(try await session.retrieveAll(name, limit: 10) == [3])
        }
    }

    @Test func aReadErrorWithinARunPublishesNothingOfItsFile() async throws {
        struct Unreadable: Error {}
        try await with { fileSystem, session in
            let paths = try (0..<5).map(path)
            do {
                var isBegun = false
                try await unsafe session.store(
                    paths,
                    supply: { number, memory in
                        guard number == 3 else { return 0 }
                        if isBegun { throw Unreadable() }
                        isBegun = true
                        return memory.count
                    }, completed: { _, _ in })
                Issue.record("the run must fail")
            } catch let error as NumberedFailure {
                #expect(error.number == 3 && error.error is Unreadable)
            }
            try await Task.sleep(for: .milliseconds(200))
            #expect(fileSystem.state.withLock { $0.files[paths[3]] } == nil)
        }
    }
}
