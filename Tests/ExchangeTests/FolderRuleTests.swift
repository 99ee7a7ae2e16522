/// Names that a folder takes, and files that it keeps for a time.
import Authentication
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import RecordStore
import Testing

extension SiteTests {
    @Suite struct FolderRuleTests {
        private func rules(_ site: TestSite, _ path: String, _ body: (inout FolderRules) -> Void) throws {
            try Site.registry(site.configuration).folders.changeRules(of: FolderPath(path), body)
        }

        @Test func takesNamesByItsRulesAlone() async throws {
            try await withSite { site in
                try rules(site, "/inbox/alice") { rules in
                    rules.allowedNames = ["*.hl7", "*.tmp"]
                    rules.forbiddenNames = [".*"]
                    rules.maximumNameLength = 12
                }
                try await site.store([1], at: "/inbox/alice/oru.HL7", as: "stmary")
                for (name, words) in [("scan.pdf", "*.hl7, *.tmp only"), (".a.hl7", "names like .*"), ("123456789.hl7", "at most 12 bytes")] {
                    let refusal = await site.storingIsRefused([1], at: "/inbox/alice/\(name)", as: "stmary")
                    #expect(refusal.hasPrefix("553") && refusal.contains(words), "\(refusal)")
                }
                try await site.store([1], at: "/inbox/alice/a.tmp", as: "stmary")
                // Renaming is no way around.
                let refusal = await site.refusal {
                    try await site.session("stmary") {
                        try await $0.rename(VirtualPath(absolute: "/inbox/alice/a.tmp"), to: VirtualPath(absolute: "/inbox/alice/a.exe"))
                    }
                }
                #expect(refusal?.hasPrefix("553") == true, "\(refusal ?? "250")")
                try await site.session("stmary") {
                    try await $0.rename(VirtualPath(absolute: "/inbox/alice/a.tmp"), to: VirtualPath(absolute: "/inbox/alice/a.hl7"))
                }
                try await site.store([1], at: "/exchange/lab/scan.pdf", as: "stmary")
            }
        }

        @Test func erasesWhatAnExchangeFolderHasKeptLongEnough() async throws {
            // The end of a server with an audit log is an entry of its own.
            var site = try await TestSite.start { $0.audit.enabled = false }
            for path in ["/exchange/lab/old", "/exchange/lab/new", "/inbox/alice/sent"] { try await site.store([1, 2, 3], at: path, as: "stmary") }
            try rules(site, "/exchange/lab") { $0.retentionDays = 30 }
            try rules(site, "/inbox/alice") { $0.retentionDays = 30 }
            let (size, envelopes) = (try await site.ledgerSize(), site.storedEnvelopes().count)
            await site.stop()
            try await site.execute(
                "UPDATE version SET created = created - 31 * 86400000 WHERE record_id IN (SELECT record_id FROM record ORDER BY created LIMIT 1)")
            try await site.execute(
                "UPDATE version SET created = created - 31 * 86400000 WHERE record_id IN (SELECT record_id FROM record ORDER BY created DESC LIMIT 1)")
            site = try await site.restarted()
            for _ in 0..<250 where try await site.list("/inbox/alice", as: "stmary") != [] { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await site.list("/exchange/lab", as: "stmary") == ["new"])
            // The owner loses with it what belonged to the partner, and keeps what was sent to him.
            #expect(try await site.list("/inbox/alice", as: "stmary") == [])
            #expect(try await site.list("/records/alice", as: "alice") == ["new.phr", "sent.phr"])
            // One block with one tombstone.
            #expect(try await site.ledgerSize() == size + 2)
            #expect(site.storedEnvelopes().count == envelopes - 1)
            let usage = try Site.usage(site.configuration, ofAccounts: try Site.registry(site.configuration).accounts.list())
            #expect(usage?["stmary"].map { Usage(bytes: $0.bytes, files: $0.files) } == Usage(bytes: 3, files: 1))
            await site.stop()
            #expect(try TestSite.problems(of: site.configuration) == [])
            // Without its tombstone a missing record is a problem.
            try await site.execute("DELETE FROM version")
            #expect(try TestSite.problems(of: site.configuration).count == 2)
            site.remove()
        }
    }
}
