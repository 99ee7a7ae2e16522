// The misbehaving FTPS server of Tests/Scripts, started and stopped by tests.

import FTPClient
import Foundation
import Glibc
import Synchronization
import Transport

/// Why a fixture could not be set up.
struct FixtureError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A server process over a folder of its own. It ends with this object.
final class TestServer: Sendable {
    let folder: String
    let port: UInt16
    private let process: ServerProcess

    init(faults: [String] = [], isImplicit: Bool = false, usesTLS12: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.path + "/phr-ftp-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/root", withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Scripts/ftps_server.py"
        var arguments = [
            script, "--root", folder + "/root", "--log", folder + "/log", "--certificate", try Certificates.shared.get().server,
            "--other-certificate", try Certificates.shared.get().other,
        ]
        for fault in faults { arguments += ["--fault", fault] }
        if isImplicit { arguments.append("--implicit") }
        if usesTLS12 { arguments.append("--tls12") }
        process = try ServerProcess(arguments)
        port = process.port
    }

    deinit {
        process.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    var root: String { folder + "/root" }
    /// The commands that the server has received; those in clear begin with `CLEAR`.
    var log: [String] {
        ((try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    func endpoint(_ trust: TLSTrust? = nil, security: ServerEndpoint.Security = .explicit, host: String = "127.0.0.1") throws -> ServerEndpoint {
        ServerEndpoint(host: host, port: port, security: security, trust: try trust ?? .certificateAuthority(path: Certificates.shared.get().server))
    }

    /// Runs `body` in a session, logged in unless told otherwise.
    func session<R: Sendable>(
        _ endpoint: ServerEndpoint? = nil, isLoggedIn: Bool = true, timeouts: ClientTimeouts = .short,
        _ body: @escaping @Sendable (FTPSession) async throws -> R
    ) async throws -> R {
        let endpoint = try endpoint ?? self.endpoint()
        let loop = try EventLoop.start(name: "test")
        let pool = try BlockingPool(threads: 1, name: "test-pool")
        defer {
            pool.stop()
            loop.stop()
        }
        return try await Task.detached(executorPreference: loop) {
            try await FTPSession.withConnection(to: endpoint, timeouts: timeouts, loop: loop, pool: pool) { session in
                if isLoggedIn { try await session.logIn(user: "alice", password: Array("secret".utf8)) }
                return try await body(session)
            }
        }.value
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: root + "/" + name))
    }

    func read(_ name: String) -> [UInt8]? { (try? Data(contentsOf: URL(fileURLWithPath: root + "/" + name))).map(Array.init) }
}

extension ClientTimeouts {
    static var short: ClientTimeouts {
        var timeouts = ClientTimeouts()
        timeouts.connect = .seconds(10)
        timeouts.handshake = .seconds(10)
        timeouts.reply = .seconds(10)
        timeouts.stall = .seconds(10)
        timeouts.completion = .seconds(10)
        return timeouts
    }
}

/// A Python process that prints its port and ends with its standard input.
private final class ServerProcess: Sendable {
    let port: UInt16
    private let process: Mutex<Process>

    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = Pipe()
        process.standardInput = Pipe()
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 0x0A, let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty { line += byte }
        guard let number = UInt16(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw FixtureError("the server did not say its port")
        }
        port = number
        self.process = Mutex(process)
    }

    func stop() {
        process.withLock { process in
            // Not SIGTERM: a child inherits the blocked signals of the thread that starts it.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}

/// Two self-signed certificates for loopback, made once a run.
struct Certificates: Sendable {
    let server: String
    let other: String

    static let shared = Result { try Certificates() }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/phr-certificates-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        server = try Self.make(folder + "/server.pem")
        other = try Self.make(folder + "/other.pem")
    }

    private static func make(_ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", path + ".key", "-out", path + ".crt",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw FixtureError("openssl made no certificate") }
        let text = try String(contentsOfFile: path + ".crt", encoding: .utf8) + String(contentsOfFile: path + ".key", encoding: .utf8)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// SHA-256 of the server certificate's DER form.
    var pin: [UInt8] {
        get throws {
            let pem = try String(contentsOfFile: server + ".crt", encoding: .utf8)
            let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
            guard let der = Data(base64Encoded: base64) else { throw FixtureError("the certificate cannot be read") }
            return TLSContext.sha256(Array(der))
        }
    }
}
