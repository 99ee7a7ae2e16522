/// A whole site in a temporary folder: certificates, accounts, folders, a running `phrd`, and the people's `phr` homes.
import Foundation
import Synchronization

/// The server is guarded by a shell that kills it when the test process is gone, however that ended.
package final class TestSite: Sendable {
    package enum Failure: Error, CustomStringConvertible {
        case notReady(String)

        package var description: String {
            switch self {
            case .notReady(let log): "the server did not get ready:\n\(log)"
            }
        }
    }

    package struct Person: Sendable {
        package let name: String
        package let role: String
        package let binding: String?

        package init(_ name: String, _ role: String, binding: String? = nil) {
            self.name = name
            self.role = role
            self.binding = binding
        }

        package var password: String { "password-of-\(name)" }
    }

    /// alice owns, stmary pushes, bob and mallory are doctors, labsys and oldsys are legacy systems.
    package static let people = [
        Person("alice", "patient"), Person("bob", "doctor"), Person("mallory", "doctor"), Person("stmary", "clinic"),
        Person("labsys", "service"), Person("oldsys", "service", binding: "address"),
    ]

    package let folder: TemporaryFolder
    /// Where databases and envelopes lie; a test may put it on a file system of its own.
    package let dataPath: String
    private let settings: [String]
    /// Where the first server listened; later ones listen there too, because the people's profiles name it.
    private let addresses = Mutex<[String]>([])

    package init(dataPath: String? = nil, settings: [String] = []) throws {
        folder = try TemporaryFolder("site")
        self.dataPath = dataPath ?? folder.path("data")
        self.settings = settings
    }

    /// As whom the server runs: root starts it, and it drops root.
    package static let serverUser = geteuid() == 0 ? "nobody" : NSUserName()

    package var configuration: String { folder.path("phrd.toml") }
    package var authority: String { folder.path("tls/ca.pem") }

    /// Makes everything up to, and not including, the start of the server.
    package func prepare() async throws {
        try await Program(Repository.path("scripts/make-certs")).succeed([folder.path("tls")])
        try folder.write(
            "phrd.toml",
            Array(
                """
                [process]
                user = "\(Self.serverUser)"
                [site]
                name = "phr.example/test"
                [storage]
                data = "\(dataPath)"
                keys = "keys"
                anchor = "anchor/checkpoint"
                [listen]
                explicit = ["127.0.0.1:0"]
                implicit = ["127.0.0.1:0"]
                active_networks = ["127.0.0.0/8"]
                [tls]
                certificate = "tls/server.pem"
                key = "tls/server.key"
                client_ca = "tls/ca.pem"
                [log]
                level = "debug"
                """.utf8))
        // Root makes the site for the server's user, who must get there.
        try await handOver()
        try await administer(["init"])
        for person in Self.people {
            let file = try folder.write("secrets/\(person.name).password", Array(person.password.utf8))
            try folder.write("secrets/\(person.name).passphrase", Array("passphrase of \(person.name)".utf8))
            var arguments = ["user", "add", person.name, "--role", person.role, "--password-file", file]
            if let binding = person.binding { arguments += ["--data-binding", binding] }
            try await administer(arguments)
        }
        try await administer([
            "folder", "add", "/inbox/alice", "--owner", "alice", "--profile", "sealed", "--writer", "stmary", "--writer", "oldsys", "--writer", "bob",
        ])
        try await administer(["folder", "add", "/exchange/lab", "--owner", "bob", "--profile", "gateway", "--writer", "stmary", "--reader", "labsys"])
    }

    @discardableResult
    package func administer(_ arguments: [String], limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        try await Repository.program("phrd").succeed(arguments + ["--config", configuration], limit: limit)
    }

    /// Writes further sections into the configuration.
    package func add(_ text: String) throws {
        try folder.write("phrd.toml", try folder.read("phrd.toml") + Array("\n\(text)\n".utf8))
    }

    /// - Parameter arguments: further ones of `phrd serve`.
    package func start(arguments: [String] = []) async throws -> TestServer {
        try await handOver()
        let server = try await TestServer.start(site: self, settings: settings + addresses.withLock { $0 }, arguments: arguments)
        addresses.withLock { $0 = ["listen.explicit=\(server.explicit)", "listen.implicit=\(server.implicit)"] }
        return server
    }

    /// Gives what a test made or changed to the user that the server becomes.
    package func handOver() async throws {
        // The folders themselves, so that the server reaches the rest; the people's own files stay root's.
        try await Self.handOver([folder.path, URL(fileURLWithPath: dataPath).deletingLastPathComponent().path], isDeep: false)
        try await Self.handOver(["phrd.toml", "keys", "anchor", "tls"].map { folder.path($0) } + [dataPath])
    }

    package static func handOver(_ paths: [String], isDeep: Bool = true) async throws {
        let paths = paths.filter { FileManager.default.fileExists(atPath: $0) }
        guard geteuid() == 0, !paths.isEmpty else { return }
        try await Program("chown").succeed((isDeep ? ["-R"] : []) + ["\(serverUser):"] + paths)
    }

    /// Runs `phr` with one person's keyring.
    package func phr(_ person: String, _ arguments: [String], limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        let environment = ["PHR_HOME": folder.path("home/\(person)"), "PHR_PASSPHRASE_FILE": folder.path("secrets/\(person).passphrase")]
        return try await Repository.program("phr", environment: environment).run(arguments, limit: limit)
    }

    /// Makes a person's keys, the first time, and logs in to the server.
    package func enroll(_ person: String, at server: TestServer) async throws {
        if !folder.exists("home/\(person)/identity.phrkey") {
            let output = try await phr(person, ["init"])
            guard output.code == 0 else { throw ProgramError.failed(output) }
        }
        let output = try await phr(
            person, ["login", "ftps://\(person)@\(server.explicit)", "--ca", authority, "--password-file", folder.path("secrets/\(person).password")])
        guard output.code == 0 else { throw ProgramError.failed(output) }
    }

    /// The stored envelopes, newest last.
    package func storedEnvelopes() -> [String] {
        let names = FileManager.default.enumerator(atPath: dataPath)?.compactMap { $0 as? String } ?? []
        func time(_ name: String) -> Date {
            (try? FileManager.default.attributesOfItem(atPath: "\(dataPath)/\(name)")[.modificationDate] as? Date) ?? .distantPast
        }
        return names.filter { $0.contains("objects/") && $0.hasSuffix(".phr") }.map { ($0, time($0)) }.sorted { $0.1 < $1.1 }.map { "\(dataPath)/\($0.0)" }
    }
}
