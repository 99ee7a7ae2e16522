// Ends all waiting for PAM at once, when the server goes down: a module that hangs must not hold it up.
import Glibc

/// The reading end of a pipe becomes readable for ever, and whoever waits looks at it.
final class PAMInterruption: Sendable {
    /// -1 when there are no descriptors left; poll leaves it out, and waits end by their limit.
    let descriptor: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if unsafe pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        for end in [descriptor, writer] where end >= 0 { close(end) }
    }

    func interrupt() {
        var byte: UInt8 = 1
        _ = unsafe write(writer, &byte, 1)
    }

    /// Waits until a descriptor can be read, if one is given, or the time is over. False: it is over, or there was a signal.
    func wait(for other: Int32, until deadline: ContinuousClock.Instant) throws(PAMConnection.Failure) -> Bool {
        let rest = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
        guard rest > 0 else { return false }
        var pollers = [pollfd(fd: other, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        let count = unsafe poll(&pollers, 2, Int32(rest) + 1)
        guard pollers[1].revents == 0 else { throw .interrupted }
        return count > 0
    }
}
