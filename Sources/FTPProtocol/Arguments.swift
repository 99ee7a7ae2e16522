// Small arguments with a grammar of their own: REST, ALLO, LIST.

/// Where a transfer is to start (RFC 3659 §5.3).
package struct RestartOffset: Sendable, Equatable {
    package let value: UInt64

    /// Reads a decimal number of at most 2⁶³ - 1, without sign or space.
    package init?(_ argument: String?) {
        guard let argument, let value = StrictDecimal.parse(argument) else { return nil }
        self.value = value
    }
}

/// A part of a file, both ends included (draft-bryan-ftp-range).
package struct ByteRange: Sendable, Equatable {
    package let first: UInt64
    package let last: UInt64

    package var byteCount: UInt64 { last - first + 1 }

    package init(first: UInt64, last: UInt64) {
        precondition(first <= last, "a range has at least one byte")
        self.first = first
        self.last = last
    }

    /// The argument of RANG: `first last`; `1 0` means the whole file again.
    package enum Argument: Sendable, Equatable {
        case whole
        case part(ByteRange)

        package init?(_ argument: String?) {
            let words = (argument ?? "").split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2, let first = StrictDecimal.parse(words[0]), let last = StrictDecimal.parse(words[1]) else { return nil }
            if first == 1, last == 0 {
                self = .whole
            } else if first <= last {
                self = .part(ByteRange(first: first, last: last))
            } else {
                return nil
            }
        }
    }
}

/// The argument of XSHA256 where it is more than a name: `"name"`, `name first last`, `"name" first last`, both ends included.
package struct DigestArgument: Sendable, Equatable {
    package let path: String
    package let range: ByteRange?

    /// Nil: it can only be a name as it stands.
    package init?(_ argument: String) {
        var rest = argument[...]
        if argument.hasPrefix("\"") {
            // Two quotes stand for one, as in reply 257 (RFC 959, appendix II).
            var parts: [Substring] = []
            repeat {
                rest = rest.dropFirst()
                guard let quote = rest.firstIndex(of: "\"") else { return nil }
                parts.append(rest[..<quote])
                rest = rest[quote...].dropFirst()
            } while rest.hasPrefix("\"")
            path = parts.joined(separator: "\"")
            guard !path.isEmpty else { return nil }
            if rest.isEmpty {
                range = nil
                return
            }
            guard rest.hasPrefix(" ") else { return nil }
        } else {
            guard let last = argument.lastIndex(of: " "), let first = argument[..<last].lastIndex(of: " "), first > argument.startIndex else { return nil }
            (path, rest) = (String(argument[..<first]), argument[first...])
        }
        guard case .part(let part) = ByteRange.Argument(String(rest.dropFirst())) else { return nil }
        range = part
    }
}

/// Facts to be changed: `Modify=20260101000000;UNIX.mode=0644; name` (draft-somers-ftp-mfxx §5).
package struct FactChanges: Sendable, Equatable {
    package let facts: [(name: String, value: String)]
    package let path: String

    package init?(_ argument: String?) {
        guard let argument, let space = argument.firstIndex(of: " "), argument.index(after: space) < argument.endIndex else { return nil }
        var facts: [(String, String)] = []
        for part in argument[..<space].split(separator: ";") {
            guard let equals = part.firstIndex(of: "="), equals > part.startIndex else { return nil }
            facts.append((part[..<equals].lowercased(), String(part[part.index(after: equals)...])))
        }
        guard !facts.isEmpty else { return nil }
        self.facts = facts
        path = String(argument[argument.index(after: space)...])
    }

    package static func == (first: FactChanges, second: FactChanges) -> Bool {
        first.path == second.path && first.facts.elementsEqual(second.facts) { $0 == $1 }
    }
}

/// The two forms of SITE UTIME: `YYYYMMDDhhmm[ss] name`, and `name access modify create UTC`.
package struct TouchArgument: Sendable, Equatable {
    package let time: FTPTimestamp
    package let path: String

    package init?(_ argument: String) {
        func timestamp(_ text: Substring) -> FTPTimestamp? { FTPTimestamp(text.count == 12 ? text + "00" : text) }
        let words = argument.split(separator: " ")
        if words.count >= 5, ASCII.equalIgnoringCase(words[words.count - 1], "UTC"), let time = timestamp(words[words.count - 3]) {
            (self.time, path) = (time, String(argument[..<words[words.count - 5].endIndex]))
        } else if words.count >= 2, let time = timestamp(words[0]), let space = argument.firstIndex(of: " ") {
            (self.time, path) = (time, String(argument[argument.index(after: space)...]))
        } else {
            return nil
        }
    }
}

/// The size that a client announces with `ALLO n` or `ALLO n R m` (RFC 959 §4.1.3).
package struct Allocation: Sendable, Equatable {
    package let byteCount: UInt64

    package init?(_ argument: String?) {
        guard let argument else { return nil }
        let words = argument.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 1 || words.count == 3, let byteCount = StrictDecimal.parse(words[0]) else { return nil }
        if words.count == 3 {
            guard ASCII.equalIgnoringCase(words[1], "R"), StrictDecimal.parse(words[2]) != nil else { return nil }
        }
        self.byteCount = byteCount
    }
}

/// The argument of LIST and NLST: the options of `ls` that some clients send, and a path.
package struct ListArgument: Sendable, Equatable {
    /// `-a` was given: hidden names are wanted.
    package let showsHidden: Bool
    /// The path as sent; `nil` for the current folder.
    package let path: String?

    package init(_ argument: String?) {
        var rest = (argument ?? "")[...].utf8
        var showsHidden = false
        while rest.first == 0x2D {
            let end = rest.firstIndex(of: 0x20) ?? rest.endIndex
            showsHidden = showsHidden || rest[..<end].contains(0x61)
            rest = rest[end...].drop(while: { $0 == 0x20 })
        }
        self.showsHidden = showsHidden
        path = rest.isEmpty ? nil : String(Substring(rest))
    }
}
