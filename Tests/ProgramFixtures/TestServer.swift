/// A running `phrd` of a test site: where it listens, and the ways to end it.
package import Foundation

package final class TestServer: Sendable {
    /// "127.0.0.1:PORT", as the server said.
    package let explicit: String
    package let implicit: String
    package let identifier: pid_t

    private let guardian: ChildProcess
    /// The end of a pipe that is open as long as this process lives.
    private let lifeline: FileHandle
    private let site: TestSite

    package var port: String { String(explicit.split(separator: ":").last!) }

    /// Runs the server, kills it when the lifeline breaks, and ends as it ended.
    private static let guarding = """
        exec 3<&0
        pidfile=$1; shift
        "$@" </dev/null 3<&- & server=$!
        echo $server >"$pidfile.new"; mv "$pidfile.new" "$pidfile"
        { read -r _ <&3; kill -KILL $server; } 2>/dev/null & watcher=$!
        exec 3<&-
        code=0; wait $server || code=$?
        kill -KILL $watcher
        exit $code
        """

    static func start(site: TestSite, settings: [String], arguments: [String]) async throws -> TestServer {
        let folder = site.folder
        if folder.exists("pid") { try FileManager.default.removeItem(at: folder.url("pid")) }
        try folder.write("ready", [])
        if !folder.exists("server.log") { try folder.write("server.log", []) }
        let (log, ready) = (try FileHandle(forWritingTo: folder.url("server.log")), try FileHandle(forWritingTo: folder.url("ready")))
        try log.seekToEnd()
        let pipe = Pipe()
        // No other child may keep the lifeline open.
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] { _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC) }
        let phrd = try Repository.program("phrd")
        let guardian = try ChildProcess(
            path: "/bin/bash",
            arguments: ["-c", guarding, "guard", folder.path("pid")] + [phrd.path, "serve", "--config", site.configuration]
                + settings.flatMap { ["--set", $0] } + arguments,
            environment: phrd.environment, input: pipe.fileHandleForReading.fileDescriptor, output: ready.fileDescriptor, error: log.fileDescriptor)
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, guardian.isRunning {
            let line = String(decoding: try folder.read("ready"), as: UTF8.self)
            if line.hasPrefix("phrd ready:"), line.hasSuffix("\n"), folder.exists("pid"),
                let pid = pid_t(String(decoding: try folder.read("pid"), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            {
                let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
                func address(_ name: String) -> String { words.firstIndex(of: name).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil } ?? "" }
                return TestServer(
                    explicit: address("explicit"), implicit: address("implicit"), identifier: pid, guardian: guardian,
                    lifeline: pipe.fileHandleForWriting, site: site)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        guardian.killGroup()
        throw TestSite.Failure.notReady(String(decoding: try folder.read("server.log"), as: UTF8.self))
    }

    private init(explicit: String, implicit: String, identifier: pid_t, guardian: ChildProcess, lifeline: FileHandle, site: TestSite) {
        self.explicit = explicit
        self.implicit = implicit
        self.identifier = identifier
        self.guardian = guardian
        self.lifeline = lifeline
        self.site = site
    }

    deinit { guardian.killGroup() }

    package var isRunning: Bool { guardian.isRunning }

    package func signal(_ number: Int32) {
        if guardian.isRunning { _ = kill(identifier, number) }
    }

    /// Asks the server to end; kills it after the limit. Its exit code, 128 + n after signal n.
    @discardableResult
    package func stop(with number: Int32 = SIGTERM, limit: Duration = .seconds(45)) async -> Int32 {
        signal(number)
        return await guardian.finish(limit: limit).code
    }

    package var log: String { (try? site.folder.read("server.log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// A line of /proc/PID/status, such as "CapEff", as words.
    package func status(_ field: String) throws -> [String]? {
        try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix(field + ":") }.map { $0.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) }
    }

    /// A field of /proc/PID/status in KiB, such as "VmRSS".
    package func memory(_ field: String) throws -> Int? {
        try status(field)?.first.flatMap { Int($0) }
    }
}
