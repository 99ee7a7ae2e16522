/// The form of a stored line, and the check of whole logs: each line carries the SHA-256 of the line before it.
import Crypto
import Foundation

/// Where a chain stands: how many lines it has, and the digest of the last one.
package struct AuditHead: Hashable, Sendable {
    package static let empty = AuditHead(count: 0, digest: String(repeating: "0", count: 64))

    package let count: UInt64
    /// SHA-256 of the last line without its LF, hexadecimal; zeros before the first.
    package let digest: String

    package init(count: UInt64, digest: String) {
        self.count = count
        self.digest = digest
    }

    /// The line that follows, without its LF.
    package func line(for event: AuditEvent) -> String {
        AuditJSON.object([("v", .number(1)), ("seq", .number(count + 1)), ("previous", .text(digest))] + event.fields).encoded
    }

    package func following(_ line: [UInt8]) -> AuditHead {
        let digits = SHA256.hash(data: line).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return AuditHead(count: count + 1, digest: digits.joined())
    }
}

package enum AuditChain {
    package static let name = "audit.jsonl"

    /// The files of a log, oldest first: those that were rotated away, then the current one.
    package static func files(in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let old = names.filter { number(of: $0) != nil }.sorted { number(of: $0) ?? 0 < number(of: $1) ?? 0 }
        return (old + names.filter { $0 == name }).map { "\(folder)/\($0)" }
    }

    /// `audit-7.jsonl` is 7.
    static func number(of name: String) -> UInt64? {
        guard name.hasPrefix("audit-"), name.hasSuffix(".jsonl") else { return nil }
        return UInt64(name.dropFirst(6).dropLast(6))
    }

    /// Goes through all lines, oldest first. Throws at the first one that does not continue the chain, naming file and line.
    /// - Parameters:
    ///   - isWhole: the log must begin with its first line; otherwise with whichever comes first, whose predecessors were moved elsewhere.
    ///   - anchors: heads that were noted earlier and that must be part of the chain.
    package static func verify(
        folder: String, isWhole: Bool = true, anchors: [AuditHead] = [], _ body: (AuditEvent, String) throws -> Void = { _, _ in }
    ) throws -> AuditHead {
        let digests = Dictionary(grouping: anchors, by: \.count).mapValues { $0.map(\.digest) }
        var head: AuditHead? = isWhole ? .empty : nil
        for (file, bytes) in try snapshot(of: folder) {
            var number = 0
            for line in lines(of: try bytes()) {
                number += 1
                guard line.isWhole else { throw AuditError.broken(file: file, line: number, reason: "the line is cut off") }
                let before = try head ?? predecessor(of: line.bytes, file: file, line: number)
                let event = try check(line.bytes, against: before, file: file, line: number)
                let after = before.following(line.bytes)
                guard digests[after.count, default: []].allSatisfy({ $0 == after.digest }) else {
                    throw AuditError.broken(file: file, line: number, reason: "line \(after.count) of the log is not the one that was noted or anchored")
                }
                head = after
                try body(event, String(decoding: line.bytes, as: UTF8.self))
            }
        }
        let end = head ?? .empty
        if let last = digests.keys.max(), last > end.count {
            throw AuditError.broken(
                file: "\(folder)/\(name)", line: 0, reason: "the log ends after \(end.count) lines, but had \(last): lines are missing at its end")
        }
        return end
    }

    /// The files with what gives their bytes. A writer changes the current one only, so that one is read now, between two writes.
    private static func snapshot(of folder: String) throws -> [(String, () throws -> [UInt8])] {
        let lock = try? AuditLock(folder: folder)
        defer { lock?.release() }
        let files = try files(in: folder)
        func read(_ file: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))) }
        guard let current = files.last else { return [] }
        let bytes = try read(current)
        return files.dropLast().map { file in (file, { try read(file) }) } + [(current, { bytes })]
    }

    private struct Link: Decodable {
        let v: Int
        let seq: UInt64
        let previous: String
    }

    private static func link(_ bytes: [UInt8], file: String, line: Int) throws(AuditError) -> Link {
        guard let link = try? JSONDecoder().decode(Link.self, from: Data(bytes)), link.v == 1, link.seq > 0 else {
            throw .broken(file: file, line: line, reason: "this is no line of an audit log")
        }
        return link
    }

    private static func predecessor(of bytes: [UInt8], file: String, line: Int) throws(AuditError) -> AuditHead {
        let link = try link(bytes, file: file, line: line)
        return AuditHead(count: link.seq - 1, digest: link.previous)
    }

    private static func check(_ bytes: [UInt8], against head: AuditHead, file: String, line: Int) throws(AuditError) -> AuditEvent {
        func broken(_ reason: String) -> AuditError { .broken(file: file, line: line, reason: reason) }
        let link = try link(bytes, file: file, line: line)
        guard link.seq == head.count + 1 else {
            throw broken("line \(link.seq) stands where line \(head.count + 1) belongs: lines were removed, added or moved")
        }
        guard link.previous == head.digest else { throw broken("the line before it was changed: its digest is not the one that this line carries") }
        let event: AuditEvent
        do { event = try AuditEvent(line: bytes) } catch { throw broken("\(error)") }
        // One spelling for each event: what was edited by hand does not pass as written by the server.
        guard head.line(for: event) == String(decoding: bytes, as: UTF8.self) else { throw broken("the line is not spelt as the server writes it") }
        return event
    }

    private static func lines(of bytes: [UInt8]) -> [(bytes: [UInt8], isWhole: Bool)] {
        var lines: [(bytes: [UInt8], isWhole: Bool)] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A)
            lines.append((Array(bytes[start..<(end ?? bytes.count)]), end != nil))
            start = (end ?? bytes.count) + 1
        }
        return lines
    }
}
