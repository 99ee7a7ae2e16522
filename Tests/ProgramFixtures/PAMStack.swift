/// A PAM stack of a test's own: the system's libpam and real modules, with the service file in a temporary folder, and `phrd-pam` on it.
///
/// `libpam_wrapper` lets libpam read its services from there, and `pam_matrix` reads passwords from files (package libpam-wrapper).
import Foundation

package final class PAMStack: Sendable {
    package static let service = "phrd"

    package enum Failure: Error { case missing(String), notListening(String) }

    package let folder: TemporaryFolder
    private let child: ChildProcess
    /// Open as long as this process lives; the helper ends with it.
    private let lifeline: FileHandle

    /// Where the helper listens.
    package var socket: String { folder.path("socket") }

    /// What the helper and the modules said.
    package var log: String { (try? folder.read("log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Runs the helper until the lifeline breaks. The shell itself is without the wrapper.
    private static let guarding = """
        exec 3<&0
        "$@" </dev/null 3<&- & helper=$!
        read -r _ <&3
        kill -KILL $helper
        """

    /// - Parameters:
    ///   - lines: the service file; `MODULES` stands for the folder of the system's modules, `MATRIX` for pam_matrix.
    ///   - environment: what modules need, such as KRB5_CONFIG.
    package init(lines: [String], folder: TemporaryFolder? = nil, environment: [String: String] = [:]) async throws {
        let folder = try folder ?? TemporaryFolder("pam")
        self.folder = folder
        // The server's user must reach the socket, and nothing else here.
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder.path)
        let (matrix, modules) = (try Self.find("/usr/lib/*-linux-gnu/pam_wrapper/pam_matrix.so"), try Self.find("/lib/*-linux-gnu/security"))
        let text = lines.joined(separator: "\n").replacingOccurrences(of: "MODULES", with: modules).replacingOccurrences(of: "MATRIX", with: matrix)
        try folder.write("services/\(Self.service)", Array((text + "\n").utf8))
        let wrapper = [
            "LD_PRELOAD": try Self.find("/usr/lib/*-linux-gnu/libpam_wrapper.so"), "PAM_WRAPPER": "1", "PAM_WRAPPER_SERVICE_DIR": folder.path("services"),
        ]
        let assignments = wrapper.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        try folder.write("log", [])
        let log = try FileHandle(forWritingTo: folder.url("log"))
        let pipe = Pipe()
        // No other child may keep the lifeline open.
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] { _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC) }
        let helper = try Repository.program("phrd-pam")
        child = try ChildProcess(
            path: "/bin/bash",
            arguments: ["-c", Self.guarding, "guard", "/usr/bin/env"] + assignments
                + [helper.path, "--peer", TestSite.serverUser, "--service", Self.service, "--listen", folder.path("socket")],
            environment: helper.environment, input: pipe.fileHandleForReading.fileDescriptor, output: log.fileDescriptor, error: log.fileDescriptor)
        lifeline = pipe.fileHandleForWriting
        for _ in 0..<1000 {
            if folder.exists("socket") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure.notListening(String(decoding: try folder.read("log"), as: UTF8.self))
    }

    /// Passwords in files.
    /// - Parameters:
    ///   - passwords: user and password.
    ///   - codes: user and one-time code, for a second factor; none if empty.
    ///   - account: further lines of the account check.
    package convenience init(passwords: [String: String], codes: [String: String] = [:], account: [String] = []) async throws {
        let folder = try TemporaryFolder("pam")
        func table(_ name: String, _ values: [String: String]) throws -> String {
            try folder.write(name, Array(values.map { "\($0.key):\($0.value):\(Self.service)\n" }.joined().utf8))
        }
        let first = "MATRIX passdb=\(try table("passwords", passwords))"
        var lines = ["auth required \(first)"]
        if !codes.isEmpty { lines.append("auth required MATRIX passdb=\(try table("codes", codes))") }
        lines.append("account required \(first)")
        lines += account.map { "account required \($0)" }
        lines.append("session required \(first)")
        try await self.init(lines: lines, folder: folder)
    }

    deinit { child.killGroup() }

    private static func find(_ pattern: String) throws -> String {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0, let path = unsafe found.gl_pathv[0] else {
            throw Failure.missing("\(pattern): run scripts/setup test")
        }
        return unsafe String(cString: path)
    }
}
