/// `phr rm`, `phr mv` and `phr mkdir` against the real server: what is removed, what stays, and that nothing dangerous happens unasked.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct NameTests {
        let here = try! Surroundings()

        func phr(_ person: String = "alice", _ arguments: String...) async throws -> ProgramOutput { try await here.site.phr(person, arguments) }

        func put(_ name: String, _ content: [UInt8], as person: String = "alice") async throws {
            let output = try await phr(person, "put", "--quiet", try here.folder.write("source", content), name)
            try #require(output.code == 0, "\(output.report)")
        }

        func expect(_ output: ProgramOutput, _ code: Int32, _ words: String...) {
            #expect(output.code == code, "\(output.report)")
            for word in words { #expect((output.text + output.complaint).contains(word), "\(output.report)") }
        }

        @Test func renamesAndChecksTheRecord() async throws {
            let content = sampleBytes(70_000, seed: 3)
            try await put("alice/mv/a.json", content)
            expect(try await phr("alice", "mkdir", "alice/mv/deep/er"), 80)
            expect(try await phr("alice", "mkdir", "--parents", "alice/mv/deep/er"), 0, "/records/alice/mv/deep/er made")
            expect(try await phr("alice", "mkdir", "alice/mv/deep"), 73, "--parents")
            expect(
                try await phr("alice", "mv", "alice/mv/a.json", "alice/mv/deep/b.json"), 0, "/records/alice/mv/a.json.phr -> /records/alice/mv/deep/b.json.phr")
            try await here.expectRecord("alice/mv/deep/b.json", equals: content)
            expect(try await phr("alice", "get", "--quiet", "alice/mv/a.json", here.folder.path("gone")), 80)
            // Into a folder, by its slash or because it is there; and a folder itself.
            let report = try await phr("alice", "mv", "--json", "alice/mv/deep/b.json", "alice/mv/deep/er/")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(report.standardOutput)) as? [String: Any], "\(report.report)")
            #expect(object["to"] as? String == "/records/alice/mv/deep/er/b.json.phr" && object["version"] as? Int == 1 && object["replaced"] as? Bool == false)
            expect(try await phr("alice", "mv", "alice/mv/deep/er", "alice/mv"), 0)
            try await here.expectRecord("alice/mv/er/b.json", equals: content)
        }

        @Test func replacesNothingUnasked() async throws {
            let (old, new) = (sampleBytes(1000, seed: 5), sampleBytes(2000, seed: 6))
            try await put("alice/over/kept.json", old)
            try await put("alice/over/new.json", new)
            expect(try await phr("alice", "mv", "alice/over/new.json", "alice/over/kept.json"), 73, "is there already", "--force")
            try await here.expectRecord("alice/over/kept.json", equals: old)
            try await here.expectRecord("alice/over/new.json", equals: new)
            expect(try await phr("alice", "mv", "--force", "alice/over/new.json", "alice/over/kept.json"), 0, "as its version 2")
            try await here.expectRecord("alice/over/kept.json", equals: new)
            expect(try await phr("alice", "mv", "alice/over/kept.json", "alice/over/kept.json"), 64)
            expect(try await phr("alice", "mv", "alice/over/kept.json", "/inbox/alice/x"), 64, "another owner's folder")
            expect(try await phr("alice", "mv", "alice/over/none", "alice/over/x"), 80)
        }

        @Test func removesOnlyWhatWasConfirmed() async throws {
            for name in ["a", "b", "c/d"] { try await put("alice/rm/\(name)", sampleBytes(100)) }
            expect(try await phr("alice", "rm", "alice/rm/a"), 64, "nothing was removed", "--yes")
            expect(try await phr("alice", "rm", "--yes", "alice/rm"), 64, "is a folder", "--recursive")
            expect(try await phr("alice", "rm", "--yes", "alice/rm/a", "alice/rm/none"), 80)
            expect(try await phr("alice", "rm", "--yes", "--recursive", "alice"), 64, "is fixed")
            #expect(try await phr("alice", "ls", "alice/rm").lines.count == 3)
            expect(
                try await onTerminal(answering: "n", "rm", "alice/rm/a"), 0, "Remove /records/alice/rm/a.phr for everybody, with all versions? [y/N]",
                "nothing was removed")
            #expect(try await phr("alice", "ls", "alice/rm").lines.count == 3)
            expect(try await onTerminal(answering: "y", "rm", "alice/rm/a"), 0, "/records/alice/rm/a.phr removed")
            expect(try await phr("alice", "get", "--quiet", "alice/rm/a", here.folder.path("gone")), 80)
            let removed = try await phr("alice", "rm", "--json", "--yes", "--recursive", "alice/rm")
            let rows = try #require(try JSONSerialization.jsonObject(with: Data(removed.standardOutput)) as? [[String: Any]], "\(removed.report)")
            #expect(rows.count == 1 && rows[0]["recordCount"] as? Int == 2 && rows[0]["isFolder"] as? Bool == true)
            expect(try await phr("alice", "ls", "alice/rm"), 80)
        }

        @Test func aSenderTakesHisNameAwayAndTheOwnerKeepsTheRecord() async throws {
            let content = sampleBytes(500, seed: 9)
            try await put("/inbox/alice/sent.json", content, as: "bob")
            expect(try await phr("bob", "mv", "/inbox/alice/sent.json", "/inbox/alice/better.json"), 0)
            let removed = try await phr("bob", "rm", "--yes", "/inbox/alice/better.json")
            expect(removed, 0, "removed")
            expect(try await phr("bob", "rm", "--yes", "/inbox/alice/better.json"), 80)
            try await here.expectRecord("alice/better.json", equals: content)
            // What others see of somebody's records is not theirs to change.
            expect(try await phr("alice", "share", "alice/better.json", "--to", "bob"), 0)
            expect(try await phr("bob", "rm", "--yes", "alice/better.json"), 79)
            expect(try await phr("bob", "mv", "alice/better.json", "alice/worse.json"), 79)
            expect(try await phr("mallory", "rm", "--yes", "alice/better.json"), 80)
            expect(try await phr("bob", "mkdir", "alice/mine"), 79)
            try await here.expectRecord("alice/better.json", equals: content)
        }

        /// Runs `phr` at a terminal of its own and answers its question.
        func onTerminal(answering answer: String, _ arguments: String...) async throws -> ProgramOutput {
            let script = """
                import os, pty, sys
                pid, fd = pty.fork()
                if pid == 0:
                    os.execv(sys.argv[2], sys.argv[2:])
                said = b""
                def read():
                    global said
                    try:
                        part = os.read(fd, 4096)
                    except OSError:
                        part = b""
                    said += part
                    return part
                while b"[y/N]" not in said and read():
                    pass
                os.write(fd, sys.argv[1].encode() + b"\\n")
                while read():
                    pass
                sys.stdout.write(said.decode())
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                """
            let environment = ["PHR_HOME": here.site.folder.path("home/alice"), "PHR_PASSPHRASE_FILE": here.site.folder.path("secrets/alice.passphrase")]
            return try await Program("python3", environment: environment).run(["-c", script, answer, try Repository.program("phr").path] + arguments)
        }
    }
}
