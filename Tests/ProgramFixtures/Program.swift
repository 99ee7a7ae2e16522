/// Runs a program with a time limit and collects what it says: a test may fail, it never hangs.
package import Foundation

package struct ProgramOutput: Sendable {
    package let name: String
    /// The exit code; 128 + n after signal n.
    package let code: Int32
    package let standardOutput: [UInt8]
    package let standardError: [UInt8]
    package let timedOut: Bool

    package var text: String { String(decoding: standardOutput, as: UTF8.self) }
    package var complaint: String { String(decoding: standardError, as: UTF8.self) }
    package var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// Everything a failed expectation should show.
    package var report: String {
        "\(name) ended with \(timedOut ? "its time limit" : "exit code \(code)")\n--- stdout\n\(text.suffix(4000))\n--- stderr\n\(complaint.suffix(4000))"
    }
}

package enum ProgramError: Error, CustomStringConvertible {
    case missing(String)
    case failed(ProgramOutput)

    package var description: String {
        switch self {
        case .missing(let name): "\(name) is not installed: run scripts/setup test"
        case .failed(let output): output.report
        }
    }
}

package struct Program: Sendable {
    package let path: String
    package let environment: [String: String]

    /// - Parameter name: a path, or the name of a program on PATH.
    package init(_ name: String, environment: [String: String] = [:]) throws {
        let own = ProcessInfo.processInfo.environment
        let candidates = name.contains("/") ? [name] : (own["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { throw ProgramError.missing(name) }
        self.path = path
        self.environment = own.merging(environment) { $1 }
    }

    /// Runs the program to its end, or to the limit, when it is killed.
    package func run(_ arguments: [String], input: [UInt8] = [], limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        let running = try start(arguments, input: input)
        return try await running.finish(limit: limit)
    }

    /// As `run`, and a failure is thrown with all that was said.
    @discardableResult
    package func succeed(_ arguments: [String], input: [UInt8] = [], limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        let output = try await run(arguments, input: input, limit: limit)
        guard output.code == 0, !output.timedOut else { throw ProgramError.failed(output) }
        return output
    }

    package func start(_ arguments: [String], input: [UInt8] = []) throws -> RunningProgram {
        try RunningProgram(path: path, arguments: arguments, environment: environment, input: input)
    }
}

/// A program that runs. Its output goes to files, so that no pipe can fill up.
package final class RunningProgram: Sendable {
    private let child: ChildProcess
    private let folder: TemporaryFolder
    private let name: String

    fileprivate init(path: String, arguments: [String], environment: [String: String], input: [UInt8]) throws {
        folder = try TemporaryFolder("program")
        name = "\(URL(fileURLWithPath: path).lastPathComponent) \(arguments.joined(separator: " ").prefix(300))"
        for file in ["out", "err"] { try folder.write(file, []) }
        let source = try FileHandle(forReadingFrom: URL(fileURLWithPath: try folder.write("in", input)))
        let output = try FileHandle(forWritingTo: folder.url("out"))
        let error = try FileHandle(forWritingTo: folder.url("err"))
        child = try ChildProcess(
            path: path, arguments: arguments, environment: environment, input: source.fileDescriptor, output: output.fileDescriptor,
            error: error.fileDescriptor)
    }

    deinit { child.killGroup() }

    package var isRunning: Bool { child.isRunning }

    package func signal(_ number: Int32) { child.signal(number) }

    /// Waits for the end; kills the program at the limit.
    package func finish(limit: Duration) async throws -> ProgramOutput {
        let (code, timedOut) = await child.finish(limit: limit)
        return ProgramOutput(name: name, code: code, standardOutput: try folder.read("out"), standardError: try folder.read("err"), timedOut: timedOut)
    }
}

/// A folder of its own under the system's temporary folder, gone with the object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init(_ purpose: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("phr-\(purpose)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func url(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }

    package func path(_ name: String) -> String { url(name).path }

    /// Writes a private file and gives back its path; folders in the name are made.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = url(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }

    package func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
