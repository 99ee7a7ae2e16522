/// openssl s_client: the rules of TLS, seen from outside.
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct OpenSSLTests {
        let here = try! Surroundings()

        func connect(_ arguments: [String], input: String = "QUIT\r\n", implicit: Bool = false) async throws -> ProgramOutput {
            let address = implicit ? here.server.implicit : here.server.explicit
            return try await Program("openssl").run(
                ["s_client", "-connect", address, "-CAfile", here.site.authority, "-verify_return_error", "-verify_ip", "127.0.0.1"]
                    + (implicit ? [] : ["-starttls", "ftp"]) + arguments, input: Array(input.utf8), limit: .seconds(20))
        }

        @Test(arguments: ["-tls1_2", "-tls1_3"], [false, true])
        func accepts(version: String, implicit: Bool) async throws {
            let output = try await connect([version], implicit: implicit)
            #expect(output.text.contains("Verify return code: 0 (ok)"), "\(output.report)")
            #expect(output.text.contains(version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3"))
        }

        @Test(arguments: ["-tls1", "-tls1_1"])
        func refusesOldVersions(version: String) async throws {
            let output = try await connect([version, "-cipher", "ALL:@SECLEVEL=0"])
            #expect(output.code != 0)
            #expect(output.text.contains("Cipher is (NONE)"), "\(output.report)")
        }

        @Test(arguments: ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA"])
        func refusesWeakSuites(suite: String) async throws {
            let output = try await connect(["-tls1_2", "-cipher", "\(suite):@SECLEVEL=0"])
            #expect(output.text.contains("Cipher is (NONE)"), "\(output.report)")
        }

        @Test func doesNotRenegotiate() async throws {
            // A line that begins with R makes s_client ask for a renegotiation.
            let output = try await connect(["-tls1_2"], input: "R\n")
            #expect(output.text.contains("Verify return code: 0 (ok)"), "\(output.report)")
            #expect(
                output.complaint.contains("no renegotiation") || output.complaint.contains("wrong version") || output.complaint.contains("SSL routines"),
                "\(output.report)")
        }

        @Test func doesNotCompressAndSendsNoEarlyData() async throws {
            let output = try await connect(["-tls1_3"])
            #expect(output.text.contains("Compression: NONE"), "\(output.report)")
            #expect(!output.text.contains("Max Early Data: 1"), "\(output.report)")
        }

        @Test func refusesTheProtocolOfBrowsers() async throws {
            let output = try await connect(["-alpn", "http/1.1"])
            #expect(output.text.contains("Cipher is (NONE)") || output.complaint.contains("no application protocol"), "\(output.report)")
        }

        @Test func speaksFTPByName() async throws {
            let output = try await connect(["-alpn", "ftp"])
            #expect(output.text.contains("Verify return code: 0 (ok)"), "\(output.report)")
        }
    }
}
