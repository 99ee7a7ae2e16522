// Signals as actions. None is lost: a handler writes each into a pipe, which is read when somebody listens.

import Foundation
import Glibc

/// The pipe's end for writing. Set once, before the first handler is installed.
nonisolated(unsafe) private var signalPipe: Int32 = -1

enum Signals {
    /// Calls an action whenever its signal comes, until the process ends. To be called once.
    ///
    /// Dispatch's own signal sources begin to listen some time after they were made, and what comes before is lost.
    static func handle(_ actions: [Int32: @Sendable () async -> Void]) throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait: when 64 KiB of signals are unread, one more tells nothing new.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        unsafe signalPipe = ends[1]
        for number in actions.keys {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(signalPipe, &byte, 1)
                errno = saved
            }
        }
        let source = ends[0]
        Thread.detachNewThread {
            Thread.current.name = "phrd-signals"
            var byte: UInt8 = 0
            while true {
                let count = unsafe read(source, &byte, 1)
                if count == 1, let action = actions[Int32(byte)] { Task { await action() } }
                if count == 0 || (count < 0 && errno != EINTR) { return }
            }
        }
    }
}
