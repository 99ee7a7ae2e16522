/// The audit log and the hooks with the real programs: `phrd serve`, `phrd hook-runner`, `phrd audit`.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite struct AuditTests {
        @Test func tellsOperatorsAndHooksWhatHappened() async throws {
            let hooks = try TemporaryFolder("hooks")
            let settings = [
                "hooks.socket=\(hooks.path("s"))", "hooks.command=/usr/bin/tee,-a,\(hooks.path("heard"))", "hooks.events=stored",
            ]
            let site = try TestSite(settings: settings)
            try await site.prepare()
            let runner = try Repository.program("phrd").start(["hook-runner", "--config", site.configuration] + settings.flatMap { ["--set", $0] })
            // The server's user, too, must reach the socket; operators run both as that user.
            for _ in 0..<500 where !hooks.exists("s") { try await Task.sleep(for: .milliseconds(20)) }
            try await TestSite.handOver([hooks.path])
            let server = try await site.start()
            let upload = try await Program("curl").run(
                [
                    "--silent", "--show-error", "--max-time", "30", "--ssl-reqd", "--cacert", site.authority, "--user", "stmary:password-of-stmary",
                    "-T", try hooks.write("source", Array("hello".utf8)), "ftp://\(server.explicit)/inbox/alice/x",
                ])
            // Alice has no keys yet, so that is refused; it must not reach the hook.
            #expect(upload.code != 0, "\(upload.report)")
            try await site.enroll("alice", at: server)
            let put = try await Program("curl").run(
                [
                    "--silent", "--show-error", "--max-time", "30", "--ssl-reqd", "--cacert", site.authority, "--user", "stmary:password-of-stmary",
                    "-T", hooks.path("source"), "ftp://\(server.explicit)/inbox/alice/x",
                ])
            #expect(put.code == 0, "\(put.report)")
            // Beside the running server, into the same chain.
            try await site.administer(["user", "disable", "mallory"])
            try await site.administer(["ban", "add", "203.0.113.0/24", "--account", "mallory", "--for", "7d", "--reason", "port \"scans\""])
            try await site.administer(["ban", "remove", "203.0.113.0/24", "--account", "mallory"])
            for _ in 0..<250 where ((try? hooks.read("heard")) ?? []).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            let heard = String(decoding: try hooks.read("heard"), as: UTF8.self)
            #expect(heard.split(separator: "\n").count == 1, "\(heard)")
            #expect(heard.contains("\"event\":\"stored\",\"outcome\":\"success\""))
            // What the server makes is its user's alone; the socket for hooks is its group's, too.
            let files = FileManager.default
            for name in try files.subpathsOfDirectory(atPath: site.dataPath) {
                let mode = try files.attributesOfItem(atPath: site.dataPath + "/" + name)[.posixPermissions] as? Int ?? 0
                #expect(mode & 0o077 == 0, "\(name) has mode \(String(mode, radix: 8))")
            }
            #expect(try files.attributesOfItem(atPath: hooks.path("s"))[.posixPermissions] as? Int == 0o660)
            #expect(await server.stop() == 0, "\(server.log.suffix(3000))")
            runner.signal(SIGTERM)
            let ended = try await runner.finish(limit: .seconds(10))
            #expect(ended.code == 0, "\(ended.report)")
            #expect(!hooks.exists("s"))

            let verified = try await site.administer(["audit", "verify"])
            #expect(verified.text.contains("behind 1 anchors in the ledger"), "\(verified.report)")
            let shown = try await site.administer(["audit", "show", "--account", "stmary"])
            #expect(shown.lines.allSatisfy { $0.contains("\"account\":\"stmary\"") })
            #expect(shown.text.contains("\"event\":\"login\""))
            let all = try await site.administer(["audit", "show"])
            #expect(all.text.contains("\"event\":\"account-disabled\",\"outcome\":\"success\""))
            #expect(all.text.contains("\"event\":\"folder-added\""))
            let ban = try #require(all.lines.first { $0.contains("\"event\":\"network-banned\"") })
            #expect(ban.contains("\"owner\":\"mallory\",\"path\":\"203.0.113.0/24\"") && ban.contains("\"reason\":\"until 20"), "\(ban)")
            #expect(ban.contains("port \\\"scans\\\""), "\(ban)")
            #expect(all.text.contains("\"event\":\"ban-lifted\""))
            #expect(!all.text.contains("password-of"))
            let forms = try await site.administer(["audit", "show", "--format", "fhir"])
            #expect(forms.lines.count == all.lines.count)
            let none = try await site.administer(["audit", "show", "--format", "atna", "--since", "2999-01-01T00:00:00.000Z"])
            #expect(none.text.isEmpty)
            let log = site.dataPath + "/audit.jsonl"
            let text = try String(contentsOfFile: log, encoding: .utf8)
            try text.replacing("account-disabled", with: "account-enabled").write(toFile: log, atomically: false, encoding: .utf8)
            let forged = try await Repository.program("phrd").run(["audit", "verify", "--config", site.configuration])
            #expect(forged.code == 1, "\(forged.report)")
            #expect(forged.complaint.contains("audit.jsonl:"), "\(forged.report)")
        }
    }
}
