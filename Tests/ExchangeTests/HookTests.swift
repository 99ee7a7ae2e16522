/// Hooks as programs of the operator hear them: after the commit, once, and never in a session's way.
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Logging
import ProgramFixtures
import Testing

extension SiteTests {
    @Suite struct HookTests {
        /// A runner in this process, until `stop`.
        private final class Runner: Sendable {
            private let runner: HookRunner
            private let ended = DispatchSemaphore(value: 0)

            init(_ configuration: Exchange.Configuration) throws {
                let runner = try HookRunner(configuration, logger: Logger(label: "hooks") { _ in SwiftLogNoOpLogHandler() })
                let (ready, ended) = (DispatchSemaphore(value: 0), ended)
                self.runner = runner
                Thread.detachNewThread {
                    do { try runner.run { ready.signal() } } catch { Issue.record("\(error)") }
                    ended.signal()
                }
                #expect(ready.wait(timeout: .now() + 5) == .success)
            }

            func stop() {
                runner.stop()
                #expect(ended.wait(timeout: .now() + 5) == .success)
            }
        }

        private struct Interruption: Error {}

        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = NSTemporaryDirectory() + "phr-hook-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(folder)
        }

        private func lines(of path: String, count: Int) async throws -> [String] {
            for _ in 0..<500 {
                let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
                if lines.count >= count { return lines }
                try await Task.sleep(for: .milliseconds(20))
            }
            return []
        }

        private func logged(_ site: TestSite, _ event: String) throws -> [String] {
            try String(contentsOfFile: site.configuration.storage.data + "/audit.jsonl", encoding: .utf8)
                .split(separator: "\n").map(String.init).filter { $0.contains("\"event\":\"\(event)\",\"outcome\":\"success\"") }
        }

        private static func interruptedUpload(_ site: TestSite) async throws {
            _ = try await site.session("stmary") { session in
                var rounds = 0
                return try await unsafe session.store(VirtualPath(absolute: "/inbox/alice/half")) { buffer in
                    rounds += 1
                    guard rounds < 3 else { throw Interruption() }
                    return buffer.count
                }
            }
        }

        @Test func aCommandRunsOnceForEachUploadThatWasCommittedAndNotForOneCutOff() async throws {
            try await withFolder { folder in
                try await withSite({
                    $0.hooks.socket = folder + "/s"
                    $0.hooks.events = ["stored"]
                    $0.hooks.command = ["/bin/sh", "-c", "cat >> '\(folder)/heard'; env > '\(folder)/env'; exit 3"]
                }) { site in
                    let runner = try Runner(site.configuration)
                    defer { runner.stop() }
                    try await site.store(Array("hello".utf8), at: "/inbox/alice/a", as: "stmary")
                    await #expect(throws: (any Error).self) { try await Self.interruptedUpload(site) }
                    try await site.store(Array("hello".utf8), at: "/inbox/alice/b", as: "stmary")
                    _ = try await lines(of: folder + "/heard", count: 2)
                    await site.stop()
                    try await Task.sleep(for: .milliseconds(600))
                    let heard = try await lines(of: folder + "/heard", count: 2)
                    #expect(heard == (try logged(site, "stored")))
                    #expect(heard.count == 2)
                    #expect(try !String(contentsOfFile: folder + "/env", encoding: .utf8).contains("HOME="))
                    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/s")[.posixPermissions] as? Int
                    #expect(mode == 0o660)
                }
            }
        }

        @Test func aHangingCommandDelaysNoSessionAndIsEnded() async throws {
            try await withFolder { folder in
                try await withSite({
                    $0.hooks.socket = folder + "/s"
                    $0.hooks.timeout_seconds = 1
                    $0.hooks.command = ["/bin/sh", "-c", "echo $$ >> '\(folder)/pids'; sleep 987 & echo $! >> '\(folder)/pids'; wait"]
                }) { site in
                    let runner = try Runner(site.configuration)
                    defer { runner.stop() }
                    let begin = ContinuousClock.now
                    for number in 0..<5 { try await site.store([1], at: "/inbox/alice/\(number)", as: "stmary") }
                    // Five hangs would be five seconds.
                    #expect(ContinuousClock.now - begin < .seconds(4))
                    let pids = try await lines(of: folder + "/pids", count: 4).compactMap { Int32($0) }
                    #expect(pids.count >= 4)
                    for pid in pids.prefix(2) { #expect(!Self.isRunning(pid), "\(pid) of the first command still runs") }
                }
            }
        }

        /// A zombie waits for whoever adopted it, and runs no more.
        private static func isRunning(_ pid: Int32) -> Bool {
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
            return text.split(separator: ")").last?.hasPrefix(" Z") == false
        }

        @Test func eventsWaitWhileNobodyListensAndHarmNothing() async throws {
            try await withFolder { folder in
                try await withSite({ $0.hooks.socket = folder + "/s" }) { site in
                    for number in 0..<3 { try await site.store([1], at: "/inbox/alice/\(number)", as: "stmary") }
                    var configuration = site.configuration
                    configuration.hooks.command = ["/bin/sh", "-c", "cat >> '\(folder)/heard'"]
                    let runner = try Runner(configuration)
                    defer { runner.stop() }
                    #expect(try await lines(of: folder + "/heard", count: 3) == logged(site, "stored"))
                }
            }
        }

        @Test func theRunnerRefusesWhatIsNoEvent() async throws {
            try await withFolder { folder in
                var configuration = Exchange.Configuration()
                configuration.hooks.socket = folder + "/s"
                configuration.hooks.command = ["/bin/sh", "-c", "cat >> '\(folder)/heard'"]
                let runner = try Runner(configuration)
                defer { runner.stop() }
                #expect(throws: (any Error).self) { try HookRunner(configuration, logger: Logger(label: "x")).run {} }
                let hostile = """
                    import socket, sys
                    def send(data):
                        s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1] + "/s")
                        try: s.sendall(data)
                        except OSError: pass
                        s.close()
                    for data in (b"", b"\\n", b"{}\\n", b"\\xff" * 100, b"[" * 60000 + b"\\n", b"a" * 200000, b'{"event":"stored"}\\n', b'{"event":"rm -rf"}\\n'):
                        send(data)
                    send(b'{"time":"2026-11-24T09:30:44.123Z","site":"s","event":"stored","outcome":"success"}\\n')
                    """
                try await Program("python3").succeed(["-c", hostile, folder])
                #expect(try await lines(of: folder + "/heard", count: 1).count == 1)
            }
        }
    }
}
