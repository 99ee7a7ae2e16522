// A server as users name it: ftps://alice@host:port

/// The account and the address in a server's URL.
package struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    package let user: String
    package let host: String
    package let port: UInt16
    /// TLS from the first byte; else AUTH TLS.
    package let isImplicit: Bool

    /// Reads `ftps://USER@HOST[:PORT]`. Port 990 means implicit TLS; without a port it is 21.
    package init(_ text: String) throws(ClientError) {
        let scheme = "ftps://"
        guard text.hasPrefix(scheme) else { throw Self.malformed(text) }
        var rest = text.dropFirst(scheme.count)
        if rest.last == "/" { rest.removeLast() }
        guard let at = rest.lastIndex(of: "@") else { throw Self.malformed(text) }
        let user = String(rest[..<at])
        guard !user.contains(":") else {
            throw ClientError(.usage, "a password must not stand in a URL", hint: "use --password-file, or type it when asked")
        }
        let isUser = !user.isEmpty && user.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "/" }
        guard isUser else { throw Self.malformed(text) }
        rest = rest[rest.index(after: at)...]
        var host = rest
        var port = "21"[...]
        if rest.first == "[" {
            guard let close = rest.firstIndex(of: "]") else { throw Self.malformed(text) }
            host = rest[rest.index(after: rest.startIndex)..<close]
            let tail = rest[rest.index(after: close)...]
            if !tail.isEmpty {
                guard tail.first == ":" else { throw Self.malformed(text) }
                port = tail.dropFirst()
            }
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        }
        let isHost =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x2D
            }
        guard isHost, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port), number > 0 else { throw Self.malformed(text) }
        self.user = user
        self.host = String(host)
        self.port = number
        isImplicit = number == 990
    }

    package var description: String { "ftps://\(user)@\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    private static func malformed(_ text: String) -> ClientError {
        ClientError(.usage, "\(text) is no server address", hint: "for example: ftps://alice@records.example:21")
    }
}
