/// TLS scanners against both listeners: nothing vulnerable, nothing weak.
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct ScannerTests {
        let here = try! Surroundings()

        @Test(arguments: ["testssl", "sslscan", "sslyze", "nmap"]) func findsNothingWeak(scanner: String) async throws {
            let output = try await Program("python3").run(
                [
                    Repository.path("Tests/Scripts/scan_tls.py"), scanner, "--explicit", here.server.explicit, "--implicit", here.server.implicit,
                    "--authority", here.site.authority,
                ], limit: .seconds(120))
            #expect(output.code == 0, "\(output.report)")
        }
    }
}
