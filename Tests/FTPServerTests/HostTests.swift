import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct HostTests {
    private static func hosts(_ settings: inout ServerSettings) {
        settings.hosts = [
            VirtualHost(names: ["a.example", "also-a.example"], accounts: ["anna"]),
            VirtualHost(names: ["b.example"], folder: try! VirtualPath(absolute: "/shared/b")),
        ]
    }

    @Test(arguments: [("a.example", "CN=a.example"), ("also-a.example", "CN=a.example"), ("b.example", "CN=b.example"), ("localhost", "CN=localhost")])
    func theNameThatTheClientAsksForChoosesTheCertificate(_ name: String, _ subject: String) async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            let client = try await RawClient(server, name: name)
            defer { client.close() }
            try await client.secureControl()
            #expect(client.connection.tls?.peerCertificate?.subject == subject)
        }
    }

    @Test func hostBeforeTLSChoosesTheCertificateToo() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            // The pin of no certificate matters here: what is shown is.
            let client = try await RawClient(server, context: .client(trust: .systemRoots), name: "127.0.0.1")
            defer { client.close() }
            _ = try await client.reply()
            #expect(try await client.command("HOST a.example") == 220)
            #expect(try await client.command("HOST B.Example.") == 220)
            #expect(try await client.command("AUTH TLS") == 234)
            await #expect(throws: TransportError.self) { try await client.startTLS() }
            let other = try await RawClient(server, name: "b.example")
            defer { other.close() }
            _ = try await other.reply()
            #expect(try await other.command("HOST b.example") == 220)
            #expect(try await other.command("AUTH TLS") == 234)
            try await other.startTLS()
            #expect(other.connection.tls?.peerCertificate?.subject == "CN=b.example")
        }
    }

    /// Somebody on the wire can write HOST before AUTH, and nothing in a handshake without SNI contradicts him.
    @Test func aHostInClearOpensNoFolderUntilItIsRepeated() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            let named = try await RawClient(server, name: "b.example")
            defer { named.close() }
            try await named.secureControl()
            let shown = try #require(named.connection.tls?.peerCertificate?.sha256)
            let client = try await RawClient(server, context: .client(trust: .pinned(sha256: shown)), name: "127.0.0.1")
            defer { client.close() }
            _ = try await client.reply()
            #expect(try await client.command("HOST b.example") == 220)
            #expect(try await client.command("AUTH TLS") == 234)
            try await client.startTLS()
            #expect(client.connection.tls?.peerCertificate?.subject == "CN=b.example")
            #expect(try await client.command("USER bert") == 503)
            #expect(try await client.command("PASS right") == 503)
            #expect(server.authenticator.origins.withLock { $0.isEmpty })
            #expect(try await client.command("HOST b.example") == 220)
            #expect(try await client.command("USER bert") == 331)
            #expect(try await client.command("PASS right") == 230)
            #expect(server.authenticator.origins.withLock { $0.last?.host } == .named("b.example"))
            // After REIN nothing of it is left.
            #expect(try await client.command("REIN") == 220)
            #expect(try await client.command("USER bert") == 331)
            #expect(try await client.command("PASS right") == 230)
            #expect(server.authenticator.origins.withLock { $0.last?.host } == .server)
        }
    }

    @Test func hostAndSNIMustAgree() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            let client = try await RawClient(server, name: "a.example")
            defer { client.close() }
            try await client.secureControl()
            let codes = [
                try await client.command("HOST b.example"), try await client.command("HOST localhost"), try await client.command("HOST c.example"),
                try await client.command("HOST a..b"), try await client.command("HOST"), try await client.command("HOST also-a.example"),
            ]
            #expect(codes == [504, 504, 504, 501, 501, 220])
            #expect(try await client.command("USER anna") == 331)
            #expect(try await client.command("HOST a.example") == 503)
            #expect(try await client.command("PASS right") == 230)
            #expect(try await client.command("HOST a.example") == 503)
            // The other way round the handshake fails.
            let second = try await RawClient(server, name: "a.example")
            defer { second.close() }
            _ = try await second.reply()
            #expect(try await second.command("HOST b.example") == 220)
            #expect(try await second.command("AUTH TLS") == 234)
            await #expect(throws: TransportError.self) { try await second.startTLS() }
        }
    }

    @Test func reinitializeForgetsTheHost() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, client in
            try await client.secureControl()
            // "localhost" was asked for, so the session is for the server itself.
            #expect(try await client.command("HOST localhost") == 220)
            #expect(try await client.command("USER bert") == 331)
            #expect(try await client.command("PASS right") == 230)
            #expect(try await client.command("REIN") == 220)
            #expect(try await client.command("HOST localhost") == 220)
            #expect(try await client.command("FEAT") == 211)
        }
    }

    @Test func accountsAreLimitedToTheirHost() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            for (name, user, expected) in [
                ("a.example", "anna", 230), ("a.example", "bert", 530), ("b.example", "anna", 530), ("b.example", "bert", 230), ("localhost", "anna", 530),
                ("localhost", "bert", 230),
            ] {
                let client = try await RawClient(server, name: name)
                defer { client.close() }
                try await client.secureControl()
                #expect(try await client.command("USER \(user)") == 331)
                #expect(try await client.command("PASS right") == expected, "\(user) at \(name)")
            }
        }
    }

    @Test func aHostShowsItsFolderOnly() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            let files = server.authenticator.fileSystem
            files.state.withLock { state in
                for path in ["/shared", "/shared/b", "/shared/b/in"] { state.directories.insert(try! VirtualPath(absolute: path)) }
                state.files[try! VirtualPath(absolute: "/secret")] = [1]
            }
            let client = try await RawClient(server, name: "b.example")
            defer { client.close() }
            try await client.logIn()
            #expect(try await client.store("STOR /in/x", [1, 2, 3]) == 226)
            #expect(files.state.withLock { $0.files[try! VirtualPath(absolute: "/shared/b/in/x")] } == [1, 2, 3])
            let codes = [
                try await client.command("SIZE /in/x"), try await client.command("CWD /in"), try await client.command("SIZE ../../../secret"),
                try await client.command("SIZE /shared/b/in/x"), try await client.command("RNFR x"), try await client.command("RNTO ../y"),
            ]
            #expect(codes == [213, 250, 550, 550, 350, 250])
            #expect(files.state.withLock { $0.files[try! VirtualPath(absolute: "/shared/b/y")] } == [1, 2, 3])
            try await client.send(Array("STOU name\r\n".utf8))
            #expect(try await client.reply()?.code == 425)
        }
    }

    /// What ALLO announces is refused before a byte is sent, at a host with a folder of its own as elsewhere.
    @Test(arguments: [("localhost", "/shared/b/x"), ("b.example", "/x")])
    func refusesAnnouncedBytesThatDoNotFit(_ name: String, _ path: String) async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            server.authenticator.fileSystem.state.withLock { $0.room = 1000 }
            let client = try await RawClient(server, name: name)
            defer { client.close() }
            try await client.logIn()
            #expect(try await client.command("ALLO 1001") == 200)
            #expect(try await client.store("STOR \(path)", [1, 2, 3]) == 552)
            #expect(try await client.command("ALLO 3") == 200)
            #expect(try await client.store("STOR \(path)", [1, 2, 3]) == 226)
        }
    }

    @Test func aDataConnectionShowsTheControlConnectionsCertificateWhateverItAsksFor() async throws {
        try await ServerUnderTest.with(Self.hosts) { server, _ in
            let client = try await RawClient(server, name: "b.example")
            defer { client.close() }
            try await client.logIn(as: "address")
            server.authenticator.fileSystem.state.withLock { $0.files[try! VirtualPath(absolute: "/shared/b/f")] = [7] }
            let data = try await client.openData(resuming: false)
            defer { data.close() }
            #expect(try await client.command("RETR /f") == 150)
            let pinned = try TLSContext.client(trust: .pinned(sha256: try #require(client.connection.tls?.peerCertificate?.sha256)))
            try await client.secure(data, context: pinned, name: "a.example")
            #expect(data.tls?.peerCertificate?.subject == "CN=b.example")
            try await data.finish()
            #expect(try await client.reply()?.code == 226)
        }
    }
}
