/// A child process in a group of its own: no signal mask, no descriptor and no wait of the test runner's reaches it.
///
/// Foundation's `Process` hands on the mask of the thread that starts it (a worker's, with SIGTERM blocked) and a socket that
/// keeps it "running" as long as any grandchild lives.
package import Foundation
import Synchronization

package final class ChildProcess: Sendable {
    package let identifier: pid_t
    private let ended = Mutex<Int32?>(nil)

    /// - Parameters: descriptors for the standard streams; they stay the caller's.
    package init(path: String, arguments: [String], environment: [String: String], input: Int32, output: Int32, error: Int32) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in [input, output, error].enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer {
            unsafe (words + variables).forEach { unsafe free($0) }
        }
        var identifier: pid_t = 0
        let code = unsafe posix_spawn(&identifier, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        self.identifier = identifier
    }

    /// The exit code, 128 + n after signal n; nil while it runs.
    package func poll() -> Int32? {
        ended.withLock { ended in
            if ended != nil { return ended }
            var status: Int32 = 0
            guard unsafe waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
            let signal = status & 0x7F
            ended = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
            return ended
        }
    }

    package var isRunning: Bool { poll() == nil }

    package func signal(_ number: Int32) {
        if isRunning { _ = kill(identifier, number) }
    }

    /// Kills it and all that it started, and collects it.
    package func killGroup() {
        guard isRunning else { return }
        _ = kill(-identifier, SIGKILL)
        while poll() == nil { usleep(1000) }
    }

    /// Waits for the end; at the limit, or when the test is cancelled, it is killed with all that it started.
    package func finish(limit: Duration) async -> (code: Int32, timedOut: Bool) {
        let deadline = ContinuousClock.now + limit
        while true {
            if let code = poll() { return (code, false) }
            if ContinuousClock.now > deadline || Task.isCancelled {
                killGroup()
                return (poll() ?? -1, true)
            }
            // A cancelled sleep returns at once; the loop sees the cancellation.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}
