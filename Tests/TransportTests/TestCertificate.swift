/// A self-signed certificate, made by the openssl program for the run.
import Foundation
import Transport

struct TestCertificate {
    let folder: String
    var certificate: String { folder + "/certificate.pem" }
    var key: String { folder + "/key.pem" }

    init() throws {
        folder = NSTemporaryDirectory() + "phr-transport-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

/// Two ends of a TCP connection on one loop.
struct ConnectionPair {
    let client: Connection
    let server: Connection

    /// Must be called on `loop`.
    static func make(on loop: EventLoop) async throws -> ConnectionPair {
        let listener = try Listener(SocketAddress(numeric: "127.0.0.1", port: 0)!, loop: loop)
        defer { listener.close() }
        async let client = Connection.connect(to: listener.address, loop: loop, timeout: .seconds(5))
        let server = try Connection(accepted: try await listener.accept(timeout: .seconds(5)), loop: loop)
        return ConnectionPair(client: try await client, server: server)
    }

    func close() {
        client.close()
        server.close()
    }
}

/// Runs a test body on an event loop of its own.
func onLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop.start(name: "test")
    defer { loop.stop() }
    return try await Task(executorPreference: loop) { try await body(loop) }.value
}

extension Connection {
    /// Reads until the buffer is full or the stream ends.
    func readAll(upTo count: Int, timeout: Duration = .seconds(5)) async throws -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { unsafe buffer.deallocate() }
        var filled = 0
        while filled < count {
            let got = try await unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), timeout: timeout)
            if got == 0 { break }
            filled += got
        }
        return unsafe Array(buffer[..<filled])
    }
}
