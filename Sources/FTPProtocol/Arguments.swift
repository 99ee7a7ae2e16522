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
