// Turns the bytes that a server sends on the control connection into replies, and stops at the first malformed one.

/// Why a server's reply was refused. After any of these the connection is of no more use.
package enum ReplyError: Error, Equatable {
    case lineTooLong(limit: Int)
    case tooManyLines(limit: Int)
    case tooLarge(limit: Int)
    /// The line does not start with a code of 100 to 699, followed by a space or a hyphen.
    case malformedCode(line: String)
}

extension ReplyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lineTooLong(let limit): "the server sent a reply line of more than \(limit) bytes"
        case .tooManyLines(let limit): "the server sent a reply of more than \(limit) lines"
        case .tooLarge(let limit): "the server sent a reply of more than \(limit) bytes"
        case .malformedCode(let line): "the server sent a line that is no FTP reply: \(line)"
        }
    }
}

/// The client's end of the control connection: strict about codes and sizes, lenient about texts.
///
/// Texts that are not UTF-8 are repaired and control characters become `?`, because texts end on a terminal.
package struct ReplyBuffer: Sendable {
    package static let maximumLineByteCount = 8 * 1024
    package static let maximumLineCount = 1_000
    package static let maximumByteCount = 1024 * 1024

    private var unread: [UInt8] = []
    private var position = 0
    private var line: [UInt8] = []
    private var lines: [String] = []
    private var byteCount = 0
    private var code: Int?
    private var failure: ReplyError?

    package init() {}

    /// Whether not one byte waits: neither a whole reply nor the beginning of one.
    package var isEmpty: Bool { position == unread.count && line.isEmpty && code == nil && failure == nil }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        unread.append(contentsOf: bytes)
    }

    /// The next whole reply, or `nil` when more bytes are needed. A failure is final: it is given again at every call.
    package mutating func next() -> Result<Reply, ReplyError>? {
        if let failure { return .failure(failure) }
        do throws(ReplyError) {
            while position < unread.count {
                let byte = unread[position]
                position += 1
                guard byte == 0x0A else {
                    try store(byte)
                    continue
                }
                if line.last == 0x0D { line.removeLast() }
                defer { line.removeAll(keepingCapacity: true) }
                if let reply = try take(line) { return .success(reply) }
            }
            unread.removeAll(keepingCapacity: true)
            position = 0
            return nil
        } catch {
            failure = error
            unread = []
            position = 0
            return .failure(error)
        }
    }

    private mutating func store(_ byte: UInt8) throws(ReplyError) {
        guard line.count < Self.maximumLineByteCount else { throw .lineTooLong(limit: Self.maximumLineByteCount) }
        byteCount += 1
        guard byteCount <= Self.maximumByteCount else { throw .tooLarge(limit: Self.maximumByteCount) }
        line.append(byte)
    }

    /// Takes one line; gives the reply that it completes.
    private mutating func take(_ line: [UInt8]) throws(ReplyError) -> Reply? {
        guard lines.count < Self.maximumLineCount else { throw .tooManyLines(limit: Self.maximumLineCount) }
        let head = Self.code(of: line)
        if let code {
            guard let head, head.code == code, !head.continues else {
                // RFC 959 §4.2: lines between may start with anything; our own start with one space.
                let inner = head?.code == code ? line.dropFirst(4) : line.first == 0x20 ? line.dropFirst() : line[...]
                lines.append(Self.printable(inner))
                return nil
            }
            return finish(code, last: line)
        }
        guard let head else { throw .malformedCode(line: Self.printable(line.prefix(80))) }
        if head.continues {
            code = head.code
            lines.append(Self.printable(line.dropFirst(4)))
            return nil
        }
        return finish(head.code, last: line)
    }

    private mutating func finish(_ code: Int, last line: [UInt8]) -> Reply {
        defer {
            lines = []
            byteCount = 0
            self.code = nil
        }
        return Reply(code, lines: lines + [Self.printable(line.dropFirst(4))])
    }

    private static func code(of line: [UInt8]) -> (code: Int, continues: Bool)? {
        guard line.count >= 3, line[..<3].allSatisfy(ASCII.isDigit), (0x31...0x36).contains(line[0]) else { return nil }
        let code = line[..<3].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        if line.count == 3 || line[3] == 0x20 { return (code, false) }
        return line[3] == 0x2D ? (code, true) : nil
    }

    private static func printable(_ bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(bytes), as: UTF8.self)
        guard text.unicodeScalars.contains(where: ASCII.isControl) else { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.map { ASCII.isControl($0) ? "?" : $0 })
        return String(scalars)
    }
}
