/// The current file of an audit log: appended to, synchronised, and put aside when it has grown large.
//
// 1. What is behind the last LF was never acknowledged: it is the trace of a cut-off write and is taken away by the next writer.
// 2. A failed write leaves nothing behind: the file is cut back to where it ended before.
// 3. Another process may append, too: whoever writes holds the lock and begins by looking where the log ends now.
import Foundation
import Glibc

struct AuditFile {
    private let folder: String
    private let limit: UInt64
    private var handle: FileHandle
    private var byteCount: UInt64
    private(set) var head: AuditHead

    private static func path(_ folder: String) -> String { "\(folder)/\(AuditChain.name)" }

    /// - Parameter limit: bytes after which the file is put aside.
    init(folder: String, limit: UInt64) throws {
        self.folder = folder
        self.limit = limit
        let lock = try AuditLock(folder: folder)
        defer { lock.release() }
        (handle, byteCount, head) = try Self.opened(folder)
    }

    /// Opens the current file where its last whole line ends. With the lock held.
    private static func opened(_ folder: String) throws -> (FileHandle, UInt64, AuditHead) {
        let handle = try open(folder)
        var end = try handle.seekToEnd()
        let torn = try tail(handle, before: end)
        if !torn.isEmpty {
            end -= UInt64(torn.count)
            try handle.truncate(atOffset: end)
        }
        var last = end > 0 ? try tail(handle, before: end - 1) : []
        if last.isEmpty, let old = try AuditChain.files(in: folder).dropLast().last {
            let previous = try FileHandle(forReadingFrom: URL(fileURLWithPath: old))
            let size = try previous.seekToEnd()
            last = size > 0 ? try tail(previous, before: size - 1) : []
        }
        guard !last.isEmpty else { return (handle, end, .empty) }
        struct Link: Decodable { let seq: UInt64 }
        guard let link = try? JSONDecoder().decode(Link.self, from: Data(last)), link.seq > 0 else {
            throw AuditError.notAnEvent("the last line of the audit log in \(folder); see: phrd audit verify")
        }
        return (handle, end, AuditHead(count: link.seq - 1, digest: "").following(last))
    }

    /// Appends lines and waits until they are on the disk. A full file is put aside before.
    mutating func append(_ events: [AuditEvent]) throws -> [String] {
        let lock = try AuditLock(folder: folder)
        defer { lock.release() }
        if try !isWhereItWasLeft() {
            try? handle.close()
            (handle, byteCount, head) = try Self.opened(folder)
        }
        if byteCount >= limit { try rotate() }
        var next = head
        var lines: [String] = []
        var bytes: [UInt8] = []
        for event in events {
            let line = next.line(for: event)
            let utf8 = Array(line.utf8)
            next = next.following(utf8)
            lines.append(line)
            bytes += utf8 + [0x0A]
        }
        do {
            try handle.seek(toOffset: byteCount)
            try handle.write(contentsOf: bytes)
            try handle.synchronize()
        } catch {
            try? handle.truncate(atOffset: byteCount)
            throw error
        }
        (head, byteCount) = (next, byteCount + UInt64(bytes.count))
        return lines
    }

    /// Whether no other process has written since, or put the file aside.
    private func isWhereItWasLeft() throws -> Bool {
        guard let facts = try? FileManager.default.attributesOfItem(atPath: Self.path(folder)) else { return false }
        var own = stat()
        guard unsafe fstat(handle.fileDescriptor, &own) == 0 else { return false }
        return facts[.systemFileNumber] as? UInt64 == UInt64(own.st_ino) && facts[.size] as? UInt64 == byteCount
    }

    /// Puts the file aside as `audit-N.jsonl` and begins a new one; the chain goes on.
    private mutating func rotate() throws {
        let last = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(AuditChain.number).max() ?? 0
        try FileManager.default.moveItem(atPath: Self.path(folder), toPath: "\(folder)/audit-\(last + 1).jsonl")
        try? handle.close()
        (handle, byteCount) = (try Self.open(folder), 0)
    }

    func close() { try? handle.close() }

    private static func open(_ folder: String) throws -> FileHandle {
        let path = path(folder)
        if !FileManager.default.fileExists(atPath: path) {
            try NewFile.make(path, in: folder)
            // The new name must survive a crash as well.
            if let directory = FileHandle(forReadingAtPath: folder) { try? directory.synchronize() }
        }
        return try FileHandle(forUpdating: URL(fileURLWithPath: path))
    }

    /// The bytes before `end` back to the LF that comes before them.
    private static func tail(_ handle: FileHandle, before end: UInt64) throws -> [UInt8] {
        var tail: [UInt8] = []
        var position = end
        while position > 0 {
            let start = position > 4096 ? position - 4096 : 0
            try handle.seek(toOffset: start)
            let part = [UInt8](try handle.read(upToCount: Int(position - start)) ?? Data())
            if let lineFeed = part.lastIndex(of: 0x0A) { return part[(lineFeed + 1)...] + tail }
            tail = part + tail
            position = start
        }
        return tail
    }
}
