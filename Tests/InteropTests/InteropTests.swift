/// The programs that people use against the real server; one suite after the other, each with a site of its own.
import ProgramFixtures
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) enum InteropTests {}

/// A running site around a whole suite, with alice, bob and mallory enrolled.
struct SiteTrait: SuiteTrait, TestScoping {
    struct Running: Sendable {
        let site: TestSite
        let server: TestServer
    }

    @TaskLocal static var current: Running?

    @concurrent func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        let site = try TestSite()
        try await site.prepare()
        let server = try await site.start()
        for person in ["alice", "bob", "mallory"] { try await site.enroll(person, at: server) }
        try await Self.$current.withValue(Running(site: site, server: server)) { try await function() }
        let code = await server.stop()
        #expect(code == 0, "phrd did not end well:\n\(server.log.suffix(4000))")
    }
}

extension SuiteTrait where Self == SiteTrait {
    /// Runs the suite on a site of its own.
    static var site: Self { SiteTrait() }
}

/// The site of the suite that runs.
struct Surroundings {
    let site: TestSite
    let server: TestServer
    let folder: TemporaryFolder

    init() throws {
        let running = try #require(SiteTrait.current)
        site = running.site
        server = running.server
        folder = try TemporaryFolder("interop")
    }

    func login(_ user: String) -> String { "\(user):\(password(user))" }

    func password(_ user: String) -> String { TestSite.people.first { $0.name == user }!.password }

    /// Runs one case of a Python script.
    func runCase(_ name: String, of script: String) async throws {
        let output = try await Program("python3").run(
            [
                Repository.path("Tests/Scripts/\(script)"), name, "--address", server.explicit, "--authority", site.authority,
                "--secrets", site.folder.path("secrets"),
            ], limit: .seconds(120))
        #expect(output.code == 0, "\(output.report)\n--- server\n\(server.log.suffix(3000))")
    }

    /// Gets a record as its owner and compares it.
    func expectRecord(_ remote: String, equals expected: [UInt8], for person: String = "alice") async throws {
        let target = folder.path("got-\(UInt64.random(in: 0 ... .max))")
        let output = try await site.phr(person, ["get", "--quiet", remote, target], limit: .seconds(120))
        #expect(output.code == 0, "\(output.report)")
        guard output.code == 0 else { return }
        let got = try folder.read(String(target.split(separator: "/").last!))
        #expect(got == expected, "\(remote): \(got.count) bytes came, \(expected.count) were sent")
    }
}
