// One command of the control connection, already split into its verb and its argument.

/// A command line that has passed every check on its bytes (RFC 959 §5.3).
package struct Command: Sendable, Equatable {
    /// The verb in upper case: ASCII letters and digits, 1 to 12 of them.
    package let verb: String
    /// What follows the first space, with its other spaces as sent; `nil` when nothing follows.
    package let argument: String?

    package init(verb: String, argument: String? = nil) {
        self.verb = verb
        self.argument = argument
    }
}

/// Why a command line was refused. One error stands for one whole line.
package enum CommandLineError: Error, Equatable {
    /// The line is longer than the buffer's limit; all of it was dropped.
    case tooLong
    /// The line holds this control character (NUL, a lone CR, ESC, DEL, …).
    case controlCharacter(UInt8)
    /// The line is not UTF-8, or holds a Telnet sequence that has no place in FTP.
    case notUTF8
    case empty
    /// The line does not start with 1 to 12 ASCII letters and digits.
    case malformedVerb
}

extension CommandLineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "command line too long"
        case .controlCharacter(let byte): "control character \(byte) in command line"
        case .notUTF8: "command line is not UTF-8"
        case .empty: "empty command line"
        case .malformedVerb: "command not understood"
        }
    }
}
