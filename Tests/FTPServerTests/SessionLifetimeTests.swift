import FTPServer
import Foundation
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct SessionLifetimeTests {
    /// A long run must not fail after some hours: tickets and cached sessions hold while their control connection lives.
    @Test func aControlConnectionCanBeResumedWhileItLives() async throws {
        let lifetime = 1
        try await ServerUnderTest.with(sessionLifetime: .seconds(lifetime)) { server, _ in
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Scripts/session_lifetime_check.py").path
            let output = Pipe()
            let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.arguments = ["python3", script, "\(server.address.port)", server.folder + "/cert.pem", "\(lifetime)"]
                process.standardError = output
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(status == 0, "\(text)")
        }
    }
}
