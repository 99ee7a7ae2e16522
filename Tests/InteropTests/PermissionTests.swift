/// Permissions of writers and readers: set by the operator's command, held against every command of a client.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct PermissionTests {
        static let script = "permission_cases.py"
        static let names = ["add", "replace", "rename", "delete", "mkdir", "list", "read"]
        let here = try! Surroundings()

        /// Every permission alone, every pair, all but one, all; and what a reader may have.
        private static var folders: [(name: String, member: [String])] {
            var sets = names.map { [$0] } + [names] + names.map { name in names.filter { $0 != name } }
            for (index, first) in names.enumerated() { sets += names[(index + 1)...].map { [first, $0] } }
            return sets.map { ("w-" + $0.joined(separator: "."), ["--writer", "stmary:" + $0.joined(separator: ",")]) }
                + [["list"], ["read"], ["list", "read"]].map { ("r-" + $0.joined(separator: "."), ["--reader", "stmary:" + $0.joined(separator: ",")]) }
        }

        private func addFolders() async throws {
            guard !(try await list().contains { $0["path"] as? String == "/exchange/w-add" }) else { return }
            let phrd = try Repository.program("phrd")
            for folder in Self.folders {
                try await phrd.succeed(
                    ["folder", "add", "/exchange/\(folder.name)", "--owner", "bob", "--profile", "gateway", "--config", here.site.configuration] + folder.member
                )
            }
            try await here.site.handOver()
            try await Task.sleep(for: .seconds(2))
        }

        private func list() async throws -> [[String: Any]] {
            let output = try await here.site.administer(["folder", "list", "--json"])
            return try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput)) as? [[String: Any]])
        }

        @Test(arguments: Repository.cases(of: script)) func holds(name: String) async throws {
            try await addFolders()
            try await here.runCase(name, of: Self.script)
        }

        @Test static func findsTheCases() { #expect(Repository.cases(of: script).count == 7) }

        @Test func theOperatorChangesThem() async throws {
            let path = "/exchange/changing"
            try await here.site.administer(["folder", "add", path, "--owner", "bob", "--writer", "stmary", "--writer", "oldsys:add,list", "--reader", "labsys"])
            func row() async throws -> [String: Any] { try #require(try await list().first { $0["path"] as? String == path }) }
            let before = try await row()["permissions"] as? [String: [String]]
            #expect(before == ["stmary": Self.names, "oldsys": ["add", "list"], "labsys": ["list", "read"]])
            let source = try here.folder.write("source", sampleBytes(100))
            func upload() async throws -> ProgramOutput {
                try await Program("curl").run(
                    [
                        "-sS", "-v", "--ssl-reqd", "--cacert", here.site.authority, "-u", here.login("stmary"), "-T", source,
                        "ftp://\(here.server.explicit)\(path)/file",
                    ])
            }
            try await Task.sleep(for: .seconds(2))
            #expect(try await upload().code == 0)
            let set = try await here.site.administer(["folder", "set", path, "--writer", "stmary:add,list", "--reader", "oldsys:read", "--remove", "labsys"])
            #expect(set.text == "writers of \(path): stmary (add, list)  readers: oldsys (read)\n")
            let after = try await row()
            #expect(after["permissions"] as? [String: [String]] == ["stmary": ["add", "list"], "oldsys": ["read"]])
            #expect(after["writers"] as? [String] == ["stmary"] && after["readers"] as? [String] == ["oldsys"])
            #expect(try await here.site.administer(["folder", "list"]).text.contains("writers stmary (add, list)  readers oldsys (read)"))
            try await Task.sleep(for: .seconds(2))
            let refused = try await upload()
            #expect(refused.code != 0 && refused.complaint.contains("550 Permission denied: the name is taken"), "\(refused.report)")
        }

        @Test(
            arguments: [
                (["--writer", "stmary:write"], 64, "add, replace, rename, delete, mkdir, list, read"), (["--writer", "stmary:"], 64, "behind the colon"),
                (["--reader", "stmary:add"], 64, "list, read"), (["--writer", "stmary", "--remove", "stmary"], 64, "twice"), ([], 64, "--writer"),
                (["--writer", "nobody-here"], 69, "phrd user add"), (["--remove", "mallory"], 69, "phrd folder list"),
            ] as [([String], Int32, String)])
        func refusesWhatCannotBeMeant(_ arguments: [String], code: Int32, words: String) async throws {
            let output = try await Repository.program("phrd").run(["folder", "set", "/exchange/lab", "--config", here.site.configuration] + arguments)
            #expect(output.code == code && output.complaint.contains(words), "\(output.report)")
        }
    }
}
