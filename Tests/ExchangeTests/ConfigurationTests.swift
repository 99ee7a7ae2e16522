import Exchange
import Foundation
import Testing

@Suite struct ConfigurationTests {
    private func load(_ text: String, environment: [String: String] = [:], overrides: [String] = []) throws -> Configuration {
        let path = NSTemporaryDirectory() + "phrd-\(UUID().uuidString).toml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ConfigurationFile.load(path: path, environment: environment, overrides: overrides)
    }

    private func problem(_ text: String, environment: [String: String] = [:], overrides: [String] = []) -> String {
        do {
            _ = try load(text, environment: environment, overrides: overrides)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func publishedFileIsTheDefaults() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../conf/phrd.toml").standardizedFileURL.path
        let published = try ConfigurationFile.load(path: path)
        let defaults = try load("")
        #expect(published.limits.sessions == defaults.limits.sessions)
        #expect(published.listen.explicit == defaults.listen.explicit)
        #expect(published.site.name == defaults.site.name)
        // Every key of the program is explained in the file.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(published)) as? [String: [String: Any]]
        for (section, keys) in try #require(encoded) {
            #expect(text.contains("[\(section)]"))
            for key in keys.keys { #expect(text.contains("\n\(key) = "), "\(section).\(key)") }
        }
    }

    @Test func laterWordsWin() throws {
        let text = "[listen]\nexplicit = [\"127.0.0.1:1\"]\n[limits]\nsessions = 5\n"
        #expect(try load(text).limits.sessions == 5)
        #expect(try load(text, environment: ["PHRD_LIMITS_SESSIONS": "6"]).limits.sessions == 6)
        #expect(try load(text, environment: ["PHRD_LIMITS_SESSIONS": "6"], overrides: ["limits.sessions=7"]).limits.sessions == 7)
        #expect(try load(text, overrides: ["listen.explicit=127.0.0.1:2,[::1]:3"]).listen.explicit == ["127.0.0.1:2", "[::1]:3"])
    }

    @Test(arguments: [
        ("[limits]\nsesions = 5\n", ":2: unknown key limits.sesions"),
        ("[limitz]\nsessions = 5\n", ":1: unknown section [limitz]"),
        ("[limits]\nsessions = \"five\"\n", ":2: limits.sessions must be an integer"),
        ("[listen]\nactive_mode = 1\n", ":2: listen.active_mode must be true or false"),
        ("[limits]\nsessions = 0\n", ":2: limits.sessions must be from 1 to"),
        ("[listen]\nexplicit = [\"localhost\"]\n", ":2: listen.explicit must hold addresses"),
        ("[listen]\nexplicit = []\n", ":2: listen.explicit must hold an address"),
        ("[listen]\npassive_ports = \"9-3\"\n", ":2: listen.passive_ports must be a range"),
        ("[tls]\nminimum = \"1.1\"\n", ":2: tls.minimum must be"),
        ("[log]\nlevel = \"loud\"\n", ":2: log.level must be a level"),
        ("[site]\nname = \"two words\"\n", ":2: site.name must be a name"),
        ("[site\n", ":1:"),
        ("[site]\nname = \"a\"\nname = \"b\"\n", ":3:"),
    ])
    func saysWhereAndWhy(_ text: String, _ expected: String) {
        #expect(problem(text).contains(expected), "\(problem(text))")
    }

    @Test func unknownOverridesAreRefused() {
        #expect(problem("", environment: ["PHRD_LIMITS_NOTHING": "1"]).contains("PHRD_LIMITS_NOTHING: unknown key"))
        #expect(problem("", overrides: ["limits.nothing=1"]).contains("--set limits.nothing=1: unknown key"))
        #expect(problem("", overrides: ["limits.sessions"]).contains("must be section.key=value"))
        #expect(problem("", overrides: ["limits.sessions=many"]).contains("must be an integer"))
    }

    @Test func missingFileIsNamed() {
        #expect(throws: ConfigurationError.self) { try ConfigurationFile.load(path: "/nonexistent/phrd.toml") }
    }
}
