/// `phrd check-config`: what it says, and its exit code.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Test static func checkConfigSaysWhatKeepsTheServerFromStarting() async throws {
        let folder = try TemporaryFolder("check-config")
        let text =
            "[process]\nuser = \"\(TestSite.serverUser)\"\n[site]\nname = \"phr.example/check\"\n[tls]\ncertificate = \"tls/server.pem\"\nkey = \"tls/server.key\"\n"
        let file = try folder.write("phrd.toml", Array(text.utf8))
        let phrd = try Repository.program("phrd")
        // As root: the server's user has the folder, and root looks with his eyes.
        try await TestSite.handOver([folder.path])
        let before = try await phrd.run(["check-config", "--config", file])
        #expect(before.code == 78 && before.text.isEmpty, "\(before.report)")
        for problem in ["\(file):6: tls.certificate names", "\(file):7: tls.key names", "storage.data names", "run phrd init"] {
            #expect(before.complaint.contains(problem), "\(problem) in \(before.report)")
        }
        try await Program(Repository.path("scripts/make-certs")).succeed([folder.path("tls")])
        try await TestSite.handOver([folder.path])
        try await phrd.succeed(["init", "--config", file])
        let after = try await phrd.run(["check-config", "--config", file])
        #expect(after.code == 0 && after.text == "\(file): fine\n", "\(after.report)")
        try await Program("openssl").succeed(["genpkey", "-algorithm", "RSA", "-out", folder.path("tls/server.key")])
        try await TestSite.handOver([folder.path])
        let wrong = try await phrd.run(["check-config", "--config", file])
        #expect(wrong.code == 78 && wrong.complaint.contains("\(file):7: tls.key: ") && wrong.complaint.contains("does not belong"), "\(wrong.report)")
    }
}
