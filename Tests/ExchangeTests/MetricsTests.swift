/// Metrics as Prometheus reads them, and requests that are none.
import Exchange
import FTPClient
import Foundation
import ProgramFixtures
import Testing

extension SiteTests {
    @Suite struct MetricsTests {
        private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Scripts/metrics_check.py"

        @Test func countsWhatHappened() async throws {
            try await withSite({ $0.metrics.listen = "127.0.0.1:0" }) { site in
                let port = try #require(site.metricsPort)
                try await site.store(Array("hello".utf8), at: "/inbox/alice/a", as: "stmary")
                let envelope = try #require(try await site.retrieve("/records/alice/a.phr", as: "alice"))
                await #expect(throws: (any Error).self) { try await site.session("alice", password: "wrong") { _ in } }
                let output = try await Program("python3").succeed([Self.script, "\(port)"])
                for line in [
                    "phrd_logins_total{outcome=refused} 1", "phrd_transfers_total{direction=stored,outcome=success} 1",
                    "phrd_transfers_total{direction=retrieved,outcome=success} 1", "phrd_transfer_bytes_total{direction=stored} 5",
                    "phrd_transfer_bytes_total{direction=retrieved} \(envelope.count)", "phrd_commit_seconds_count{} 1",
                    "phrd_tls_handshake_failures_total{} 0",
                ] { #expect(output.lines.contains(line), "\(line): \(output.report)") }
                let curl = try await Program("curl").succeed(["-sS", "--fail", "http://127.0.0.1:\(port)/metrics"])
                #expect(curl.text.contains("phrd_ledger_entries "))
            }
        }
    }
}
