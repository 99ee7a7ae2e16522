/// Client certificates and hosts with the real server: Python's TLS, curl, openssl, and `phrd cert`.
import Foundation
import ProgramFixtures
import Testing

/// A site that has a host, an authority of clients, and accounts with certificates.
struct CertifiedSite: SuiteTrait, TestScoping {
    @concurrent func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        let site = try TestSite(settings: ["tls.client_certificates=optional"])
        try await site.prepare()
        let folder = site.folder.path("tls")
        for (file, subject, names, authority) in [
            ("lab", "/CN=lab.example", "DNS:lab.example", true), ("stmary", "/O=St Mary, Ltd/OU=radiology/OU=night/CN=stmary", "email:it@stmary.example", true),
            ("stmary-renewed", "/O=St Mary, Ltd/OU=radiology/OU=night/CN=stmary", "email:it@stmary.example", true),
            ("bob", "/CN=bob", "email:bob@example.org", true),
            ("oldsys", "/CN=oldsys", "DNS:oldsys.example", true), ("oldsys-renewed", "/CN=oldsys", "DNS:oldsys.example", true),
            ("stranger", "/CN=stmary", "email:it@stmary.example", false),
        ] {
            try await Program("openssl").succeed(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(folder)/\(file).key", "-out",
                    "\(folder)/\(file).pem", "-days", "30", "-subj", subject, "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=CA:FALSE",
                ] + (authority ? ["-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key"] : []))
        }
        try site.add(
            """
            [[host]]
            names = ["lab.example"]
            certificate = "tls/lab.pem"
            key = "tls/lab.key"
            accounts = ["labsys"]
            folder = "/exchange/lab"
            """)
        for arguments in [
            ["add", "stmary", "\(folder)/stmary.pem"], ["add", "bob", "\(folder)/bob.pem"], ["use", "bob", "with-password"],
            ["add", "oldsys", "\(folder)/oldsys.pem", "--by", "subject"],
        ] { try await site.administer(["user", "certificate"] + arguments) }
        let server = try await site.start()
        try await site.enroll("alice", at: server)
        try await SiteTrait.$current.withValue(SiteTrait.Running(site: site, server: server)) { try await function() }
        let code = await server.stop()
        #expect(code == 0, "phrd did not end well:\n\(server.log.suffix(4000))")
    }
}

extension SuiteTrait where Self == CertifiedSite {
    static var certifiedSite: Self { CertifiedSite() }
}

extension InteropTests {
    @Suite(.certifiedSite) struct ConnectionTests {
        let here = try! Surroundings()

        private func tls(_ name: String) -> String { here.site.folder.path("tls/\(name)") }

        @Test(arguments: Repository.cases(of: "connection_cases.py")) func python(name: String) async throws {
            try await here.runCase(name, of: "connection_cases.py")
        }

        @Test(arguments: ["--tlsv1.3", "--tls-max"]) func curlLogsInByCertificate(version: String) async throws {
            let file = try here.folder.write("curl.bin", sampleBytes(20_000))
            let versions = [version] + (version == "--tls-max" ? ["1.2"] : [])
            let output = try await Program("curl").run(
                versions + [
                    "-sS", "--ssl-reqd", "--cacert", here.site.authority, "--cert", tls("stmary.pem"), "--key", tls("stmary.key"), "-u", "stmary:", "-T", file,
                    "ftp://\(here.server.explicit)/inbox/alice/curl-certificate.bin", "-T", file,
                    "ftp://\(here.server.explicit)/inbox/alice/curl-certificate-2.bin",
                ])
            #expect(output.code == 0, "\(output.report)")
        }

        @Test func phrShowsItsCertificate() async throws {
            let site = here.site
            let login = ["login", "ftps://bob@\(here.server.explicit)", "--ca", site.authority, "--password-file", site.folder.path("secrets/bob.password")]
            var output = try await site.phr("bob", ["init"])
            #expect(output.code == 0, "\(output.report)")
            // Without it, bob's password is not enough.
            output = try await site.phr("bob", login)
            #expect(output.code == 79, "\(output.report)")
            output = try await site.phr("bob", login + ["--certificate", tls("bob.pem"), "--key", tls("bob.key")])
            #expect(output.code == 0, "\(output.report)")
            let file = try here.folder.write("from-bob.bin", sampleBytes(5000))
            output = try await site.phr("bob", ["put", "--quiet", file, "/records/bob/from-bob.bin"])
            #expect(output.code == 0, "\(output.report)")
        }

        @Test func aRevokedCertificateIsOfNoUse() async throws {
            let (list, database) = (here.folder.path("crl.pem"), try here.folder.write("index", []))
            try here.folder.write("crlnumber", Array("01\n".utf8))
            let settings = try here.folder.write(
                "ca.cnf",
                Array(
                    """
                    [ca]
                    default_ca = here
                    [here]
                    database = \(database)
                    crlnumber = \(here.folder.path("crlnumber"))
                    default_md = sha256
                    default_crl_days = 1

                    """.utf8))
            let ca = ["ca", "-config", settings, "-cert", here.site.authority, "-keyfile", tls("ca.key")]
            try await Program("openssl").succeed(ca + ["-revoke", tls("stmary.pem")])
            try await Program("openssl").succeed(ca + ["-gencrl", "-out", list])
            try await TestSite.handOver([here.folder.path, list], isDeep: false)
            // A second site, because this one is for the others: the same authority, with its list.
            let site = try TestSite(settings: ["tls.client_certificates=optional", "tls.client_ca=\(here.site.authority)", "tls.client_crl=\(list)"])
            try await site.prepare()
            for name in ["stmary", "bob"] { try await site.administer(["user", "certificate", "add", name, tls("\(name).pem")]) }
            let server = try await site.start()
            for (name, expected) in [("bob", true), ("stmary", false)] {
                let output = try await Program("curl").run([
                    "-sS", "--ssl-reqd", "--cacert", site.authority, "--cert", tls("\(name).pem"), "--key", tls("\(name).key"), "-u", "\(name):",
                    "ftp://\(server.explicit)/",
                ])
                #expect((output.code == 0) == expected, "\(output.report)")
            }
            #expect(server.log.contains("certificate revoked"), "\(server.log.suffix(2000))")
            let code = await server.stop()
            #expect(code == 0)
        }

        @Test func curlFindsAHostByItsName() async throws {
            let output = try await Program("curl").run([
                "-sS", "--ssl-reqd", "--cacert", here.site.authority, "--resolve", "lab.example:\(here.server.port):127.0.0.1", "-u", here.login("labsys"),
                "ftp://lab.example:\(here.server.port)/",
            ])
            #expect(output.code == 0, "\(output.report)")
        }

        @Test func thePrintedPinIsTheOneThatCurlWants() async throws {
            struct Report: Decodable {
                let use: String
                let sha256: String
                let publicKeyPin: String
                let names: [String]
                let warning: String?
            }
            let json = try await here.site.administer(["cert", "show", "--json"])
            let reports = try JSONDecoder().decode([Report].self, from: Data(json.standardOutput))
            #expect(reports.map(\.use) == ["server", "lab.example"] && reports[1].names == ["DNS:lab.example"] && reports.allSatisfy { $0.warning == nil })
            for (pin, expected) in [(reports[0].publicKeyPin, 0), (reports[1].publicKeyPin, 90)] as [(String, Int32)] {
                let output = try await Program("curl").run([
                    "-sS", "--ssl-reqd", "--cacert", here.site.authority, "--pinnedpubkey", pin, "-u", here.login("stmary"), "ftp://\(here.server.explicit)/",
                ])
                #expect(output.code == expected, "\(output.report)")
            }
            let fingerprint = try await Program("openssl").succeed(["x509", "-in", tls("lab.pem"), "-noout", "-fingerprint", "-sha256"]).text
            let printed = try await here.site.administer(["cert", "fingerprint"]).lines
            let expected = "=\(printed[1].split(separator: " ")[0])"
            #expect(fingerprint.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix(expected), "\(printed) \(fingerprint)")
        }

        @Test func certWarnsBeforeAndAfterTheEnd() async throws {
            let (soon, past) = (here.folder.path("soon"), here.folder.path("past"))
            try await Program("openssl").succeed([
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", soon + ".key", "-out", soon + ".pem", "-days", "5",
                "-subj", "/CN=soon", "-addext", "subjectAltName=DNS:soon.example",
            ])
            try await Program("openssl").succeed(["req", "-new", "-key", soon + ".key", "-subj", "/CN=past", "-out", past + ".csr"])
            // openssl x509 of this age cannot set a start: it makes a certificate whose end lies before its beginning.
            try await Program("openssl").succeed(["x509", "-req", "-in", past + ".csr", "-signkey", soon + ".key", "-days", "-1", "-out", past + ".pem"])
            let phrd = try Repository.program("phrd")
            for (file, code, word) in [(soon, 0, "expires in"), (past, 1, "has expired")] as [(String, Int32, String)] {
                let output = try await phrd.run(["cert", "show", "--config", here.site.configuration, "--set", "tls.certificate=\(file).pem"])
                #expect(output.code == code && output.complaint.contains(word), "\(output.report)")
            }
        }

        @Test func certificatesAreRegisteredListedAndRemoved() async throws {
            let path = tls("bob.pem")
            let fingerprint = try await Program("openssl").succeed(["x509", "-in", path, "-noout", "-fingerprint", "-sha256"]).text
                .split(separator: "=")[1].filter(\.isHexDigit).lowercased()
            for by in ["fingerprint", "subject", "name"] { try await here.site.administer(["user", "certificate", "add", "mallory", path, "--by", by]) }
            let listed = try await here.site.administer(["user", "certificate", "list", "mallory"]).lines
            #expect(listed == ["fingerprint \(fingerprint)", "name email:bob@example.org", "subject CN=bob", "use: alone"])
            try await here.site.administer(["user", "certificate", "remove", "mallory", "--mark", "CN=bob"])
            try await here.site.administer(["user", "certificate", "remove", "mallory", path])
            #expect(try await here.site.administer(["user", "certificate", "list", "mallory"]).lines == ["use: alone"])
            let phrd = try Repository.program("phrd")
            for arguments in [["remove", "mallory", path], ["add", "nobody", path], ["add", "mallory", here.site.configuration]] {
                let output = try await phrd.run(["user", "certificate"] + arguments + ["--config", here.site.configuration])
                #expect(output.code == 69, "\(output.report)")
            }
        }
    }

    @Suite(.site) struct ReloadTests {
        let here = try! Surroundings()

        @Test func newCertificatesComeWithoutAnEndOfSessions() async throws {
            let (ready, done) = (here.folder.path("ready"), here.folder.path("done"))
            let clients = try Program("python3").start([
                Repository.path("Tests/Scripts/reload_check.py"), here.server.explicit, here.site.authority, here.password("stmary"), ready, done,
            ])
            while !here.folder.exists("ready"), clients.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            try await Program(Repository.path("scripts/make-certs")).succeed([here.site.folder.path("tls")])
            try await here.site.handOver()
            here.server.signal(SIGHUP)
            let limit = ContinuousClock.now + .seconds(10)
            while !here.server.log.contains("certificates reloaded"), .now < limit { try await Task.sleep(for: .milliseconds(20)) }
            try here.folder.write("done", [])
            let output = try await clients.finish(limit: .seconds(30))
            #expect(output.code == 0, "\(output.report)\n\(here.server.log.suffix(2000))")
        }
    }
}
