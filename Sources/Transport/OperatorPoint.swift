/// A Unix socket at which a running server answers its operator: one request, one answer, then the end.
//
// 1. Only root and the server's own user are heard.
// 2. One connection at a time. Each has five seconds for its request, and as long to take the answer once it is there.
// 3. A request has at most 4096 bytes, an answer at most 64 MiB.
import Glibc
import Synchronization

package final class OperatorPoint: Sendable {
    private static let largestRequest = 4096
    private static let largestAnswer = 64 << 20
    private static let patience: Duration = .seconds(5)

    private let descriptor: Int32

    /// Listens at a path, which only the user of this process may use; the old file there is replaced.
    package init(path: String) throws { descriptor = try UnixSocket.listen(at: path) }

    /// Answers on a thread of its own until `close`.
    package func start(_ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) throws {
        try startThread(name: "phrd-operator") { [descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    Glibc.close(descriptor)
                    return
                }
                Self.serve(connection, answer)
                Glibc.close(connection)
            }
        }
    }

    /// Nobody is answered any more.
    package func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func serve(_ connection: Int32, _ answer: @escaping @Sendable ([UInt8]) async -> [UInt8]) {
        guard UnixSocket.isOwnUser(connection), let request = try? read(connection, limit: largestRequest, until: .now + patience) else { return }
        let (result, isThere) = (Result(), Semaphore())
        Task {
            let bytes = await answer(request)
            result.bytes.withLock { $0 = bytes }
            isThere.signal()
        }
        isThere.wait()
        try? write(result.bytes.withLock { $0 }, connection, until: .now + patience)
    }

    private final class Result: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// The operator's side: what the server at the path answers. Blocks.
    /// - Throws: `TransportError.system` with ENOENT or ECONNREFUSED if there is no server, with EACCES if it is somebody else's;
    ///   `.truncated` if it ended without an answer.
    package static func ask(_ request: [UInt8], at path: String, within limit: Duration) throws -> [UInt8] {
        precondition(request.count <= largestRequest, "the request is too large")
        let connection = try UnixSocket.connect(to: path, type: SOCK_STREAM)
        defer { Glibc.close(connection) }
        let deadline = ContinuousClock.now + limit
        try write(request, connection, until: deadline)
        try checked("shutdown") { shutdown(connection, Int32(SHUT_WR)) }
        let answer = try read(connection, limit: largestAnswer, until: deadline)
        guard !answer.isEmpty else { throw TransportError.truncated }
        return answer
    }

    // MARK: Bytes within a time

    /// All that comes until the other side has said that it sends no more.
    private static func read(_ descriptor: Int32, limit: Int, until deadline: ContinuousClock.Instant) throws -> [UInt8] {
        var (bytes, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
        while true {
            try wait(for: POLLIN, descriptor, until: deadline)
            let count = Int(try checked("read from a Unix socket") { Int32(unsafe recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))) })
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw TransportError.system(call: "read from a Unix socket", code: EMSGSIZE) }
            bytes += chunk[..<count]
        }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, until deadline: ContinuousClock.Instant) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: POLLOUT, descriptor, until: deadline)
            let count = try checked("write to a Unix socket") {
                Int32(clamping: unsafe rest.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) })
            }
            rest = rest.dropFirst(Int(count))
        }
    }

    private static func wait(for event: Int32, _ descriptor: Int32, until deadline: ContinuousClock.Instant) throws {
        var poller = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let rest = (deadline - .now).clampedNanoseconds / 1_000_000
            guard rest > 0 else { throw TransportError.timedOut("waiting on a Unix socket") }
            if try checked("poll", { unsafe poll(&poller, 1, Int32(clamping: rest)) }) > 0 { return }
        }
    }
}
