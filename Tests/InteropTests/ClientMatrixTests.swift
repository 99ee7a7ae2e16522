/// The clients of the field, each with TLS 1.2 and 1.3, explicit and implicit: Tests/Scripts/client_matrix says what they are asked to do.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct ClientMatrixTests {
        let here = try! Surroundings()

        /// The names that the drivers give themselves.
        static let clients: [String] = {
            let folder = Repository.path("Tests/Scripts/client_matrix")
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let lines = files.sorted().filter { $0.hasSuffix(".py") }
                .flatMap { ((try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) ?? "").split(separator: "\n") }
            return lines.compactMap { $0.wholeMatch(of: #/    name = "(.+)"/#).map { String($0.1) } }
        }()

        /// A gateway folder for the accounts that the drivers use; the running server sees it within a second.
        private func prepare() async throws {
            let folders = try await here.site.administer(["folder", "list"])
            guard !folders.text.contains("/exchange/matrix") else { return }
            try await here.site.administer([
                "folder", "add", "/exchange/matrix", "--owner", "bob", "--profile", "gateway", "--writer", "stmary", "--writer", "oldsys",
            ])
            try await Task.sleep(for: .seconds(1.1))
        }

        private func matrix(_ arguments: [String], limit: Duration) async throws -> ProgramOutput {
            try await Program("python3").run([Repository.path("Tests/Scripts/client_matrix")] + arguments, limit: limit)
        }

        @Test(arguments: clients, ["1.2", "1.3"]) func works(client: String, tls: String) async throws {
            try await prepare()
            let output = try await matrix(
                [
                    client, "--tls", tls, "--explicit", here.server.explicit, "--implicit", here.server.implicit, "--authority", here.site.authority,
                    "--secrets", here.site.folder.path("secrets"), "--log", here.site.folder.path("server.log"),
                ], limit: .seconds(180))
            #expect(output.code == 0, "\(output.report)\n--- server\n\(here.server.log.suffix(3000))")
        }

        /// The table in the document is the one that the tests above made true.
        @Test func theDocumentHasTheTable() async throws {
            let output = try await matrix(["--markdown"], limit: .seconds(20))
            let document = try String(contentsOfFile: Repository.path("docs/interoperability.md"), encoding: .utf8)
            #expect(output.code == 0 && document.contains(output.text), "python3 Tests/Scripts/client_matrix --markdown says:\n\(output.report)")
            #expect(Self.clients.count == 14 && Self.clients.allSatisfy { output.text.contains("| \($0)") }, "\(Self.clients)")
        }

        /// What rclone finds out about names and streams by trying.
        @Test func rcloneLearnsTheRulesForNames() async throws {
            try await prepare()
            let rclone = URL(fileURLWithPath: try Program("python3").path).deletingLastPathComponent().appendingPathComponent("rclone").path
            let obscured = try await Program(rclone).succeed(["obscure", "-"], input: Array(here.password("stmary").utf8)).text
            let configuration = try here.folder.write(
                "rclone.conf",
                Array("[site]\ntype = ftp\nhost = 127.0.0.1\nport = \(here.server.port)\nuser = stmary\nexplicit_tls = true\npass = \(obscured)".utf8))
            let output = try await Program(rclone, environment: ["SSL_CERT_FILE": here.site.authority]).succeed([
                "--config", configuration, "test", "info", "--check-normalization", "--check-streaming", "site:/exchange/matrix/info",
            ])
            for line in ["canWriteUnnormalized = true", "canReadUnnormalized   = true", "canReadRenormalized   = true", "canStream = true"] {
                #expect(output.text.contains(line), "\(output.report)")
            }
        }
    }
}
