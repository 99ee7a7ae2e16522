/// The commands that wait for the end of a transfer, in bounded memory: when it is full, the client must wait with sending.
import FTPProtocol

/// A command, or what is wrong with the line.
typealias ReceivedLine = Result<Command, CommandLineError>

struct CommandQueue {
    private static let maximumCount = 64
    private static let maximumByteCount = 16 * 1024

    private var lines: [ReceivedLine] = []
    private var byteCount = 0
    /// QUIT waits: whatever stands behind it is not heard, not even the end of the connection.
    private(set) var isClosed = false

    var isEmpty: Bool { lines.isEmpty }

    var isFull: Bool { lines.count >= Self.maximumCount || byteCount >= Self.maximumByteCount }

    /// To be called only while it is not full: then it holds at most one line more than its limits.
    mutating func append(_ line: ReceivedLine) {
        lines.append(line)
        byteCount += Self.byteCount(of: line)
        if case .success(let command) = line, command.verb == "QUIT" { isClosed = true }
    }

    mutating func takeFirst() -> ReceivedLine? {
        guard !lines.isEmpty else { return nil }
        let line = lines.removeFirst()
        byteCount -= Self.byteCount(of: line)
        return line
    }

    private static func byteCount(of line: ReceivedLine) -> Int {
        guard case .success(let command) = line else { return 0 }
        return command.verb.utf8.count + (command.argument?.utf8.count ?? 0)
    }
}
