// Turns the bytes of a control connection into commands, one line at a time, in bounded memory.

/// Collects received bytes and gives back one `Command`, or one error, for each line.
///
/// A line ends with CR LF, or with LF alone as some clients send it. Telnet sequences (RFC 854) are removed:
/// `IAC IP`, `IAC DM` and the like, `IAC WILL|WONT|DO|DONT x`; `IAC IAC` is the byte 255, which no UTF-8 text holds.
/// Append only after `next()` has returned `nil`: then no more than one unfinished line is held.
package struct CommandLineBuffer: Sendable {
    private enum Telnet { case text, afterIAC, afterNegotiation }

    private let maximumLineByteCount: Int
    private var unread: [UInt8] = []
    private var position = 0
    private var line: [UInt8] = []
    private var isOverlong = false
    private var hasStrayTelnet = false
    private var telnet = Telnet.text

    package init(maximumLineByteCount: Int = 4096) {
        self.maximumLineByteCount = maximumLineByteCount
    }

    /// Whether not one byte waits: neither a whole line nor the beginning of one.
    package var isEmpty: Bool {
        position == unread.count && line.isEmpty && !isOverlong && !hasStrayTelnet && telnet == .text
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        unread.append(contentsOf: bytes)
    }

    /// The next whole line, or `nil` when more bytes are needed.
    package mutating func next() -> Result<Command, CommandLineError>? {
        while position < unread.count {
            let byte = unread[position]
            position += 1
            if take(byte) {
                return finishLine()
            }
        }
        unread.removeAll(keepingCapacity: unread.capacity <= 65_536)
        position = 0
        return nil
    }

    /// Takes one byte; true when it ended the line.
    private mutating func take(_ byte: UInt8) -> Bool {
        switch telnet {
        case .text:
            if byte == 0x0A { return true }
            if byte == 0xFF { telnet = .afterIAC } else { store(byte) }
        case .afterIAC:
            telnet = .text
            switch byte {
            case 251...254: telnet = .afterNegotiation
            case 240...249: break  // SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA carry nothing for us
            case 0x0A:
                hasStrayTelnet = true
                return true
            default: hasStrayTelnet = true  // IAC IAC, subnegotiation, or nonsense
            }
        case .afterNegotiation:
            telnet = .text
            // A line end is never swallowed as an option, or two lines would be read as one.
            if byte == 0x0A {
                hasStrayTelnet = true
                return true
            }
        }
        return false
    }

    private mutating func store(_ byte: UInt8) {
        // One byte more than the limit, for the CR of the line end.
        if line.count <= maximumLineByteCount {
            line.append(byte)
        } else {
            isOverlong = true
        }
    }

    private mutating func finishLine() -> Result<Command, CommandLineError> {
        defer {
            line.removeAll(keepingCapacity: true)
            isOverlong = false
            hasStrayTelnet = false
            telnet = .text
        }
        if isOverlong { return .failure(.tooLong) }
        if line.last == 0x0D { line.removeLast() }
        if line.count > maximumLineByteCount { return .failure(.tooLong) }
        if hasStrayTelnet { return .failure(.notUTF8) }
        return Self.parse(line)
    }

    /// Checks and splits one line without its line end.
    private static func parse(_ line: [UInt8]) -> Result<Command, CommandLineError> {
        if line.isEmpty { return .failure(.empty) }
        if let control = line.first(where: { $0 < 0x20 || $0 == 0x7F }) { return .failure(.controlCharacter(control)) }
        guard let text = String(validating: line, as: UTF8.self) else { return .failure(.notUTF8) }
        let end = line.firstIndex(of: 0x20) ?? line.count
        guard (1...12).contains(end), line[..<end].allSatisfy({ ASCII.isAlphanumeric($0) }) else {
            return .failure(.malformedVerb)
        }
        let verb = String(decoding: line[..<end].map(ASCII.uppercased), as: UTF8.self)
        let argument = text.utf8.dropFirst(end + 1)
        return .success(Command(verb: verb, argument: argument.isEmpty ? nil : String(Substring(argument))))
    }
}
