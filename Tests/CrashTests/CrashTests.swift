/// The server killed, its surroundings failing, its data damaged: what was promised with 226 is there, nothing else is.
import Foundation
import ProgramFixtures
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) enum CrashTests {
    /// Makes a site with alice enrolled and runs the body with its server; the site is gone afterwards.
    static func withSite(
        dataPath: String? = nil, settings: [String] = [], _ body: (TestSite, TestServer) async throws -> Void
    ) async throws {
        let site = try TestSite(dataPath: dataPath, settings: settings)
        try await site.prepare()
        let server = try await site.start()
        try await site.enroll("alice", at: server)
        try await body(site, server)
        // The body may have ended it; a server that runs must end well.
        if server.isRunning { #expect(await server.stop() == 0, "\(server.log.suffix(2000))") }
    }

    static func runCase(_ name: String, on site: TestSite, _ server: TestServer) async throws {
        let output = try await Program("python3").run(
            [
                Repository.path("Tests/Scripts/fault_cases.py"), name, "--address", server.explicit, "--authority", site.authority, "--secrets",
                site.folder.path("secrets"),
            ], limit: .seconds(60))
        #expect(output.code == 0, "\(output.report)\n--- server\n\(server.log.suffix(3000))")
    }

    static func push(_ content: [UInt8], as name: String, to site: TestSite, _ server: TestServer) async throws {
        let folder = try TemporaryFolder("push")
        try await Program("curl").succeed([
            "--silent", "--show-error", "--fail", "--max-time", "60", "--ssl-reqd", "--cacert", site.authority, "--user", "stmary:password-of-stmary", "-T",
            try folder.write("file", content), "ftp://\(server.explicit)/inbox/alice/\(name)",
        ])
    }

    static func get(_ remote: String, from site: TestSite) async throws -> (output: ProgramOutput, content: [UInt8]?) {
        let folder = try TemporaryFolder("get")
        let output = try await site.phr("alice", ["get", "--quiet", remote, folder.path("got")], limit: .seconds(120))
        return (output, folder.exists("got") ? try folder.read("got") : nil)
    }
}
