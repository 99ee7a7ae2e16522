/// Attribute keys from hand to hand with the real programs: asked for, issued, taken, narrowed, delegated, and used in an emergency.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    /// St Mary's is the authority; bob, mallory and oldsys ask it for attributes.
    @Suite(.site) struct AuthorityTests {
        let here = try! Surroundings()

        /// Runs `phr`, which must succeed.
        @discardableResult
        private func phr(_ person: String, _ arguments: String...) async throws -> String {
            let output = try await here.site.phr(person, arguments, limit: .seconds(120))
            guard output.code == 0 else { throw ProgramError.failed(output) }
            return output.text
        }

        /// Runs `phr`, which must end with this code and say these words.
        private func expect(
            _ code: Int32, _ words: String..., of person: String, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let output = try await here.site.phr(person, arguments, limit: .seconds(120))
            #expect(output.code == code && words.allSatisfy(output.report.contains), "\(output.code): \(output.report)", sourceLocation: sourceLocation)
        }

        /// The keys that somebody holds, as `phr attributes` lists them.
        private func held(_ person: String) async throws -> [[String: Any]] {
            try #require(try JSONSerialization.jsonObject(with: Data(try await phr(person, "attributes", "--json").utf8)) as? [[String: Any]])
        }

        private func prepare() async throws {
            guard try await here.site.phr("alice", ["authority", "show", "stmary"]).code != 0 else { return }
            for person in ["stmary", "oldsys"] { try await here.site.enroll(person, at: here.server) }
            try await phr("stmary", "authority", "init")
        }

        @Test func aRequestTravelsAsAFile() async throws {
            try await prepare()
            let (request, key) = (here.folder.path("bob.request"), here.folder.path("bob.key"))
            try await phr("bob", "request", "stmary", "analyst", "clearance=4", "--file", request)
            try await phr("stmary", "issue", "--file", request, "--out", key)
            try await phr("bob", "accept", key)
            let mine = try await held("bob")
            #expect(mine.contains { ($0["attributes"] as? [String]) == ["analyst", "clearance=4"] && $0["state"] as? String == "current" }, "\(mine)")
            #expect(try await phr("bob", "accept", key).contains("known already"))
            // It is bound to bob, and so is the request.
            try await expect(77, of: "mallory", "accept", key)
            #expect(try await held("mallory").isEmpty)
            // Granted once, and not changed on the way.
            try await expect(79, of: "stmary", "issue", "--file", request, "--out", here.folder.path("again.key"))
            for (index, position) in [40, 400, 700].enumerated() {
                var bytes = try here.folder.read("bob.request")
                bytes[min(position, bytes.count - 1)] ^= 1
                let forged = try here.folder.write("forged-\(index)", bytes)
                try await expect(65, of: "stmary", "issue", "--file", forged, "--out", here.folder.path("forged.key"))
                var damaged = try here.folder.read("bob.key")
                damaged[min(position, damaged.count - 1)] ^= 1
                try await expect(65, of: "bob", "accept", try here.folder.write("damaged-\(index)", damaged))
            }
            #expect(!here.folder.exists("forged.key") && !here.folder.exists("again.key"))
        }

        @Test func aRequestTravelsByMail() async throws {
            try await prepare()
            try await phr("mallory", "request", "stmary", "visitor")
            try await phr("stmary", "issue", "--mail", "--yes")
            #expect(try await phr("mallory", "accept", "--mail").contains("You have visitor of stmary"))
            #expect(try await phr("mallory", "accept", "--mail").contains("Nothing to accept"))
            try await phr("mallory", "request", "stmary", "director")
            try await phr("stmary", "issue", "--mail", "--decline", "mallory")
            #expect(try await phr("mallory", "accept", "--mail").contains("Nothing to accept"))
        }

        /// Keys of one epoch add up, so nothing is taken away by a smaller key: only a new epoch does that.
        @Test func nobodyGetsAKeyWithLessThanHisElderOnes() async throws {
            try await prepare()
            try await here.site.enroll("labsys", at: here.server)
            try await phr("stmary", "issue", "labsys", "surgeon", "clerk")
            try await phr("labsys", "accept", "--mail")
            try await expect(79, "surgeon", of: "stmary", "issue", "labsys", "clerk", "--only")
            try await phr("stmary", "authority", "revoke", "labsys")
            try await expect(79, "phr authority rotate", of: "stmary", "issue", "labsys", "clerk")
            try await phr("stmary", "authority", "rotate", "--reason", "labsys is no surgeon any more")
            try await phr("stmary", "issue", "labsys", "clerk")
            try await phr("labsys", "accept", "--mail")
            let file = try here.folder.write("note.txt", Array("seen".utf8))
            try await phr("alice", "put", file, "alice/clerks.txt", "--policy", "stmary:clerk")
            try await phr("alice", "put", file, "alice/surgeons.txt", "--policy", "stmary:surgeon and stmary:clerk")
            try await here.expectRecord("alice/clerks.txt", equals: Array("seen".utf8), for: "labsys")
            #expect(try await here.site.phr("labsys", ["get", "alice/surgeons.txt", here.folder.path("surgeons")]).code == 81)
            #expect(try await held("labsys").contains { $0["state"] as? String == "old epoch" })
        }

        @Test func anIssuerActsForTheAuthorityUntilRemoved() async throws {
            try await prepare()
            try await phr("stmary", "authority", "issuer", "add", "mallory")
            try await phr("mallory", "accept", "--mail")
            try await phr("mallory", "issue", "oldsys", "porter", "--authority", "stmary")
            #expect(try await phr("oldsys", "accept", "--mail").contains("You have porter of stmary"))
            #expect(try await held("oldsys").contains { $0["issuer"] as? String == "mallory" })
            try await expect(79, of: "mallory", "authority", "revoke", "oldsys", "--authority", "stmary")
            try await phr("stmary", "authority", "issuer", "remove", "mallory")
            try await expect(79, of: "mallory", "issue", "oldsys", "director", "--authority", "stmary")
        }

        /// The ledger has the use and Alice is told before the key is released; without a grant nothing is.
        @Test func anEmergencyLeavesItsTraceFirst() async throws {
            try await prepare()
            let content = Array("penicillin".utf8)
            try await phr("alice", "authority", "init")
            try await phr("alice", "put", try here.folder.write("allergies.txt", content), "alice/allergies.txt", "--policy", "alice:emergency")
            let target = here.folder.path("emergency.txt")
            try await expect(80, of: "stmary", "breakglass", "alice/allergies.txt", "--reason", "trauma room 2", "-o", target)
            try await phr("alice", "breakglass", "setup", "stmary")
            try await phr("stmary", "accept", "--mail")
            #expect(try await here.site.phr("stmary", ["get", "alice/allergies.txt", target]).code == 81)
            try await expect(64, of: "stmary", "breakglass", "alice/allergies.txt", "-o", target)
            #expect(!here.folder.exists("emergency.txt"))
            #expect(try await !phr("alice", "breakglass", "list").contains("trauma room 2"))
            try await phr("stmary", "breakglass", "alice/allergies.txt", "--reason", "trauma room 2", "-o", target)
            #expect(try here.folder.read("emergency.txt") == content)
            #expect(try await phr("alice", "breakglass", "list").contains("trauma room 2"))
        }
    }
}
