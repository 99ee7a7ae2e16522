/// The chain of the log: it goes on over restarts and rotations, and every change of a line is found and named.
import Audit
import Foundation
import Synchronization
import Testing

@Suite struct AuditLogTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "phr-audit-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func write(_ count: Int, limit: UInt64 = 1 << 20, bound: Int = 4096) async throws -> AuditHead {
        let log = try AuditLog(folder: folder, limit: limit, bound: bound) { Issue.record("\($0)") }
        for index in 0..<count {
            var event = example()
            event.object.version = UInt64(index)
            await log.record(event)
        }
        log.close()
        return log.head
    }

    private var path: String { folder + "/audit.jsonl" }

    @Test func chainsLinesOverRestarts() async throws {
        _ = try await write(3)
        let head = try await write(2)
        #expect(head.count == 5)
        #expect(try AuditChain.verify(folder: folder) == head)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Root administers beside the server of another user, who must be able to go on with the log.
    @Test func filesBelongToTheOwnerOfTheFolder() async throws {
        let owner = geteuid() == 0 ? 65_534 : geteuid()
        let code = unsafe chown(folder, owner, gid_t.max)
        #expect(code == 0)
        for _ in 0..<2 { try AuditLog.append(example(), folder: folder, limit: 1) }
        for name in ["audit.lock", "audit-1.jsonl", "audit.jsonl"] {
            var facts = stat()
            let found = unsafe stat("\(folder)/\(name)", &facts)
            #expect(found == 0 && facts.st_uid == owner, "\(name)")
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func goesOnInANewFileWhenOneIsFull() async throws {
        for _ in 0..<6 { _ = try await write(3, limit: 1500) }
        let files = try AuditChain.files(in: folder).map { URL(fileURLWithPath: $0).lastPathComponent }
        #expect(files.count > 2)
        #expect(files.first == "audit-1.jsonl")
        #expect(files.last == "audit.jsonl")
        #expect(try AuditChain.verify(folder: folder).count == 18)
        try FileManager.default.removeItem(atPath: "\(folder)/audit-1.jsonl")
        #expect(throws: AuditError.self) { try AuditChain.verify(folder: folder) }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func keepsEveryEventOfManyTasksAtASmallBound() async throws {
        let written = Mutex<[String]>([])
        let log = try AuditLog(folder: folder, limit: 1 << 20, bound: 2, onWritten: { lines in written.withLock { $0 += lines } }) { Issue.record("\($0)") }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<20 {
                        var event = example()
                        event.object.version = UInt64(task * 100 + index)
                        await log.record(event)
                    }
                }
            }
        }
        log.close()
        var versions: [UInt64] = []
        var lines: [String] = []
        _ = try AuditChain.verify(folder: folder) { event, line in
            versions.append(event.object.version ?? 0)
            lines.append(line)
        }
        #expect(versions.count == 160)
        for task in 0..<8 { #expect(versions.filter { $0 / 100 == task } == (0..<20).map { UInt64(task * 100 + $0) }) }
        #expect(written.withLock { $0 } == lines)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func forgetsALineThatWasCutOff() async throws {
        let head = try await write(2)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"v\":1,\"seq\":3".utf8))
        try handle.close()
        #expect { try AuditChain.verify(folder: folder) } throws: { "\($0)" == "\(path):3: the line is cut off" }
        #expect(try await write(0) == head)
        #expect(try AuditChain.verify(folder: folder) == head)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func findsEveryChangedByte() async throws {
        let head = try await write(3)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in good.indices {
            var bad = good
            bad[index] ^= 1
            try bad.write(to: URL(fileURLWithPath: path))
            #expect(throws: AuditError.self, "byte \(index)") { try AuditChain.verify(folder: folder, anchors: [head]) }
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func takesLinesOfTwoWritersIntoOneChain() async throws {
        let log = try AuditLog(folder: folder, limit: 1500) { Issue.record("\($0)") }
        for index in 0..<12 {
            var event = example()
            event.object.version = UInt64(index)
            if index % 2 == 0 { await log.record(event) } else { try AuditLog.append(event, folder: folder, limit: 1500) }
        }
        log.close()
        var versions: Set<UInt64> = []
        #expect(try AuditChain.verify(folder: folder) { event, _ in versions.insert(event.object.version ?? 0) }.count == 12)
        #expect(versions == Set(0..<12))
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func beginsAtALaterLineOnlyWhereThatIsAllowed() async throws {
        var heads: [AuditHead] = []
        for _ in 0..<6 { heads.append(try await write(3, limit: 1500)) }
        try FileManager.default.removeItem(atPath: "\(folder)/audit-1.jsonl")
        #expect(throws: AuditError.self) { try AuditChain.verify(folder: folder) }
        #expect(try AuditChain.verify(folder: folder, isWhole: false, anchors: heads) == heads.last)
        let forged = AuditHead(count: 17, digest: String(repeating: "a", count: 64))
        #expect(throws: AuditError.self) { try AuditChain.verify(folder: folder, isWhole: false, anchors: [forged]) }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func namesTheLineWhereTheChainBreaks() async throws {
        let head = try await write(4)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        func reason(_ lines: [String]) throws -> String {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
            do { _ = try AuditChain.verify(folder: folder, anchors: [head]) } catch { return "\(error)" }
            return ""
        }
        #expect(try reason([lines[0], lines[2], lines[3]]).hasPrefix("\(path):2: line 3 stands where line 2 belongs"))
        #expect(
            try reason([lines[0], lines[1].replacing("stmary", with: "nobody"), lines[2], lines[3]]).hasPrefix("\(path):3: the line before it was changed"))
        #expect(try reason([lines[0], lines[1].replacing(",", with: ", "), lines[2], lines[3]]).hasPrefix("\(path):2: the line is not spelt"))
        #expect(try reason(Array(lines[0..<3])).contains("the log ends after 3 lines, but had 4"))
        #expect(try reason(lines) == "")
        try FileManager.default.removeItem(atPath: folder)
    }
}
