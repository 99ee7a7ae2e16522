/// A bare FTP client for tests: sends lines as they are and reads replies, in clear or under TLS.
import FTPProtocol
import FTPServer
import Foundation
import Logging
import Synchronization
import Transport

final class PlainAuthenticator: FTPServer.Authenticator {
    let fileSystem = MemoryFileSystem()
    let origins = Mutex<[LoginOrigin]>([])

    func authenticate(user: String, password: String, origin: LoginOrigin) async -> LoginAnswer {
        origins.withLock { $0.append(origin) }
        // "first" is half of what this user must say.
        if user == "careful" {
            guard password == "first" else { return .refused() }
            return .challenge(LoginChallenge(prompt: "Code:") { [self] text in text == "second" ? accepted(user) : .refused() })
        }
        if password == "old" { return .refused(notice: "Password expired") }
        return password == "right" ? accepted(user) : .refused()
    }

    private func accepted(_ user: String) -> LoginAnswer {
        .accepted(Login(user: user, dataBinding: DataBinding(rawValue: user) ?? .principal, fileSystem: fileSystem))
    }

    /// A certificate logs in whom its common name says.
    func authenticateByCertificate(user: String, origin: LoginOrigin) async -> Login? {
        origins.withLock { $0.append(origin) }
        guard let facts = origin.certificate?.facts, facts.subjectAttributes["CN"] == [user] else { return nil }
        return Login(user: user, dataBinding: .principal, certificateRoles: facts.subjectAttributes["OU"] ?? [], fileSystem: fileSystem)
    }

    func refusal(of peer: SocketAddress) -> String? { nil }
}

/// A server in this process on free ports, and the certificate it uses.
final class ServerUnderTest: Sendable {
    let server: Server
    let address: SocketAddress
    let authenticator = PlainAuthenticator()
    let loop: EventLoop
    let folder: String
    private let running: Task<Void, Never>

    /// - Parameter clients: the authority there is the folder's "cert.pem", whatever path it is given.
    init(
        clients: TLSClientCertificates = .off, sessionLifetime: Duration = .seconds(3600), _ adjust: (inout ServerSettings) -> Void = { _ in }
    ) async throws {
        let folder = NSTemporaryDirectory() + "phr-ftpserver-" + UUID().uuidString
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.certify("/CN=localhost", "DNS:localhost,IP:127.0.0.1", in: folder, as: "cert.pem", "key.pem", by: nil)
        var settings = ServerSettings()
        settings.listeners = [ListenerSettings(SocketAddress(numeric: "127.0.0.1", port: 0)!)]
        adjust(&settings)
        let hosts = try settings.hosts.map { host in
            let name = host.names[0]
            let names = host.names.map { "DNS:\($0)" }.joined(separator: ",")
            try Self.certify("/CN=\(name)", names, in: folder, as: "\(name).pem", "\(name).key", by: "cert.pem")
            return TLSHost(names: host.names, certificateChain: "\(folder)/\(name).pem", privateKey: "\(folder)/\(name).key")
        }
        let asked: TLSClientCertificates =
            switch clients {
            case .off, .optional(nil, _): clients
            case .optional: .optional(authority: folder + "/cert.pem")
            case .required: .required(authority: folder + "/cert.pem")
            }
        signal(SIGPIPE, SIG_IGN)  // as the programs do: TLS writes to what the other side has closed
        loop = try EventLoop.start(name: "ftp-test")
        let server = Server(
            settings: settings,
            context: try TLSContext.server(
                certificateChain: folder + "/cert.pem", privateKey: folder + "/key.pem", hosts: hosts, clients: asked, sessionLifetime: sessionLifetime),
            authenticator: authenticator, loops: [loop], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.server = server
        let bound = try await server.bind()
        address = (bound.explicit + bound.implicit)[0]
        running = Task { await server.run() }
    }

    /// Makes a certificate, signed by the folder's own or by itself.
    static func certify(
        _ subject: String, _ names: String, in folder: String, as certificate: String, _ key: String, by authority: String?
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(folder)/\(key)", "-out",
                "\(folder)/\(certificate)", "-days", "2", "-subj", subject, "-addext", "subjectAltName=\(names)",
            ] + (authority.map { ["-CA", "\(folder)/\($0)", "-CAkey", "\(folder)/key.pem"] } ?? [])
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// A client's certificate, and a context that shows it.
    func certifiedContext(_ subject: String, authority: String? = "cert.pem") throws -> TLSContext {
        let name = UUID().uuidString
        try Self.certify(subject, "email:\(name)@example.org", in: folder, as: "\(name).pem", "\(name).key", by: authority)
        let identity = TLSIdentity(certificateChain: "\(folder)/\(name).pem", privateKey: "\(folder)/\(name).key")
        return try .client(trust: .certificateAuthority(path: folder + "/cert.pem"), identity: identity)
    }

    /// Runs a test body with a connected client, on the loop, and stops the server afterwards.
    static func with<R: Sendable>(
        clients: TLSClientCertificates = .off, sessionLifetime: Duration = .seconds(3600), _ adjust: (inout ServerSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (ServerUnderTest, RawClient) async throws -> R
    ) async throws -> R {
        let server = try await ServerUnderTest(clients: clients, sessionLifetime: sessionLifetime, adjust)
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
    private let name: String
    private var replies = ReplyBuffer()

    /// - Parameters:
    ///   - relay: to connect to in place of the server.
    ///   - name: sent as SNI, and checked.
    init(_ server: ServerUnderTest, through relay: FragmentingRelay? = nil, context: TLSContext? = nil, name: String = "localhost") async throws {
        self.server = server
        self.name = name
        self.context = try context ?? server.clientContext()
        connection = try await Connection.connect(to: relay?.address ?? server.address, loop: server.loop, timeout: .seconds(5))
    }

    func close() { connection.close() }

    var ownContext: TLSContext { context }

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
        try await connection.startTLS(context, role: .client(name: name, resuming: nil), timeout: .seconds(5))
    }

    /// Greets, makes TLS, logs in, protects data.
    func logIn(as user: String = "principal") async throws {
        _ = try await reply()
        _ = try await command("AUTH TLS")
        try await startTLS()
        for line in ["USER \(user)", "PASS right", "PBSZ 0", "PROT P", "TYPE I"] { _ = try await command(line) }
    }

    /// Greets and makes TLS.
    func secureControl() async throws {
        _ = try await reply()
        _ = try await command("AUTH TLS")
        try await startTLS()
    }

    /// Opens the data connection that EPSV offers.
    func openData(resuming: Bool = true, offer: RawClient? = nil) async throws -> Connection {
        try await openData(at: try await passiveAddress(), resuming: resuming, offer: offer)
    }

    /// Asks for a passive port.
    func passiveAddress() async throws -> SocketAddress {
        try await send(Array("EPSV\r\n".utf8))
        guard let reply = try await reply(), reply.code == 229 else { throw TransportError.closed }
        var address = server.address
        address.port = try DataAddress.parse229(reply.text)
        return address
    }

    /// Connects to a passive port, or to what stands in front of it.
    func openData(at address: SocketAddress, resuming: Bool = true, offer: RawClient? = nil) async throws -> Connection {
        let data = try await Connection.connect(to: address, loop: server.loop, timeout: .seconds(5))
        pendingSession = resuming ? (offer ?? self).connection.tls?.session : nil
        return data
    }

    private var pendingSession: TLSSession?

    func secure(_ data: Connection, context: TLSContext? = nil, name: String? = nil) async throws {
        try await data.startTLS(context ?? self.context, role: .client(name: name ?? self.name, resuming: pendingSession), timeout: .seconds(5))
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

extension Connection {
    /// All that comes until the end, proper or not, or until nothing has come for the limit.
    func readToEnd(within limit: Duration = .seconds(5)) async -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
        defer { unsafe buffer.deallocate() }
        var bytes: [UInt8] = []
        while let count = try? await unsafe read(into: buffer, timeout: limit), count > 0 { unsafe bytes += buffer[..<count] }
        return bytes
    }
}
