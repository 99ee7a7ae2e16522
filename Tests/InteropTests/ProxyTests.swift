/// HAProxy in front of the server: control and data connections with PROXY headers, version 2, checksums included.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite struct ProxyTests {
        private static let ports = "47820-47839"

        /// Runs HAProxy on 127.0.0.2 with the server's own ports.
        private func balancer(for server: TestServer, in folder: TemporaryFolder) throws -> RunningProgram {
            let configuration = try folder.write(
                "haproxy.cfg",
                Array(
                    """
                    defaults
                        mode tcp
                        timeout connect 5s
                        timeout client 30s
                        timeout server 30s
                    listen control
                        bind 127.0.0.2:\(server.port)
                        server phrd 127.0.0.1:\(server.port) send-proxy-v2 proxy-v2-options crc32c,ssl,unique-id
                    listen data
                        bind 127.0.0.2:\(Self.ports)
                        server phrd 127.0.0.1 send-proxy-v2 proxy-v2-options crc32c

                    """.utf8))
            return try Program("/usr/sbin/haproxy").start(["-db", "-f", configuration])
        }

        private func curl(_ server: TestServer, _ site: TestSite, from address: String, _ arguments: [String]) async throws -> ProgramOutput {
            let login = "stmary:\(TestSite.people.first { $0.name == "stmary" }!.password)"
            return try await Program("curl").run(
                [
                    "-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "--interface", address, "--resolve",
                    "localhost:\(server.port):127.0.0.2",
                    "--ssl-reqd", "--cacert", site.authority, "-u", login,
                ] + arguments)
        }

        @Test func sessionsAndTransfersGoByTheClientsAddress() async throws {
            let site = try TestSite(settings: [
                "proxy.trusted=127.0.0.1", "proxy.control=true", "proxy.data=true", "listen.passive_ports=\(Self.ports)", "limits.sessions=20",
            ])
            try await site.prepare()
            let server = try await site.start()
            let haproxy = try balancer(for: server, in: site.folder)
            let file = try site.folder.write("file", sampleBytes(100_000))
            let url = "ftp://localhost:\(server.port)/exchange/lab"
            // The lab's owner has no keys yet, so nothing can be stored; that the listing comes is what counts.
            for address in ["127.0.0.3", "127.0.0.4"] {
                let output = try await curl(server, site, from: address, [url + "/", url + "/"])
                #expect(output.code == 0, "\(output.report)")
            }
            let upload = try await curl(server, site, from: "127.0.0.3", ["-T", file, url + "/x"])
            #expect(upload.code == 25, "\(upload.report)")
            for address in ["127.0.0.3", "127.0.0.4"] { #expect(server.log.contains("session.peer=\(address):")) }
            haproxy.signal(SIGTERM)
            _ = try await haproxy.finish(limit: .seconds(10))
            let code = await server.stop()
            #expect(code == 0, "\(server.log.suffix(3000))")
        }

        @Test func dataConnectionsPastAHeaderlessBalancerAreRefused() async throws {
            let site = try TestSite(settings: [
                "proxy.trusted=127.0.0.1", "proxy.control=true", "listen.passive_ports=\(Self.ports)", "limits.sessions=20", "limits.data_connect_seconds=2",
            ])
            try await site.prepare()
            let server = try await site.start()
            let haproxy = try balancer(for: server, in: site.folder)
            let output = try await curl(server, site, from: "127.0.0.3", ["ftp://localhost:\(server.port)/"])
            #expect(output.code != 0, "\(output.report)")
            #expect(server.log.contains("data connection from a foreign address"))
            haproxy.signal(SIGTERM)
            _ = try await haproxy.finish(limit: .seconds(10))
            let code = await server.stop()
            #expect(code == 0)
        }
    }
}
