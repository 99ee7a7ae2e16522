/// SIGTERM, SIGHUP, and a server that goes away under a client's hands.
import Foundation
import ProgramFixtures
import Testing

extension CrashTests {
    @Suite struct LifeTests {
        @Test func letsATransferFinishOnSIGTERM() async throws {
            try await CrashTests.withSite { site, server in
                try await CrashTests.runCase("lets_a_transfer_finish", on: site, server)
                #expect(await server.stop() == 0)
                let again = try await site.start()
                let (output, content) = try await CrashTests.get("alice/during-shutdown", from: site)
                #expect(output.code == 0 && content?.count == 200_000, "\(output.report)")
                #expect(await again.stop() == 0)
            }
        }

        @Test func doesNotWaitForEver() async throws {
            try await CrashTests.withSite(settings: ["limits.shutdown_seconds=2"]) { site, server in
                try await CrashTests.runCase("cuts_a_transfer_that_never_ends", on: site, server)
                let begin = ContinuousClock.now
                #expect(await server.stop(limit: .seconds(20)) == 0)
                #expect(ContinuousClock.now - begin < .seconds(15))
                let again = try await site.start()
                let listing = try await site.phr("alice", ["ls"])
                #expect(listing.code == 0 && !listing.text.contains("endless"), "\(listing.report)")
                #expect(await again.stop() == 0)
            }
        }

        private func fingerprint(_ server: TestServer) async throws -> String {
            let output = try await Program("openssl").run(["s_client", "-connect", server.implicit], input: Array("QUIT\r\n".utf8), limit: .seconds(10))
            let begin = try #require(output.text.range(of: "-----BEGIN CERTIFICATE-----"), "\(output.report)")
            return String(output.text[begin.lowerBound...].prefix(400))
        }

        @Test func takesANewCertificateOnSIGHUP() async throws {
            try await CrashTests.withSite { site, server in
                let old = try await fingerprint(server)
                try await Program(Repository.path("scripts/make-certs")).succeed([site.folder.path("tls")])
                try await site.handOver()
                #expect(try await fingerprint(server) == old)
                server.signal(SIGHUP)
                var new = old
                for _ in 0..<50 where new == old {
                    try await Task.sleep(for: .milliseconds(50))
                    new = try await fingerprint(server)
                }
                #expect(new != old, "\(server.log.suffix(2000))")
                // A broken pair is refused and the good one stays.
                try site.folder.write("tls/server.pem", Array("no certificate".utf8))
                server.signal(SIGHUP)
                try await Task.sleep(for: .milliseconds(500))
                #expect(try await fingerprint(server) == new)
                try await site.enroll("alice", at: server)
            }
        }

        @Test func takesANewGracePeriodOnSIGHUP() async throws {
            try await CrashTests.withSite { site, server in
                try site.add("[limits]\nshutdown_seconds = 1")
                server.signal(SIGHUP)
                for _ in 0..<100 where !server.log.contains("configuration and certificates reloaded") { try await Task.sleep(for: .milliseconds(50)) }
                try await CrashTests.runCase("cuts_a_transfer_that_never_ends", on: site, server)
                let begin = ContinuousClock.now
                #expect(await server.stop(limit: .seconds(40)) == 0)
                #expect(ContinuousClock.now - begin < .seconds(15), "the default is 30 seconds")
            }
        }

        @Test func cleansUpWhenTheServerDiesUnderADownload() async throws {
            try await CrashTests.withSite { site, server in
                let content = sampleBytes(30_000_000)
                let folder = try TemporaryFolder("gone")
                try await CrashTests.push(content, as: "large", to: site, server)
                let phr = try Repository.program(
                    "phr", environment: ["PHR_HOME": site.folder.path("home/alice"), "PHR_PASSPHRASE_FILE": site.folder.path("secrets/alice.passphrase")])
                // Stopped after the first bytes of the download have come, wherever they go.
                let download = try phr.start(["get", "--quiet", "alice/large", folder.path("large")])
                var sawPart = false
                for _ in 0..<4000 where !sawPart && download.isRunning {
                    let parts = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".part") }
                    sawPart = parts.contains { name in
                        let size = (try? FileManager.default.attributesOfItem(atPath: folder.path(name))[.size] as? Int) ?? 0
                        return size > 0
                    }
                    if !sawPart { try await Task.sleep(for: .milliseconds(1)) }
                }
                #expect(await server.stop(with: SIGKILL) == 128 + SIGKILL)
                let output = try await download.finish(limit: .seconds(90))
                #expect(sawPart, "the download was over before the server could be killed")
                #expect(output.code == 69 || output.code == 66, "\(output.report)")
                #expect(!folder.exists("large"))
                let unreachable = try await site.phr("alice", ["ls"])
                #expect(unreachable.code == 69, "\(unreachable.report)")

                let again = try await site.start()
                let resumed = try await phr.run(["get", "--quiet", "alice/large", folder.path("large")])
                #expect(resumed.code == 0, "\(resumed.report)")
                #expect(try folder.read("large") == content)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["large"])
                #expect(await again.stop() == 0)
            }
        }

        @Test func refusesTwoServersOnOneSite() async throws {
            try await CrashTests.withSite { site, server in
                let second = try await Repository.program("phrd").run(["serve", "--config", site.configuration], limit: .seconds(20))
                #expect(second.code != 0 && second.code < 128 && !second.timedOut, "\(second.report)")
                try await CrashTests.push(sampleBytes(10), as: "still-alive", to: site, server)
            }
        }
    }
}
