/// A running `phrd` of a test site: where it listens, and the ways to end it.
package import Foundation

package final class TestServer: @unchecked Sendable {  // `Process` and `Pipe` are set up once and only signalled afterwards.
    /// "127.0.0.1:PORT", as the server said.
    package let explicit: String
    package let implicit: String
    package let identifier: pid_t

    private let guardian: Process
    private let lifeline: Pipe
    private let site: TestSite

    package var port: String { String(explicit.split(separator: ":").last!) }

    /// Starts the server, kills it when the lifeline breaks, and ends as it ended.
    private static let guarding = """
        pidfile=$1; shift
        "$@" </dev/null 3<&- & server=$!
        echo $server >"$pidfile.new"; mv "$pidfile.new" "$pidfile"
        { read -r _ <&3; kill -KILL $server; } 2>/dev/null & watcher=$!
        exec 3<&-
        code=0; wait $server || code=$?
        kill $watcher 2>/dev/null
        exit $code
        """

    static func start(site: TestSite, settings: [String]) async throws -> TestServer {
        let folder = site.folder
        for name in ["ready", "pid"] where folder.exists(name) { try FileManager.default.removeItem(at: folder.url(name)) }
        try Data().write(to: folder.url("ready"))
        if !folder.exists("server.log") { try Data().write(to: folder.url("server.log")) }
        let guardian = Process()
        let lifeline = Pipe()
        let log = try FileHandle(forWritingTo: folder.url("server.log"))
        try log.seekToEnd()
        guardian.executableURL = URL(fileURLWithPath: "/bin/bash")
        let phrd = try Repository.program("phrd").path
        guardian.arguments =
            ["-c", "exec 3<&0\n" + guarding, "guard", folder.path("pid"), phrd, "serve", "--config", site.configuration]
            + settings.flatMap { ["--set", $0] }
        guardian.standardInput = lifeline
        guardian.standardOutput = try FileHandle(forWritingTo: folder.url("ready"))
        guardian.standardError = log
        try guardian.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, guardian.isRunning {
            let line = String(decoding: try folder.read("ready"), as: UTF8.self)
            if line.hasPrefix("phrd ready:"), line.hasSuffix("\n"), folder.exists("pid"),
                let pid = pid_t(String(decoding: try folder.read("pid"), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            {
                let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
                func address(_ name: String) -> String { words.firstIndex(of: name).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil } ?? "" }
                return TestServer(
                    explicit: address("explicit"), implicit: address("implicit"), identifier: pid, guardian: guardian, lifeline: lifeline, site: site)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        try? lifeline.fileHandleForWriting.close()
        throw TestSite.Failure.notReady(String(decoding: try folder.read("server.log"), as: UTF8.self))
    }

    private init(explicit: String, implicit: String, identifier: pid_t, guardian: Process, lifeline: Pipe, site: TestSite) {
        self.explicit = explicit
        self.implicit = implicit
        self.identifier = identifier
        self.guardian = guardian
        self.lifeline = lifeline
        self.site = site
    }

    deinit { try? lifeline.fileHandleForWriting.close() }

    package var isRunning: Bool { guardian.isRunning }

    package func signal(_ number: Int32) { _ = Foundation.kill(identifier, number) }

    /// Asks the server to end; kills it after the limit. Its exit code, 128 + n after signal n.
    @discardableResult
    package func stop(with number: Int32 = SIGTERM, limit: Duration = .seconds(45)) async throws -> Int32 {
        if guardian.isRunning { signal(number) }
        let deadline = ContinuousClock.now + limit
        while guardian.isRunning {
            if ContinuousClock.now > deadline { signal(SIGKILL) }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return guardian.terminationStatus
    }

    package var log: String { (try? site.folder.read("server.log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// A field of /proc/PID/status in KiB, such as "VmRSS".
    package func memory(_ field: String) throws -> Int? {
        try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix(field + ":") }.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) }
    }
}
