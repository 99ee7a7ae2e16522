import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct ClientCertificateTests {
    private static let optional = TLSClientCertificates.optional(authority: "")

    @Test func aCertificateLogsItsUserIn() async throws {
        try await ServerUnderTest.with(clients: Self.optional) { server, _ in
            let client = try await RawClient(server, context: try server.certifiedContext("/CN=carla/OU=lab/OU=night"))
            defer { client.close() }
            try await client.secureControl()
            #expect(try await client.command("USER somebody") == 331)
            #expect(try await client.command("USER carla") == 232)
            #expect(try await client.command("PASS anything") == 202)
            #expect(try await client.command("PBSZ 0") == 200)
            #expect(try await client.command("PROT P") == 200)
            try await client.send(Array("STAT\r\n".utf8))
            let status = try await client.reply()?.text ?? ""
            #expect(status.contains("Logged in as carla") && status.contains("Roles of the certificate: lab, night"), "\(status)")
            #expect(try await client.store("STOR /f", [1, 2]) == 226)
            #expect(try await client.command("REIN") == 220)
            #expect(try await client.command("PASS anything") == 503)
            #expect(try await client.command("PWD") == 530)
        }
    }

    @Test func withoutACertificateThePasswordIsAskedFor() async throws {
        try await ServerUnderTest.with(clients: Self.optional) { server, client in
            try await client.logIn(as: "carla")
            #expect(try await client.command("PWD") == 257)
            #expect(server.authenticator.origins.withLock { $0.allSatisfy { $0.certificate == nil } })
        }
    }

    @Test func aCertificateOfAnotherAuthorityEndsTheHandshake() async throws {
        try await ServerUnderTest.with(clients: Self.optional) { server, _ in
            let client = try await RawClient(server, context: try server.certifiedContext("/CN=carla", authority: nil))
            defer { client.close() }
            _ = try await client.reply()
            _ = try await client.command("AUTH TLS")
            // TLS 1.3 tells the client after its part of the handshake.
            await #expect(throws: TransportError.self) {
                try await client.startTLS()
                _ = try await client.command("USER carla")
            }
        }
    }

    @Test func withoutAnAuthorityACertificateIsTakenButNotVerified() async throws {
        try await ServerUnderTest.with(clients: .optional(authority: nil)) { server, _ in
            let client = try await RawClient(server, context: try server.certifiedContext("/CN=carla", authority: nil))
            defer { client.close() }
            try await client.secureControl()
            #expect(try await client.command("USER carla") == 232)
            let seen = try #require(server.authenticator.origins.withLock { $0.last?.certificate })
            #expect(!seen.isVerified && seen.facts.subject == "CN=carla")
        }
    }

    @Test func whereItIsRequiredNobodyComesInWithout() async throws {
        try await ServerUnderTest.with(clients: .required(authority: "")) { server, client in
            _ = try await client.reply()
            _ = try await client.command("AUTH TLS")
            await #expect(throws: TransportError.self) {
                try await client.startTLS()
                _ = try await client.command("USER carla")
            }
            let other = try await RawClient(server, context: try server.certifiedContext("/CN=carla"))
            defer { other.close() }
            try await other.secureControl()
            #expect(try await other.command("USER carla") == 232)
            #expect(try #require(server.authenticator.origins.withLock { $0.last?.certificate }).isVerified)
        }
    }

    @Test func theDataConnectionMustShowTheSameCertificate() async throws {
        try await ServerUnderTest.with(clients: Self.optional) { server, _ in
            let context = try server.certifiedContext("/CN=carla")
            let client = try await RawClient(server, context: context)
            defer { client.close() }
            try await client.logIn(as: "address")
            for (shown, expected) in [(try server.clientContext(), 522), (try server.certifiedContext("/CN=other"), 522), (context, 226)] {
                let data = try await client.openData(resuming: false)
                defer { data.close() }
                #expect(try await client.command("STOR /f") == 150)
                try await client.secure(data, context: shown)
                try? await data.finish()
                #expect(try await client.reply()?.code == expected)
            }
            // A resumed session carries it.
            #expect(try await client.store("STOR /g", [1]) == 226)
        }
    }

    @Test func aResumedSessionOfTheSameUserWithoutTheCertificateDoesNotDo() async throws {
        try await ServerUnderTest.with(clients: Self.optional, { $0.dataConnectTimeout = .milliseconds(500) }) { server, plain in
            try await plain.logIn(as: "carla")
            let client = try await RawClient(server, context: try server.certifiedContext("/CN=carla"))
            defer { client.close() }
            try await client.secureControl()
            for line in ["USER carla", "PBSZ 0", "PROT P", "EPSV"] { _ = try await client.command(line) }
            _ = try await plain.command("EPSV")
            let data = try await client.openData(offer: plain)
            defer { data.close() }
            #expect(try await client.command("STOR /f") == 150)
            try await client.secure(data, context: try server.clientContext())
            #expect(try await client.reply()?.code == 425)
        }
    }
}
