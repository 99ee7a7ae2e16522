/// Bans, quotas, limits and partner folders by the real programs: the operator's commands beside a running server, curl and ftplib as clients.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct LimitTests {
        let here = try! Surroundings()

        func curl(_ arguments: [String], user: String, password: String? = nil) async throws -> ProgramOutput {
            try await Program("curl").run(
                [
                    "--silent", "--show-error", "--verbose", "--fail", "--max-time", "30", "--ssl-reqd", "--cacert", here.site.authority, "--user",
                    "\(user):\(password ?? here.password(user))",
                ] + arguments)
        }

        func upload(_ source: String, _ path: String, user: String = "stmary") async throws -> ProgramOutput {
            try await curl(["-T", source, "ftp://\(here.server.explicit)\(path)"], user: user)
        }

        func json(_ arguments: [String]) async throws -> [[String: Any]] {
            let output = try await here.site.administer(arguments + ["--json"])
            return try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput)) as? [[String: Any]])
        }

        @Test func quotasHoldForCurl() async throws {
            let small = try here.folder.write("small", sampleBytes(60_000))
            let large = try here.folder.write("large", sampleBytes(3_000_000))
            try await here.site.administer(["user", "quota", "oldsys", "--bytes", "100K", "--files", "2"])
            #expect(try await upload(small, "/inbox/alice/q1", user: "oldsys").code == 0)
            let refused = try await upload(large, "/inbox/alice/q2", user: "oldsys")
            #expect(refused.code != 0 && refused.report.contains("552 Quota exceeded"), "\(refused.report)")
            // What ALLO announces is refused before a byte is sent.
            let target = "ftp://\(here.server.explicit)/inbox/alice/q3"
            let announced = try await curl(["--quote", "AVBL /inbox/alice", "--quote", "ALLO 50000", "-T", small, target], user: "oldsys")
            #expect(announced.code != 0 && announced.report.contains("213 42400"), "\(announced.report)")
            #expect(announced.report.contains("552 Quota exceeded") && !announced.report.contains("< 150"), "\(announced.report)")
            let told = try await curl(["--quote", "SITE QUOTA /inbox/alice", "--list-only", "ftp://\(here.server.explicit)/inbox/alice/"], user: "oldsys")
            #expect(told.report.contains("account oldsys: 60000 of 102400 bytes, 1 of 2 files"), "\(told.report)")
            let row = try #require(try await json(["user", "list"]).first { $0["name"] as? String == "oldsys" })
            #expect((row["limits"] as? [String: Any])?["quotaBytes"] as? Int == 102_400)
            #expect((row["used"] as? [String: Any])?["bytes"] as? Int == 60_000)
            try await here.site.administer(["user", "quota", "oldsys", "--bytes", "none", "--files", "none"])
            #expect(try await upload(large, "/inbox/alice/q2", user: "oldsys").code == 0)
        }

        @Test func rulesOfAFolderHoldForCurl() async throws {
            let source = try here.folder.write("ruled", sampleBytes(100))
            try await here.site.administer(["folder", "template", "stmary", "--owner", "alice", "--environment", "TEST,PROD", "--keep-days", "30"])
            let again = try await here.site.administer(["folder", "template", "stmary", "--owner", "alice", "--environment", "TEST,PROD"])
            #expect(again.lines.count == 8 && again.lines.allSatisfy { $0.hasSuffix("is there already") }, "\(again.report)")
            try await here.site.administer(["folder", "rules", "/exchange/stmary-test-inbound", "--allow", "*.hl7"])
            try await Task.sleep(for: .seconds(2))
            #expect(try await upload(source, "/exchange/stmary-test-inbound/a.hl7").code == 0)
            let named = try await upload(source, "/exchange/stmary-test-inbound/a.exe")
            #expect(named.code != 0 && named.report.contains("553 Name not allowed: this folder takes names like *.hl7 only"), "\(named.report)")
            // The partner reads outbound and does not write there; the owner does.
            #expect(try await upload(source, "/exchange/stmary-prod-outbound/b").code != 0)
            #expect(try await upload(source, "/exchange/stmary-prod-outbound/b", user: "alice").code == 0)
            let read = try await curl(["-o", here.folder.path("b"), "ftp://\(here.server.explicit)/exchange/stmary-prod-outbound/b"], user: "stmary")
            #expect(read.code == 0, "\(read.report)")
            #expect(try here.folder.read("b") == sampleBytes(100))
            #expect(try await upload(source, "/exchange/stmary-prod-inbound/c", user: "bob").code != 0)
            let row = try #require(try await json(["folder", "list"]).first { $0["path"] as? String == "/exchange/stmary-test-inbound" })
            #expect((row["rules"] as? [String: Any])?["retentionDays"] as? Int == 30)
        }

        /// The name that STOU makes is one that the folder takes.
        @Test func uniqueNamesKeepTheRulesOfTheFolder() async throws {
            try await here.site.administer(["folder", "add", "/exchange/unique", "--owner", "bob", "--profile", "gateway", "--writer", "stmary"])
            try await here.site.administer(["folder", "rules", "/exchange/unique", "--allow", "*.hl7", "--allow", "*.txt", "--name-length", "12"])
            try await Task.sleep(for: .seconds(2))
            let script = Repository.path("Tests/Scripts/unique_name_check.py")
            let output = try await Program("python3").run(
                [script, "stores", "--address", here.server.explicit, "--authority", here.site.authority, "--secrets", here.site.folder.path("secrets")])
            #expect(output.code == 0, "\(output.report)")
        }

        @Test func theOperatorBansAndLiftsBesideARunningServer() async throws {
            try await here.site.administer(["ban", "add", "127.0.0.1", "--account", "mallory", "--for", "1h", "--reason", "guesses"])
            try await here.site.administer(["ban", "add", "203.0.113.0/24"])
            let rows = try await json(["ban", "list"])
            #expect(Set(rows.compactMap { $0["network"] as? String }) == ["127.0.0.1", "203.0.113.0/24"])
            #expect(rows.contains { $0["account"] as? String == "mallory" && $0["reason"] as? String == "guesses" && $0["source"] as? String == "operator" })
            let list = "ftp://\(here.server.explicit)/"
            var banned = try await curl(["--list-only", list], user: "mallory")
            // A session that the ban ends in the middle may fail in other ways.
            for _ in 0..<20 where banned.code != 67 && !banned.report.contains("421") {
                try await Task.sleep(for: .milliseconds(250))
                banned = try await curl(["--list-only", list], user: "mallory")
            }
            #expect(banned.code == 67 || banned.report.contains("421"), "\(banned.report)")
            #expect(try await curl(["--list-only", list], user: "bob").code == 0)
            try await here.site.administer(["ban", "remove", "127.0.0.1", "--account", "mallory"])
            try await here.site.administer(["ban", "remove", "203.0.113.0/24"])
            let missing = try await Repository.program("phrd").run(["ban", "remove", "203.0.113.0/24", "--config", here.site.configuration])
            #expect(missing.code == 69 && missing.report.contains("phrd ban list"), "\(missing.report)")
            for _ in 0..<20 where try await curl(["--list-only", list], user: "mallory").code != 0 { try await Task.sleep(for: .milliseconds(250)) }
            #expect(try await curl(["--list-only", list], user: "mallory").code == 0)
        }

        @Test(arguments: [
            ["ban", "add", "203.0.113.1/24"], ["ban", "add", "host"], ["ban", "add", "203.0.113.1", "--for", "soon"], ["user", "quota", "alice"],
            ["user", "quota", "alice", "--bytes", "-1"], ["user", "quota", "alice", "--bytes", "99999999999999T"],
            ["user", "limit", "alice", "--sessions", "0"],
            ["user", "limit", "alice", "--hours", "always"], ["user", "limit", "alice", "--hours", "mon 07:00-08:00", "--time-zone", "Mars/Olympus"],
            ["user", "limit", "alice", "--network", "10.0.0.1/8"], ["folder", "rules", "/inbox/alice"],
            ["folder", "rules", "/inbox/alice", "--name-length", "0"],
        ])
        func nonsenseIsAMistakeOfUse(arguments: [String]) async throws {
            let output = try await Repository.program("phrd").run(arguments + ["--config", here.site.configuration])
            #expect(output.code == 64, "\(output.report)")
        }
    }
}
