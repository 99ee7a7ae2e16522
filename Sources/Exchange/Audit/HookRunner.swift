/// `phrd hook-runner`: listens for events and runs the operator's program for each. A process of its own, because the server starts no programs.
//
// 1. One event after the other: what waits is the socket's backlog, which is bounded.
// 2. A program is ended with its whole group when its time is over.
import Audit
import Dispatch
import Foundation
import Glibc
package import Logging
import Synchronization
import Transport

package final class HookRunner: Sendable {
    /// Longer than any line of the log: names have at most 4096 bytes, each of which takes up to six.
    private static let largestLine = 65_536
    private static let readSeconds = 5

    private let hooks: Configuration.Hooks
    private let logger: Logger
    private let isStopping = Mutex(false)

    package init(_ configuration: Configuration, logger: Logger) throws {
        hooks = configuration.hooks
        self.logger = logger
        guard !hooks.command.isEmpty else { throw SiteError("there is nothing to run: set hooks.socket and hooks.command in the configuration") }
        guard FileManager.default.isExecutableFile(atPath: hooks.command[0]) else {
            throw SiteError("\(hooks.command[0]) is no program; correct hooks.command")
        }
    }

    /// Ends `run` after the program that is running.
    package func stop() { isStopping.withLock { $0 = true } }

    /// Serves until `stop`. Blocks.
    /// - Parameter onReady: called once the socket is there.
    package func run(onReady: () -> Void) throws {
        let listener = try LocalListener(path: hooks.socket)
        onReady()
        while !isStopping.withLock({ $0 }) {
            do {
                guard let bytes = try listener.message(limit: Self.largestLine, timeoutSeconds: Self.readSeconds, waitMilliseconds: 200) else { continue }
                guard bytes.last == 0x0A, (try? AuditEvent(line: bytes.dropLast())) != nil else {
                    logger.error("what came is no event", metadata: ["hooks.bytes": "\(bytes.count)"])
                    continue
                }
                try run(bytes)
            } catch {
                logger.error("a hook failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Runs the command with the line on its standard input, without a shell and without this process's environment.
    private func run(_ bytes: [UInt8]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: hooks.command[0])
        process.arguments = Array(hooks.command.dropFirst())
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        // Written beside the waiting: a program that reads nothing must not hold this one up.
        let writer = input.fileHandleForWriting
        DispatchQueue.global().async {
            try? writer.write(contentsOf: Data(bytes))
            try? writer.close()
        }
        guard ended.wait(timeout: .now() + .seconds(hooks.timeout_seconds)) == .success else {
            kill(-process.processIdentifier, SIGKILL)
            kill(process.processIdentifier, SIGKILL)
            throw SiteError("\(hooks.command[0]) took more than \(hooks.timeout_seconds) seconds and was ended")
        }
        guard process.terminationStatus == 0 else { throw SiteError("\(hooks.command[0]) ended with status \(process.terminationStatus)") }
    }
}
