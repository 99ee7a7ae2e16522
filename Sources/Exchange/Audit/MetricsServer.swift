/// Serves the metrics over HTTP/1.1 on a loopback address: one request a connection, `GET /metrics` and nothing else.
//
// 1. At most 16 connections at once; each ends within five seconds, whatever the client does.
// 2. A request is at most 8 KiB; of it only the first line counts.
import Logging
import Synchronization
import Transport

final class MetricsServer: Sendable {
    private static let largestRequest = 8192
    private static let largestCount = 16

    private let listener: Listener
    private let loop: EventLoop
    private let page: @Sendable () -> String
    private let open = Mutex(0)

    let address: SocketAddress

    /// - Parameter address: must be a loopback address, which the configuration has checked.
    init(_ address: SocketAddress, loop: EventLoop, page: @escaping @Sendable () -> String) async throws {
        precondition(address.isLoopback, "metrics are served on loopback only")
        self.loop = loop
        self.page = page
        listener = try await Task(executorPreference: loop) { try Listener(address, loop: loop, backlog: 16) }.value
        self.address = listener.address
    }

    /// Serves until `close`.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { [self] in await accept() }
        }
    }

    func close() async {
        let listener = listener
        await Task(executorPreference: loop) { listener.close() }.value
    }

    private func accept() async {
        await withDiscardingTaskGroup { group in
            while true {
                do {
                    let connection = try Connection(accepted: try await listener.accept(), loop: loop)
                    guard open.withLock({ $0 < Self.largestCount }) else {
                        connection.close()
                        continue
                    }
                    open.withLock { $0 += 1 }
                    group.addTask(executorPreference: loop) { [self] in
                        await answer(connection)
                        open.withLock { $0 -= 1 }
                    }
                } catch TransportError.closed {
                    return
                } catch {
                    await loop.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    private func answer(_ connection: Connection) async {
        let watchdog = Task(executorPreference: loop) {
            try? await Task.sleep(for: .seconds(5))
            if !Task.isCancelled { connection.close() }
        }
        if let request = try? await head(of: connection) {
            try? await connection.write(Array(Self.response(to: request, page).utf8), timeout: .seconds(5))
            try? await connection.finish(timeout: .seconds(1))
            await connection.drain(timeout: .seconds(1), limit: Self.largestRequest)
        }
        watchdog.cancel()
        connection.close()
    }

    /// The bytes up to the empty line that ends a request's head; nil if none comes.
    private func head(of connection: Connection) async throws -> [UInt8]? {
        var request: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
        defer { unsafe buffer.deallocate() }
        while request.count < Self.largestRequest {
            let count = try await unsafe connection.read(into: buffer, timeout: .seconds(5))
            guard count > 0 else { return nil }
            unsafe request += UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if Self.isWhole(request) {
                return request
            }
        }
        return request
    }

    /// Whether an empty line ends the head.
    static func isWhole(_ request: [UInt8]) -> Bool {
        let lines = request.split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.dropLast().dropFirst().contains { $0.isEmpty || $0.elementsEqual([0x0D]) }
    }

    /// RFC 9112. HEAD gets what GET gets, without the body.
    static func response(to request: [UInt8], _ page: () -> String) -> String {
        let line = String(decoding: request.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard request.count < largestRequest else { return answer("431 Request Header Fields Too Large", "") }
        guard line.count == 3, line[2] == "HTTP/1.1" || line[2] == "HTTP/1.0" else { return answer("400 Bad Request", "") }
        guard line[0] == "GET" || line[0] == "HEAD" else { return answer("405 Method Not Allowed", "", ["Allow: GET, HEAD"]) }
        guard line[1] == "/metrics" else { return answer("404 Not Found", "") }
        return answer("200 OK", page(), isHead: line[0] == "HEAD")
    }

    private static func answer(_ status: String, _ body: String, _ headers: [String] = [], isHead: Bool = false) -> String {
        let fields = headers + ["Content-Type: text/plain; version=0.0.4; charset=utf-8", "Content-Length: \(body.utf8.count)", "Connection: close"]
        return "HTTP/1.1 \(status)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + (isHead ? "" : body)
    }
}
