// The connection to a helper of its own; closing it ends the helper, and PAM's session with it.
import Glibc
import PAMProtocol

package final class PAMConnection: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case unreachable(path: String, reason: String)
        case timedOut
        case closed
        case interrupted

        var description: String {
            switch self {
            case .unreachable(let path, let reason): "\(path): \(reason); is phrd-pam.socket enabled, or phrd-pam --listen running?"
            case .timedOut: "the helper took too long"
            case .closed: "the helper ended without an answer"
            case .interrupted: "the server went down before the helper answered"
            }
        }
    }

    private let descriptor: Int32
    private let limit: Duration
    private let interruption: PAMInterruption

    init(path: String, limit: Duration, interruption: PAMInterruption) throws {
        self.limit = limit
        self.interruption = interruption
        descriptor = try Self.connect(path, until: .now + limit, interruption)
    }

    deinit { close(descriptor) }

    /// Sends a frame, wipes it, and waits for the answer.
    func exchange(_ frame: consuming [UInt8]) throws -> PAMResponse {
        defer { unsafe frame.withUnsafeMutableBytes { unsafe explicit_bzero($0.baseAddress!, $0.count) } }
        var sent = 0
        while sent < frame.count {
            // A frame is shorter than any socket's buffer: this never blocks.
            let count = unsafe frame.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
        let deadline = ContinuousClock.now + limit
        let count = try PAMFrame.byteCount(head: try receive(PAMFrame.headByteCount, until: deadline))
        return try PAMResponse(parsing: try receive(count, until: deadline))
    }

    private func receive(_ count: Int, until deadline: ContinuousClock.Instant) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            guard ContinuousClock.now < deadline else { throw Failure.timedOut }
            guard try interruption.wait(for: descriptor, until: deadline) else { continue }
            let got = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress! + have, count - have, 0) }
            guard got > 0 else { throw Failure.closed }
            have += got
        }
        return bytes
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    private static func connect(_ path: String, until deadline: ContinuousClock.Instant, _ interruption: PAMInterruption) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        try unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard bytes.count < place.count else { throw Failure.unreachable(path: path, reason: "the name is too long for a socket") }
            unsafe place.copyBytes(from: bytes)
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.unreachable(path: path, reason: reason) }
        do {
            while true {
                let code = unsafe withUnsafePointer(to: &address) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                    }
                }
                if code == 0 { return descriptor }
                // The helper's queue is full (unix(7)), and nothing tells when it is not.
                guard errno == EAGAIN || errno == EINTR else { throw Failure.unreachable(path: path, reason: reason) }
                guard ContinuousClock.now < deadline else { throw Failure.timedOut }
                _ = try interruption.wait(for: -1, until: min(deadline, .now + .milliseconds(50)))
            }
        } catch {
            close(descriptor)
            throw error
        }
    }
}
