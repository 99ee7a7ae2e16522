/// A bare FTP client for tests: sends lines as they are and reads replies, in clear or under TLS.
import FTPProtocol
import FTPServer
import Foundation
import Logging
import Transport

final class PlainAuthenticator: FTPServer.Authenticator {
    let fileSystem = MemoryFileSystem()

    func authenticate(user: String, password: String, peer: SocketAddress) async -> Login? {
        guard password == "right" else { return nil }
        let binding = DataBinding(rawValue: user) ?? .principal
        return Login(user: user, dataBinding: binding, fileSystem: fileSystem)
    }
}

/// A server in this process on free ports, and the certificate it uses.
final class ServerUnderTest: Sendable {
    let server: Server
    let address: SocketAddress
    let authenticator = PlainAuthenticator()
    let loop: EventLoop
    let folder: String
    private let running: Task<Void, Never>

    init(_ adjust: (inout ServerSettings) -> Void = { _ in }) async throws {
        // As the programs do: OpenSSL writes to connections that the peer has closed.
        signal(SIGPIPE, SIG_IGN)
        folder = NSTemporaryDirectory() + "phr-ftpserver-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder + "/key.pem", "-out",
            folder + "/cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        var settings = ServerSettings()
        settings.explicitAddresses = [SocketAddress(numeric: "127.0.0.1", port: 0)!]
        adjust(&settings)
        loop = try EventLoop.start(name: "ftp-test")
        let server = Server(
            settings: settings, context: try TLSContext.server(certificateChain: folder + "/cert.pem", privateKey: folder + "/key.pem"),
            authenticator: authenticator, loops: [loop], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.server = server
        address = try await server.bind().explicit[0]
        running = Task { await server.run() }
    }

    /// Runs a test body with a connected client, on the loop, and stops the server afterwards.
    static func with<R: Sendable>(
        _ adjust: (inout ServerSettings) -> Void = { _ in }, _ body: @escaping @Sendable (ServerUnderTest, RawClient) async throws -> R
    ) async throws -> R {
        let server = try await ServerUnderTest(adjust)
        let result = await Task(executorPreference: server.loop) { () -> Result<R, any Error> in
            do {
                let client = try await RawClient(server)
                defer { client.close() }
                return .success(try await body(server, client))
            } catch {
                return .failure(error)
            }
        }.value
        await server.server.shutdown(within: .milliseconds(200))
        await server.running.value
        server.loop.stop()
        try? FileManager.default.removeItem(atPath: server.folder)
        return try result.get()
    }

    func clientContext() throws -> TLSContext { try .client(trust: .certificateAuthority(path: folder + "/cert.pem")) }
}

final class RawClient: @unchecked Sendable {  // confined to the loop of its test
    let connection: Connection
    private let server: ServerUnderTest
    private let context: TLSContext
    private var replies = ReplyBuffer()

    init(_ server: ServerUnderTest) async throws {
        self.server = server
        context = try server.clientContext()
        connection = try await Connection.connect(to: server.address, loop: server.loop, timeout: .seconds(5))
    }

    func close() { connection.close() }

    /// The next reply; nil at the end of the connection.
    func reply() async throws -> Reply? {
        while true {
            if let next = replies.next() { return try next.get() }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
            defer { unsafe buffer.deallocate() }
            let count = try await unsafe connection.read(into: buffer, timeout: .seconds(10))
            if count == 0 { return nil }
            unsafe replies.append(Array(buffer[..<count]))
        }
    }

    /// Whether the server has closed the connection without a further reply.
    func hasEnded() async throws -> Bool { try await reply() == nil }

    func send(_ bytes: [UInt8]) async throws { try await connection.write(bytes, timeout: .seconds(5)) }

    /// Sends a line and gives the code of the reply; 0 if the connection ended.
    @discardableResult
    func command(_ line: String) async throws -> Int {
        try await send(Array((line + "\r\n").utf8))
        return try await reply()?.code ?? 0
    }

    func startTLS() async throws {
        try await connection.startTLS(context, role: .client(name: "localhost", resuming: nil), timeout: .seconds(5))
    }

    /// Greets, makes TLS, logs in, protects data.
    func logIn(as user: String = "principal") async throws {
        _ = try await reply()
        _ = try await command("AUTH TLS")
        try await startTLS()
        for line in ["USER \(user)", "PASS right", "PBSZ 0", "PROT P", "TYPE I"] { _ = try await command(line) }
    }

    /// Opens the data connection that EPSV offers.
    func openData(resuming: Bool = true, offer: RawClient? = nil) async throws -> Connection {
        try await send(Array("EPSV\r\n".utf8))
        guard let reply = try await reply(), reply.code == 229 else { throw TransportError.closed }
        let port = try DataAddress.parse229(reply.text)
        var address = server.address
        address.port = port
        let data = try await Connection.connect(to: address, loop: server.loop, timeout: .seconds(5))
        pendingSession = resuming ? (offer ?? self).connection.tls?.session : nil
        return data
    }

    private var pendingSession: TLSSession?

    func secure(_ data: Connection) async throws {
        try await data.startTLS(context, role: .client(name: "localhost", resuming: pendingSession), timeout: .seconds(5))
    }

    /// Uploads bytes; gives the code of the last reply.
    func store(_ verb: String, _ bytes: [UInt8], ending: Ending = .proper) async throws -> Int {
        let data = try await openData()
        defer { data.close() }
        let first = try await command(verb)
        guard first == 150 else { return first }
        try await secure(data)
        try await data.write(bytes, timeout: .seconds(5))
        if ending == .proper { try await data.finish() } else { data.close() }
        return try await reply()?.code ?? 0
    }

    enum Ending { case proper, cut }
}
