/// Attacks on the real server, by scripts: every function in them is a case. And the list of attacks in docs/security.md.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct DataAttackTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "attack_cases.py")) func attack(name: String) async throws {
            try await here.runCase(name, of: "attack_cases.py")
        }
    }

    @Suite(.site) struct StoreAttackTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "store_attack_cases.py")) func attack(name: String) async throws {
            try await here.runCase(name, of: "store_attack_cases.py")
        }

        @Test func noCommandTakesASecretAsAnArgument() async throws {
            let phrd = try Repository.program("phrd")
            let login = ["login", "ftps://alice@\(here.server.explicit)", "--password", "x"]
            for arguments in [login, ["init", "--passphrase", "x"], ["put", "--passphrase", "x", "a", "b"]] {
                let output = try await here.site.phr("alice", arguments)
                #expect(output.code == 64, "\(output.report)")
            }
            let output = try await phrd.run(["user", "add", "eve", "--role", "patient", "--password", "x", "--config", here.site.configuration])
            #expect(output.code == 64, "\(output.report)")
        }
    }

    @Test static func noNameForgesALineOfTheJSONLog() async throws {
        let site = try TestSite(settings: ["log.format=json"])
        try await site.prepare()
        let server = try await site.start()
        try await site.enroll("alice", at: server)
        let folder = try TemporaryFolder("json-log")
        let name = "seen\u{200B}\u{FEFF}\"}{\"forged\":\"line"
        let (file, curl) = (try folder.write("file", [1]), try Program("curl"))
        let login = ["-sS", "--ssl-reqd", "--cacert", site.authority, "-u", "stmary:\(TestSite.people.first { $0.name == "stmary" }!.password)"]
        let encoded = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let url = "ftp://\(server.explicit)/inbox/alice/\(encoded)"
        try await curl.succeed(login + ["-T", file, url])
        // The reason why a sender cannot read it holds the name.
        _ = try await curl.run(login + ["-o", folder.path("got"), url])
        // Before the end: the server's guard writes a line of its own.
        let lines = server.log.split(separator: "\n")
        #expect(await server.stop() == 0)
        #expect(lines.contains { $0.contains("u{200B}") && $0.contains("u{FEFF}") })
        for line in lines {
            #expect((try? JSONDecoder().decode([String: String].self, from: Data(line.utf8))) != nil, "\(line)")
            #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .format && $0.properties.generalCategory != .control }, "\(line)")
        }
    }

    @Test(arguments: [("attack_cases.py", 8), ("store_attack_cases.py", 8)])
    static func findsTheAttacks(script: String, atLeast count: Int) {
        #expect(Repository.cases(of: script).count >= count)
    }

    /// docs/security.md promises a test for each attack: `Suite.function`, `script.function`, or a whole `Suite`.
    @Test static func theDocumentNamesTestsThatExist() throws {
        let document = try String(contentsOfFile: Repository.path("docs/security.md"), encoding: .utf8)
        let chapter = try #require(document.components(separatedBy: "## Known attacks").dropFirst().first?.components(separatedBy: "\n## ").first)
        let rows = chapter.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        #expect(rows.count > 30)
        let paths = (FileManager.default.enumerator(atPath: Repository.path("Tests"))?.compactMap { $0 as? String } ?? []).filter { !$0.contains(".build/") }
        for row in rows {
            let cells = row.split(separator: "|")
            let names = (cells.last ?? "").split(separator: "`").filter { $0.contains(/^[A-Za-z_]+(\.[A-Za-z_]+)?$/) }
            #expect(cells.count == 3 && !names.isEmpty, "\(row)")
            for name in names {
                let parts = name.split(separator: ".")
                let files = paths.filter { $0.hasSuffix("/\(parts[0]).swift") || $0.hasSuffix("/\(parts[0]).py") }
                let texts = files.compactMap { try? String(contentsOfFile: Repository.path("Tests/\($0)"), encoding: .utf8) }
                let isThere = texts.contains { text in parts.count == 1 || text.contains("func \(parts[1])(") || text.contains("def \(parts[1])(site)") }
                #expect(isThere, "\(name)")
            }
        }
    }
}
