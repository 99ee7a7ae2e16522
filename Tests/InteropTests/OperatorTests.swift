/// `phrd who` and `phrd kick` beside a running server that serves as another user, with curl as the client.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct OperatorTests {
        let here = try! Surroundings()

        /// Not through `administer`, which changes the owner of files afterwards.
        func phrd(_ arguments: [String]) async throws -> ProgramOutput {
            try await Repository.program("phrd").run(arguments + ["--config", here.site.configuration])
        }

        func sessions(_ output: ProgramOutput) throws -> [[String: Any]] {
            try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput)) as? [[String: Any]], "\(output.report)")
        }

        @Test func aRunningUploadIsShownAndCutOff() async throws {
            let large = try here.folder.write("large", sampleBytes(8_000_000))
            // A space of no width, which a terminal does not show. Control characters are no part of a name.
            let target = "ftp://\(here.server.explicit)/inbox/alice/slow%E2%80%8Bfdp"
            let upload = try Program("curl").start(
                [
                    "--silent", "--show-error", "--verbose", "--max-time", "60", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login("stmary"),
                    "--limit-rate", "200K", "-T", large, target,
                ])
            var seen: [String: Any]?
            for _ in 0..<300 {
                seen = try sessions(try await phrd(["who", "--json"])).first { $0["account"] as? String == "stmary" && ($0["bytes"] as? Int ?? 0) > 0 }
                if seen != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            let session = try #require(seen, "\(here.server.log.suffix(2000))")
            #expect(session["command"] as? String == "STOR" && session["path"] as? String == "/inbox/alice/slow\u{200B}fdp")
            #expect(session["security"] as? String == "explicit" && (session["tls"] as? String)?.hasPrefix("TLSv1.") == true)
            let table = try await phrd(["who"])
            #expect(table.code == 0 && table.text.contains("STOR /inbox/alice/slow\\u{200B}fdp ") && table.text.contains("1 session"), "\(table.report)")
            let json = try await phrd(["who", "--json"])
            for text in [table.text, json.text] { #expect(!text.unicodeScalars.contains("\u{200B}")) }
            let kicked = try await phrd(["kick", "--account", "stmary"])
            #expect(kicked.code == 0 && kicked.text.contains("1 session ended"), "\(kicked.report)")
            let end = try await upload.finish(limit: .seconds(20))
            // It ends at the broken data connection, without a look at the replies.
            #expect(end.code != 0 && !end.timedOut, "\(end.report)")
            #expect(try sessions(try await phrd(["who", "--json"])).isEmpty)
            let listing = try await Program("curl").run(
                ["-sS", "--ssl-reqd", "--cacert", here.site.authority, "-u", here.login("stmary"), "--list-only", "ftp://\(here.server.explicit)/inbox/alice/"])
            #expect(listing.code == 0 && !listing.text.contains("slow"), "\(listing.report)")
            #expect(here.server.log.contains("session ended by the operator"))
        }

        @Test func theClientHearsWhy() async throws {
            async let client: Void = here.runCase("hears_why_its_upload_was_cut_off", of: "operator_cases.py")
            var uploads: [String] = []
            for _ in 0..<300 where uploads.isEmpty {
                try await Task.sleep(for: .milliseconds(50))
                uploads = try sessions(try await phrd(["who", "--json"])).filter { $0["account"] as? String == "bob" && ($0["bytes"] as? Int ?? 0) > 0 }
                    .compactMap { $0["session"] as? String }
            }
            let kicked = try await phrd(["kick", try #require(uploads.first), "--json"])
            #expect(try sessions(kicked).map { $0["session"] as? String } == uploads, "\(kicked.report)")
            try await client
        }

        @Test func codesTellWhatHappened() async throws {
            let nobody = try await phrd(["kick", "--network", "192.0.2.0/24"])
            #expect(nobody.code == 1 && nobody.complaint.contains("phrd who"), "\(nobody.report)")
            for wrong in [["kick"], ["kick", "a", "--account", "b"], ["kick", "--network", "10.0.0.1/8"]] {
                #expect(try await phrd(wrong).code == 64)
            }
            let elsewhere = try await phrd(["who", "--set", "storage.data=\(here.folder.path)"])
            #expect(elsewhere.code == 69 && elsewhere.complaint.contains("no server runs on"), "\(elsewhere.report)")
            for command in ["who", "kick"] { #expect(try await phrd([command, "--help"]).text.contains("phrd \(command) --")) }
        }
    }
}
