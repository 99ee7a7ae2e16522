/// What the operator is told of policies and documents.
import AttributeEncryption
import Exchange
import Foundation
import Ledger
import RecordStore
import Testing

extension SiteTests {
    @Suite struct AdministrationTests {
        @Test func showsThePoliciesBesideARunningServer() async throws {
            try await withSite { site in
                #expect(try Site.folderPolicies(site.configuration).isEmpty)
                _ = try await site.authority("alice")
                try await site.setPolicy("alice:friend or  alice:care-team")
                let facts = try Site.folderPolicies(site.configuration)
                #expect(facts.map(\.folder.path.text) == ["/inbox/alice"])
                #expect(facts.first?.policy == (try Policy(parsing: "alice:friend or alice:care-team").text))
                #expect(facts.first?.missingAuthorities == [])
                #expect(await Doctor.examine(site.configuration).contains { $0.level == .ok && $0.what.hasPrefix("folder policies: 1,") })
                try await site.setPolicy("", sequence: 1)
                #expect(try Site.folderPolicies(site.configuration).isEmpty)
            }
        }

        @Test func theDoctorNamesTheAuthorityThatIsMissing() async throws {
            let site = try await TestSite.start()
            _ = try await site.authority("stmary")
            try await site.setPolicy("stmary:doctor")
            await site.stop()
            try await site.execute("DELETE FROM authority_record")
            let findings = await Doctor.examine(site.configuration)
            #expect(findings.contains { $0.level == .error && $0.what.contains("/inbox/alice") && $0.what.contains("stmary") }, "\(findings)")
            site.remove()
        }

        @Test(arguments: [
            ("UPDATE authority_record SET record = zeroblob(900)", "authority's record in the catalogue is another one"),
            ("DELETE FROM authority_record", "has no record 0"),
            ("DELETE FROM issuance", "no such issuance"),
            ("UPDATE issuance SET leaf = leaf + 1", "issuance in the catalogue is another one"),
            ("UPDATE folder_policy SET salt = zeroblob(32)", "does not open the commitment"),
            ("DELETE FROM folder_policy", "has no policy 0"),
            ("UPDATE folder_policy SET sealed_document = zeroblob(200)", "does not open"),
            ("UPDATE emergency_use SET salt = zeroblob(32)", "does not open the commitment"),
            ("DELETE FROM emergency_use", "no such use of emergency access"),
            ("UPDATE key_bundle SET bundle = zeroblob(900)", "keys in the catalogue are other ones"),
        ])
        func theCheckNoticesAChangedDocument(sql: String, problem: String) async throws {
            let site = try await TestSite.start()
            let stmary = try await site.authority("stmary")
            _ = try await site.issue(stmary, to: "bob", ["doctor"])
            try await site.setPolicy("stmary:doctor")
            let alice = try site.person("alice")
            let half = [UInt8](repeating: 3, count: 32)
            let grant = try EmergencyGrant(owner: "alice", holder: "stmary", half: half, sequence: 0, created: 0, note: "", sign: alice.sign)
            try await site.store(half + grant.encoded(), at: "/.emergency/alice/stmary", as: "alice")
            let request = try EmergencyRequest(
                owner: "alice", holder: "stmary", reason: "test", time: UInt64(Date().timeIntervalSince1970), nonce: [UInt8](repeating: 1, count: 16),
                sign: try site.person("stmary").sign)
            try await site.store(request.encoded(), at: "/.emergency/alice/stmary/request", as: "stmary")
            await site.stop()
            #expect(try TestSite.problems(of: site.configuration) == [])
            try await site.execute(sql)
            let problems = try TestSite.problems(of: site.configuration)
            #expect(!problems.isEmpty && problems.allSatisfy { $0.contains(problem) }, "\(problems)")
            site.remove()
        }

        /// A site of the program before this one has no tables for sharing; they come when it is opened.
        @Test func aSiteOfAnOlderProgramIsBroughtUpToDate() async throws {
            var site = try await TestSite.start()
            await site.stop()
            for table in [
                "authority_record", "issuance", "folder_policy", "emergency_grant", "emergency_use", "charge", "usage", "digest", "stored_blob", "disk_usage",
            ] { try await site.execute("DROP TABLE \(table)") }
            for trigger in ["charge_of_node", "charge_of_partial", "charge_of_version", "charge_of_header", "blob_of_member", "blob_of_partial_member"] {
                try await site.execute("DROP TRIGGER \(trigger)")
            }
            try await site.execute("DELETE FROM catalogue_schema WHERE version > 1")
            #expect(try Site.folderPolicies(site.configuration).isEmpty)
            site = try await site.restarted()
            _ = try await site.authority("alice")
            try await site.setPolicy("alice:care-team")
            #expect(try Site.folderPolicies(site.configuration).count == 1)
            await site.stop()
            #expect(try TestSite.problems(of: site.configuration) == [])
            site.remove()
        }
    }
}
