/// What the configuration names and is not there, or does not fit: said all at once, each under its key.
import Exchange
import Foundation
import ProgramFixtures
import Testing

extension SiteTests {
    @Suite struct ConfigurationFilesTests {
        @Test func aSiteAsItShouldBeIsFine() async throws {
            try await withSite { site in
                #expect(site.configuration.fileProblems == [])
            }
        }

        @Test func saysEverythingThatIsMissing() async throws {
            let folder = try TemporaryFolder("nothing")
            var configuration = Configuration()
            configuration.storage.data = folder.path("data")
            configuration.storage.keys = folder.path("keys")
            configuration.tls.certificate = folder.path("server.pem")
            configuration.tls.key = folder.path("server.key")
            configuration.tls.client_ca = folder.path("ca.pem")
            var host = Configuration.Host()
            host.names = ["a.example"]
            host.certificate = try folder.write("host.pem", Array("no certificate".utf8))
            host.key = folder.path("host.key")
            configuration.host = [host]
            let problems = configuration.fileProblems
            let begins = [
                "tls.certificate names \(folder.path("server.pem")), which is not there", "tls.key names", "host.certificate: TLS: ", "host.key names",
                "tls.client_ca names",
                "storage.data names \(folder.path("data")), which holds no site",
            ]
            #expect(problems.count == begins.count, "\(problems)")
            for begin in begins { #expect(problems.contains { $0.hasPrefix(begin) }, "\(begin) in \(problems)") }
            #expect(problems.contains { $0.contains("run phrd init") })
        }

        @Test func aKeyMustBelongToItsCertificate() async throws {
            try await withSite { site in
                let folder = try TemporaryFolder("pair")
                for algorithm in [["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-algorithm", "RSA"]] {
                    try await Program("openssl").succeed(["genpkey", "-out", folder.path("other.key")] + algorithm)
                    var configuration = site.configuration
                    configuration.tls.key = folder.path("other.key")
                    let problems = configuration.fileProblems
                    #expect(problems.count == 1, "\(problems)")
                    let problem = problems.first ?? ""
                    #expect(problem.hasPrefix("tls.key: ") && problem.contains("does not belong to the certificate"), "\(problems)")
                }
                var configuration = site.configuration
                configuration.tls.key = try folder.write("no.key", Array("no key".utf8))
                let problems = configuration.fileProblems
                #expect(problems.count == 1 && problems[0].contains("cannot read the private key"), "\(problems)")
            }
        }

        @Test func keysAndAnchorOfTheSiteAreLookedAt() async throws {
            try await withSite { site in
                try FileManager.default.removeItem(atPath: site.configuration.storage.keys + "/ingest.key")
                try FileManager.default.removeItem(atPath: site.configuration.storage.anchor)
                let problems = site.configuration.fileProblems
                #expect(problems.map { $0.prefix { $0 != " " && $0 != ":" } } == ["storage.keys", "storage.anchor"], "\(problems)")
            }
        }
    }
}
