/// Where the repository keeps what the tests use, and where the build put the programs.
package import Foundation

package enum Repository {
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static func path(_ name: String) -> String { root.appendingPathComponent(name).path }

    /// A program of this build; `PHR_TEST_PROGRAMS` names another folder.
    package static func program(_ name: String, environment: [String: String] = [:]) throws -> Program {
        let folder = ProcessInfo.processInfo.environment["PHR_TEST_PROGRAMS"] ?? path(".build/release")
        guard FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") else {
            throw ProgramError.missing("\(folder)/\(name) (swift build -c release)")
        }
        return try Program("\(folder)/\(name)", environment: environment)
    }

    /// The sample records, as names relative to `Tests/Records`.
    package static let records: [String] = {
        let folder = URL(fileURLWithPath: path("Tests/Records")).resolvingSymlinksInPath().path
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue && name != "README.md"
        }.sorted()
    }()

    package static func record(_ name: String) -> String { path("Tests/Records/\(name)") }

    /// The names of the functions `def NAME(site):` of a Python script in `Tests/Scripts`: its cases.
    package static func cases(of script: String) -> [String] {
        let text = (try? String(contentsOfFile: path("Tests/Scripts/\(script)"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            line.hasPrefix("def ") && line.hasSuffix("(site):") ? String(line.dropFirst(4).dropLast(7)) : nil
        }
    }
}

/// Bytes that no compression shortens and that every run makes alike.
package func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}
