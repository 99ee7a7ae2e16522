/// Frames over the standard streams, each with a time limit. A broken or silent other side ends the program.
import CPAM
import Glibc
import PAMProtocol

enum Wire {
    enum Failure: Error { case closed }

    /// Whether the kernel names the user as the one who made the connection. Root, who may do everything anyway, counts as everybody.
    static func isPeer(_ user: uid_t, _ descriptor: Int32) -> Bool {
        var peer = uid_t.max
        return unsafe phr_peer_user(descriptor, &peer) == 0 && (peer == user || peer == 0)
    }

    /// Reads one frame without its head; the caller wipes it.
    static func receive(limit milliseconds: Int32) throws -> [UInt8] {
        let head = try read(PAMFrame.headByteCount, milliseconds)
        return try read(PAMFrame.byteCount(head: head), milliseconds)
    }

    static func send(_ response: PAMResponse) throws {
        var rest = response.encoded[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure.closed }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits until the other side has closed; whatever it says instead counts as closing.
    static func waitForEnd() {
        var poller = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&poller, 1, -1) < 0, errno == EINTR {}
    }

    static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        }
    }

    private static func read(_ count: Int, _ milliseconds: Int32) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            var poller = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&poller, 1, milliseconds) > 0 else { throw Failure.closed }
            let got = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(STDIN_FILENO, $0.baseAddress! + have, count - have) }
            guard got > 0 else { throw Failure.closed }
            have += got
        }
        return bytes
    }
}
