// Where passphrases come from: a file or descriptor for jobs, the terminal for people; never the command line.

internal import Glibc

/// One place to take a passphrase or password from.
package enum PassphraseSource: Sendable, Equatable {
    /// A file that only its owner can read. One line end at its end does not count.
    case file(String)
    /// An open descriptor, read to its end.
    case descriptor(Int32)
    /// The terminal, with echo off.
    case terminal

    private static let limit = 64 * 1024

    /// The source that a program's options and environment name, the terminal when they name none.
    package static func choose(descriptor: Int32?, file: String?, environment: String?) -> PassphraseSource {
        if let descriptor { return .descriptor(descriptor) }
        if let file { return .file(file) }
        if let environment, !environment.isEmpty { return .file(environment) }
        return .terminal
    }

    /// Reads the passphrase. A terminal is asked with `prompt`, twice when `isNew`.
    package func read(prompt: String, isNew: Bool = false) throws(KeyringError) -> Secret {
        var bytes: [UInt8]
        switch self {
        case .file(let path):
            bytes = try PrivateFile.read(path, limit: Self.limit)
        case .descriptor(let descriptor):
            do {
                bytes = try PrivateFile.readAll(descriptor, limit: Self.limit)
            } catch {
                throw .noPassphrase(reason: "descriptor \(descriptor): \(error.reason)")
            }
        case .terminal:
            bytes = try Terminal.readSecret(prompt: prompt)
            if isNew {
                var again = try Terminal.readSecret(prompt: "Again: ")
                defer { wipe(&again) }
                guard again == bytes else {
                    wipe(&bytes)
                    throw .noPassphrase(reason: "the two entries differ")
                }
            }
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .emptyPassphrase }
        return Secret(consuming: &bytes)
    }
}

/// The controlling terminal.
enum Terminal {
    /// Asks for one line with echo off. The terminal's settings are put back in every case.
    static func readSecret(prompt: String) throws(KeyringError) -> [UInt8] {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw .noPassphrase(reason: "there is no terminal to ask on") }
        defer { close(terminal) }
        var settings = termios()
        guard unsafe tcgetattr(terminal, &settings) == 0 else { throw .noPassphrase(reason: systemMessage(errno)) }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        say(prompt, on: terminal)
        guard unsafe tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { throw .noPassphrase(reason: systemMessage(errno)) }
        defer {
            unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
            say("\n", on: terminal)
        }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 4096 {
            let count = unsafe Glibc.read(terminal, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 || byte == 0x0A { break }
            line.append(byte)
        }
        return line
    }

    private static func say(_ text: String, on terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(terminal, $0.baseAddress, $0.count) }
    }
}
