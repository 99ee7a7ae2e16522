// The client with a server that behaves.

import FTPClient
import FTPProtocol
import Foundation
import Synchronization
import Testing
import Transport

@Suite(.serialized, .timeLimit(.minutes(2))) struct FTPSessionTests {
    private func path(_ text: String) throws -> VirtualPath { try VirtualPath(absolute: text) }

    @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
    func worksExplicitAndImplicitUnderBothVersions(isImplicit: Bool, usesTLS12: Bool) async throws {
        let server = try TestServer(isImplicit: isImplicit, usesTLS12: usesTLS12)
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try server.write("a.bin", content)
        let endpoint = try server.endpoint(security: isImplicit ? .implicit : .explicit)
        let (version, bytes) = try await server.session(endpoint) { session in
            let bytes = try await session.retrieveAll(try VirtualPath(absolute: "/a.bin"), limit: 1 << 20)
            await session.quit()
            return (session.tlsVersion, bytes)
        }
        #expect(version == (usesTLS12 ? "TLSv1.2" : "TLSv1.3"))
        #expect(bytes == content)
        let log = server.log
        #expect(log.filter { $0.hasPrefix("CLEAR") } == (isImplicit ? [] : ["CLEAR AUTH TLS"]))
        #expect(log.contains("PROT P") && log.contains("QUIT"))
        #expect(log.contains("# data TLS resumed=True"))
    }

    /// Under TLS 1.3 a ticket serves once, and this server gives no fresh ones; `phrd` does, before each transfer.
    @Test func resumesTheControlSessionOnEveryDataConnection() async throws {
        let server = try TestServer(usesTLS12: true)
        try await server.session { session in
            for number in 0..<4 {
                try await session.store(try VirtualPath(absolute: "/f\(number)"), bytes: [1, 2, 3])
                _ = try await session.list(.root)
            }
        }
        #expect(server.log.count { $0 == "# data TLS resumed=True" } == 8)
        #expect(server.log.count { $0 == "# data TLS resumed=False" } == 0)
    }

    @Test func trustsAPinAndAName() async throws {
        let server = try TestServer()
        let pin = try Certificates.shared.get().pin
        let digest = try await server.session(try server.endpoint(.pinned(sha256: pin))) { $0.certificateDigest }
        #expect(digest == pin)
        _ = try await server.session(try server.endpoint(host: "localhost")) { $0.tlsVersion }
    }

    @Test func storesAppendsAndResumes() async throws {
        let server = try TestServer()
        let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let name = try path("/x.bin")
        try await server.session { session in
            try await session.store(name, bytes: Array(content[..<600_000]))
            var offset = 600_000
            try await unsafe session.store(name, append: true) { buffer in
                let count = min(buffer.count, content.count - offset)
                unsafe buffer.copyBytes(from: content[offset..<offset + count])
                offset += count
                return count
            }
            #expect(try await session.size(name) == 1_000_000)
            var tail: [UInt8] = []
            try await unsafe session.retrieve(name, from: 999_000) { unsafe tail.append(contentsOf: $0) }
            #expect(tail == Array(content[999_000...]))
        }
        #expect(server.read("x.bin") == content)
    }

    @Test(arguments: [0, 1, 262_143, 262_144, 262_145])
    func carriesAnySize(byteCount: Int) async throws {
        let server = try TestServer()
        let content = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
        let name = try path("/size")
        let back = try await server.session { session in
            try await session.store(name, bytes: content)
            return try await session.retrieveAll(name, limit: 1 << 20)
        }
        #expect(back == content)
    }

    @Test func listsAndChangesTheTree() async throws {
        let server = try TestServer()
        try server.write("b é.txt", [1, 2])
        let (root, folder, file) = (try path("/"), try path("/d"), try path("/d/c"))
        try await server.session { session in
            try await session.makeDirectory(folder)
            #expect(try await session.list(root).map(\.name).sorted() == ["b é.txt", "d"])
            try await session.rename(try VirtualPath(absolute: "/b é.txt"), to: file)
            let entry = try await session.entry(file)
            #expect(entry?.kind == .file && entry?.size == 2)
            try await session.setModificationTime(try #require(FTPTimestamp("20200102030405")), of: file)
            #expect(try await session.modificationTime(file) == FTPTimestamp("20200102030405"))
            try await session.delete(file)
            #expect(try await session.entry(file) == nil)
            #expect(try await session.size(file) == nil)
            #expect(try await session.modificationTime(file) == nil)
            #expect(try await session.retrieveAll(file, limit: 10) == nil)
            try await session.removeDirectory(folder)
            #expect(try await session.workingDirectory() == root)
            try await session.keepAlive()
            #expect(session.features.contains("MLST") && session.features.contains("REST", "STREAM"))
        }
    }

    @Test func goesOnAfterARefusal() async throws {
        let server = try TestServer()
        let missing = try path("/none")
        try await server.session { session in
            for _ in 0..<3 {
                let error = await #expect(throws: FTPClientError.self) { try await unsafe session.retrieve(missing) { _ in } }
                #expect(error?.reply?.code == 550)
                #expect(error?.endsSession == false)
            }
            try await session.store(try VirtualPath(absolute: "/there"), bytes: [1])
        }
        #expect(server.read("there") == [1])
    }

    @Test func fallsBackToPASVAndIgnoresItsAddress() async throws {
        let server = try TestServer(faults: ["no-epsv", "foreign-pasv"])
        try server.write("a", [1])
        let name = try path("/a")
        let bytes = try await server.session { session in
            _ = try await session.retrieveAll(name, limit: 10)
            return try await session.retrieveAll(name, limit: 10)
        }
        #expect(bytes == [1])
        #expect(server.log.count { $0 == "EPSV" } == 1)
        #expect(!server.log.contains { $0.contains("TRAP") })
    }

    @Test(arguments: ["a\r\nDELE b", "a\nb", "a\0b", "a\u{1B}", "a\u{7F}"])
    func neverSendsControlCharacters(text: String) async throws {
        let server = try TestServer()
        let error = await #expect(throws: FTPClientError.self) {
            try await server.session(isLoggedIn: false) { try await $0.logIn(user: text, password: Array("secret".utf8)) }
        }
        guard case .unsafeName = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await #expect(throws: FTPClientError.self) {
            try await server.session(isLoggedIn: false) { try await $0.logIn(user: "alice", password: Array(text.utf8)) }
        }
        #expect(!server.log.contains { $0.contains("DELE") || $0.hasPrefix("PASS") })
    }

    @Test func saysThatTheLoginWasRefused() async throws {
        let server = try TestServer()
        let error = await #expect(throws: FTPClientError.self) {
            try await server.session(isLoggedIn: false) { try await $0.logIn(user: "alice", password: Array("wrong".utf8)) }
        }
        #expect(error?.reply?.code == 530)
    }
}
