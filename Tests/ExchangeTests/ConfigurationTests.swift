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
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let (published, defaults) = (try sections(of: load(text)), try sections(of: load("")))
        #expect(published.keys == defaults.keys)
        // Every key of the program is explained in the file, with the value that it has without the file.
        for (section, value) in defaults {
            guard let keys = value as? [String: Any] else { continue }
            let chapter = try #require(text.components(separatedBy: "\n[\(section)]\n").dropFirst().first, "[\(section)]")
            let lines = chapter.components(separatedBy: "\n[")[0].split(separator: "\n")
            for (key, value) in keys {
                let other = try #require((published[section] as? [String: Any])?[key])
                #expect("\(other)" == "\(value)", "\(section).\(key)")
                #expect(lines.contains { $0.hasPrefix("\(key) = ") }, "\(section).\(key)")
            }
        }
        // Sections that may be repeated stand there as comments.
        let repeated: [(String, any Encodable)] = [("host", Configuration.Host()), ("listener", Configuration.Listener())]
        for (section, entry) in repeated {
            #expect(text.contains("\n# [[\(section)]]"))
            let keys = try JSONSerialization.jsonObject(with: JSONEncoder().encode(entry)) as? [String: Any]
            for key in try #require(keys).keys { #expect(text.contains("\n# \(key) = "), "\(section).\(key)") }
        }
        // Once the comment signs are gone they can be read, and what is no example is the default.
        let active = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.starts(with: /# (\[\[|[a-z_]+ = )/) ? $0.dropFirst(2) : $0 }
        let whole = try load(active.joined(separator: "\n"))
        #expect(whole.host.map(\.accounts) == [Configuration.Host().accounts] && whole.host.map(\.folder) == [Configuration.Host().folder])
        let listener = Configuration.Listener()
        #expect(whole.listener.map(\.implicit) == [listener.implicit] && whole.listener.map(\.data_binding) == [listener.data_binding])
    }

    private func sections(of configuration: Configuration) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration)) as? [String: Any])
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
        ("[listen]\nactive_networks = true\n", ":2: listen.active_networks must be a list"),
        ("[listen]\nactive_networks = [\"10.1.0.0/8\"]\n", ":2: listen.active_networks must hold networks"),
        ("[listen]\npublic_addresses = [\"10.0.0.0/8=here\"]\n", ":2: listen.public_addresses must hold entries"),
        ("[listen]\npublic_addresses = [\"::/0=::1\"]\n", ":2: listen.public_addresses must hold entries"),
        ("[compatibility]\naccept_unclean_upload_end = 1\n", ":2: compatibility.accept_unclean_upload_end must be true or false"),
        ("[proxy]\ncontrol = true\n", "proxy.trusted must name the load balancers"),
        ("[proxy]\ntrusted = [\"10.0.0\"]\n", ":2: proxy.trusted must hold networks"),
        ("[tls]\nclient_certificates = \"maybe\"\n", ":2: tls.client_certificates must be"),
        ("[tls]\nclient_certificates = \"required\"\n", "tls.client_ca must name the authority"),
        ("[[host]]\nnames = [\"a b\"]\n", ":2: host.names must hold host names"),
        ("[[host]]\nnames = [\"a.example\"]\nkey = \"k\"\n", "host.certificate must be a PEM file"),
        ("[[host]]\nnme = \"a\"\n", ":2: unknown key host.nme"),
        ("[host]\nnames = [\"a\"]\n", ":1: host must be sections: [[host]]"),
        ("[[listener]]\naddress = \"127.0.0.1:1\"\ndata_binding = \"none\"\n", ":3: listener.data_binding must be"),
        ("[limits]\nsessions = 0\n", ":2: limits.sessions must be from 1 to"),
        ("[listen]\nexplicit = [\"localhost\"]\n", ":2: listen.explicit must hold addresses"),
        ("[listen]\nexplicit = []\n", ":2: listen.explicit must hold an address"),
        ("[listen]\npassive_ports = \"9-3\"\n", ":2: listen.passive_ports must be a range"),
        ("[tls]\nminimum = \"1.1\"\n", ":2: tls.minimum must be"),
        ("[log]\nlevel = \"loud\"\n", ":2: log.level must be a level"),
        ("[site]\nname = \"two words\"\n", ":2: site.name must be a name"),
        ("[metrics]\nlisten = \"0.0.0.0:9121\"\n", ":2: metrics.listen must be a loopback address"),
        ("[metrics]\nlisten = \"[2001:db8::1]:9121\"\n", ":2: metrics.listen must be a loopback address"),
        ("[hooks]\ncommand = [\"logger\"]\n", ":2: hooks.command must begin with the absolute path"),
        ("[hooks]\ncommand = [\"/bin/true\"]\n", ": hooks.socket must be a path"),
        ("[hooks]\nsocket = \"/s\"\ntimeout_seconds = 0\n", ":3: hooks.timeout_seconds must be from 1"),
        ("[audit]\nanchor_minutes = 0\n", ":2: audit.anchor_minutes must be from 1"),
        ("[hooks]\nevents = [\"upload\"]\n", ":2: hooks.events must hold kinds of events"),
        ("[hooks]\nsocket = \"/s\"\n[audit]\nenabled = false\n", ":4: audit.enabled must be true for hooks"),
        ("[audit]\nfile_mib = 0\n", ":2: audit.file_mib must be from 1"),
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

    @Test func readsHostsAndListeners() throws {
        let configuration = try load(
            """
            [[host]]
            names = ["A.example", "b.example"]
            certificate = "a.pem"
            key = "/keys/a.key"
            accounts = ["stmary"]
            [[host]]
            names = ["c.example"]
            certificate = "c.pem"
            key = "c.key"
            folder = "/exchange/lab"
            [[listener]]
            address = "127.0.0.1:2199"
            data_binding = "session"
            """)
        #expect(configuration.host.map(\.names) == [["A.example", "b.example"], ["c.example"]])
        #expect(configuration.host[0].key == "/keys/a.key")
        #expect(configuration.host[0].certificate.hasPrefix("/") && configuration.host[0].certificate.hasSuffix("/a.pem"))
        #expect(configuration.host[1].folder == "/exchange/lab")
        #expect(configuration.listener[0].data_binding == "session" && !configuration.listener[0].implicit)
    }

    @Test(arguments: [
        ("passive_ports = \"50000-50009\"", "holds 10 ports"),
        ("explicit = [\"127.0.0.1:50005\"]\npassive_ports = \"50000-60000\"", "where the server listens"),
        ("public_addresses = [\"192.168.1.5\"]", "clients from outside are told it"),
        ("public_addresses = [\"10.0.0.0/8=203.0.113.7\", \"127.0.0.1\"]", "no other machine reaches 127.0.0.1"),
        ("public_addresses = [\"224.0.0.1\"]", "the address of no host"),
        ("active_networks = [\"0.0.0.0/0\"]", "every client"),
    ])
    func warnsOfWhatIsProbablyAMistake(_ line: String, _ expected: String) throws {
        let warnings = try load("[listen]\n\(line)\n").warnings
        #expect(warnings.count == 1 && warnings[0].contains(expected), "\(warnings)")
    }

    @Test func isSilentAboutWhatIsRight() throws {
        let addresses = "public_addresses = [\"10.0.0.0/8=10.1.2.3\", \"203.0.113.7\"]"
        #expect(try load("[listen]\npassive_ports = \"50000-54999\"\n\(addresses)\nactive_networks = [\"10.20.0.0/16\"]\n").warnings.isEmpty)
    }
}
