/// Policies with the real programs: two authorities, readers who satisfy them and readers who do not, over curl, phrd and phr.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    /// St Mary's and Alice are authorities. Bob is a cardiologist, Mallory in Alice's care team, labsys a nurse, oldsys holds nothing.
    @Suite(.site) struct PolicyTests {
        let here = try! Surroundings()

        private static let policy = "alice:care-team or (stmary:cardiology and stmary:doctor)"

        /// Runs `phr`, which must succeed.
        @discardableResult
        private func phr(_ person: String, _ arguments: [String]) async throws -> String {
            let output = try await here.site.phr(person, arguments, limit: .seconds(120))
            guard output.code == 0 else { throw ProgramError.failed(output) }
            return output.text
        }

        /// Makes the authorities and gives out their attributes, the first time.
        private func prepare() async throws {
            guard try await here.site.phr("alice", ["authority", "show", "stmary"]).code != 0 else { return }
            for person in ["stmary", "labsys", "oldsys"] { try await here.site.enroll(person, at: here.server) }
            for authority in ["stmary", "alice"] { try await phr(authority, ["authority", "init"]) }
            try await phr("stmary", ["issue", "bob", "doctor", "cardiology"])
            try await phr("stmary", ["issue", "labsys", "nurse", "cardiology"])
            try await phr("alice", ["issue", "mallory", "care-team"])
            for reader in ["bob", "labsys", "mallory"] { try await phr(reader, ["accept", "--mail"]) }
        }

        private func push(_ content: [UInt8], to path: String) async throws {
            try await Program("curl").succeed([
                "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login("stmary"), "-T",
                try here.folder.write("pushed-\(UInt64.random(in: 0 ... .max))", content), "ftp://\(here.server.explicit)\(path)",
            ])
        }

        private func get(_ person: String, _ remote: String) async throws -> ProgramOutput {
            try await here.site.phr(person, ["get", "--quiet", remote, here.folder.path("got-\(UInt64.random(in: 0 ... .max))")])
        }

        private func expectRefusal(_ person: String, _ remote: String, _ words: String, code: Int32 = 81) async throws {
            let output = try await get(person, remote)
            #expect(output.code == code && output.report.contains(words), "\(output.report)")
        }

        private func json(_ person: String, _ arguments: [String]) async throws -> Any {
            try JSONSerialization.jsonObject(with: Data(try await phr(person, arguments + ["--json"]).utf8))
        }

        @Test func whatClinicsPushOpensForWhoSatisfiesTheFoldersPolicy() async throws {
            try await prepare()
            #expect(try await phr("alice", ["policy", "set", "inbox", Self.policy]).contains(Self.policy))
            #expect(try await phr("stmary", ["policy", "show", "/inbox/alice"]).contains(Self.policy))
            let content = sampleBytes(150_000, seed: 31)
            try await push(content, to: "/inbox/alice/pushed.bin")
            for reader in ["alice", "bob", "mallory"] { try await here.expectRecord("alice/pushed.bin", equals: content, for: reader) }
            try await expectRefusal("labsys", "alice/pushed.bin", "needs ")
            try await expectRefusal("labsys", "alice/pushed.bin", "phr request ")
            try await expectRefusal("oldsys", "alice/pushed.bin", "not there", code: 80)
            #expect(try await phr("bob", ["ls", "alice"]).split(separator: "\n").contains { $0.hasSuffix("pushed.bin.phr  open") })
            #expect(try await phr("labsys", ["ls", "alice"]).split(separator: "\n").contains { $0.contains("pushed.bin.phr  needs ") })
            let info = try await phr("labsys", ["info", "alice/pushed.bin"])
            for words in [Self.policy, "anyone who holds the envelope can read this policy", "you need ", "do not open it", "quantum"] {
                #expect(info.contains(words), "\(info)")
            }
            try await phr("alice", ["policy", "set", "inbox", "--none"])
            try await push(content, to: "/inbox/alice/later.bin")
            try await expectRefusal("bob", "alice/later.bin", "not there", code: 80)
        }

        @Test func aRevokedReaderDoesNotOpenTheNextRecord() async throws {
            try await prepare()
            try await phr("stmary", ["issue", "oldsys", "porter"])
            try await phr("oldsys", ["accept", "--mail"])
            let content = sampleBytes(70_000, seed: 32)
            let source = try here.folder.write("before.bin", content)
            try await phr("alice", ["put", source, "alice/before.bin", "--policy", "stmary:porter"])
            try await here.expectRecord("alice/before.bin", equals: content, for: "oldsys")
            try await phr("stmary", ["authority", "revoke", "oldsys"])
            try await phr("alice", ["put", source, "alice/after.bin", "--policy", "stmary:porter"])
            let refused = try await get("oldsys", "alice/after.bin")
            #expect(refused.code == 81 && refused.report.contains("not revoked"), "\(refused.report)")
            // What was sealed before opens until its owner seals it anew.
            try await here.expectRecord("alice/before.bin", equals: content, for: "oldsys")
            try await phr("alice", ["unshare", "alice/before.bin", "--revoked"])
            #expect(try await get("oldsys", "alice/before.bin").code == 81)
            try await here.expectRecord("alice/before.bin", equals: content)
        }

        @Test func oneEncapsulationServesAllFilesOfACommand() async throws {
            try await prepare()
            let files = try ["one.bin", "two.bin", "three.bin"].enumerated().map { try here.folder.write($1, sampleBytes(1000 + $0, seed: 33)) }
            let put = try await here.site.phr("alice", ["put"] + files + ["alice/many/", "--policy", "stmary:doctor and valid now"])
            #expect(put.code == 0 && put.report.contains("quantum"), "\(put.report)")
            var identifiers: Set<String> = []
            for name in ["one", "two", "three"] {
                let info = try #require(try await json("bob", ["info", "alice/many/\(name).bin"]) as? [String: Any])
                let facts = try #require(info["facts"] as? [String: Any])
                #expect(facts["isPostQuantum"] as? Bool == false && facts["isOpenForMe"] as? Bool == true)
                let policies = try #require(facts["recipients"] as? [[String: Any]]).filter { $0["kind"] as? String == "policy" }
                identifiers.formUnion(policies.compactMap { $0["keyID"] as? String })
            }
            #expect(identifiers.count == 1)
            try await here.expectRecord("alice/many/two.bin", equals: sampleBytes(1001, seed: 33), for: "bob")
        }

        @Test func sharesAndUnsharesUnderAPolicy() async throws {
            try await prepare()
            let content = sampleBytes(90_000, seed: 34)
            try await phr("alice", ["put", try here.folder.write("shared.bin", content), "alice/policed.bin"])
            #expect(try await get("bob", "alice/policed.bin").code == 80)
            #expect(try await phr("alice", ["share", "alice/policed.bin", "--policy", "stmary:doctor"]).contains("whoever satisfies stmary:doctor"))
            try await here.expectRecord("alice/policed.bin", equals: content, for: "bob")
            try await phr("alice", ["share", "alice/policed.bin", "--to", "mallory"])
            try await here.expectRecord("alice/policed.bin", equals: content, for: "bob")
            let unshared = try await phr("alice", ["unshare", "alice/policed.bin", "--policy", "stmary:doctor"])
            #expect(unshared.contains("sealed anew under a new key"), "\(unshared)")
            #expect(try await get("bob", "alice/policed.bin").code == 80)
            try await here.expectRecord("alice/policed.bin", equals: content, for: "mallory")
        }

        @Test func twoWhoTogetherWouldHaveEnoughGetNothing() async throws {
            try await prepare()
            let content = sampleBytes(5000, seed: 35)
            try await phr("alice", ["put", try here.folder.write("both.bin", content), "alice/both.bin", "--policy", "alice:care-team and stmary:doctor"])
            try await expectRefusal("bob", "alice/both.bin", "needs alice:care-team")
            try await expectRefusal("mallory", "alice/both.bin", "needs stmary:doctor")
            // Bob's key in Mallory's hands: it is sealed for Bob, and names him.
            let key = here.folder.path("bob.key")
            try await phr("stmary", ["issue", "bob", "doctor", "cardiology", "--out", key])
            let stolen = try await here.site.phr("mallory", ["accept", key])
            #expect(stolen.code != 0, "\(stolen.report)")
            try await expectRefusal("mallory", "alice/both.bin", "needs stmary:doctor")
        }

        @Test func hiddenNamesStayHidden() async throws {
            try await prepare()
            try await phr("bob", ["authority", "init", "--hidden-names"])
            let content = sampleBytes(3000, seed: 36)
            let source = try here.folder.write("trial.bin", content)
            let refused = try await here.site.phr("alice", ["put", source, "alice/trial.bin", "--policy", "bob:arm-b"])
            #expect(refused.code == 78, "\(refused.report)")
            for holder in ["alice", "mallory"] {
                try await phr("bob", ["issue", holder, holder == "alice" ? "patient" : "arm-b"])
                try await phr(holder, ["accept", "--mail"])
            }
            try await phr("alice", ["put", source, "alice/trial.bin", "--policy", "bob:arm-b"])
            try await here.expectRecord("alice/trial.bin", equals: content, for: "mallory")
            let info = try await phr("alice", ["info", "alice/trial.bin"])
            #expect(info.contains("bob:~h") && info.contains("hidden") && !info.contains("arm-b"), "\(info)")
        }

        @Test func triesPoliciesAndShowsTheirErrors() async throws {
            try await prepare()
            let trial = try await phr("bob", ["policy", "test", Self.policy, "--as-me"])
            for words in ["opens for      alice:care-team", "trusts         alice alone", "costs ", "you            satisfy it"] {
                #expect(trial.contains(words), "\(trial)")
            }
            let bad = try await here.site.phr("bob", ["policy", "test", "--offline", "stmary:doctor and (alice:"])
            #expect(bad.code == 64 && bad.report.contains("column 26") && bad.report.contains("^"), "\(bad.report)")
            let unknown = try await here.site.phr("bob", ["policy", "test", "nowhere:doctor"])
            #expect(unknown.code == 80, "\(unknown.report)")
            let foreign = try await here.site.phr("bob", ["policy", "set", "/inbox/alice", "stmary:doctor"])
            #expect(foreign.code != 0, "\(foreign.report)")
        }
    }
}
