// Programs that the tests run: the Python that scripts/test puts first in the path, with the packages of scripts/setup, and others.

import Foundation

enum Python {
    /// The path of a script in Tests/Scripts.
    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/\(name)").path
    }

    /// Runs python3 to its end.
    static func run(_ arguments: [String], input: Data = Data()) throws -> Program.Output {
        try Program.run(["python3"] + arguments, input: input)
    }
}

enum Program {
    struct Output {
        var status: Int32
        var text: String
        var errors: String
    }

    /// Runs a program, found in the path unless it has one, to its end. Streams are files, so that no pipe can fill up and stop
    /// both sides.
    static func run(_ arguments: [String], input: Data = Data()) throws -> Output {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bls12381-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ content: Data) throws -> FileHandle {
            let url = folder.appendingPathComponent(name)
            try content.write(to: url)
            return try FileHandle(forUpdating: url)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = try file("input", input)
        process.standardOutput = try file("output", Data())
        process.standardError = try file("errors", Data())
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        return Output(status: process.terminationStatus, text: try text("output"), errors: try text("errors"))
    }
}
