// The list of extensions that FEAT tells (RFC 2389 §3).

/// Names of extensions with their parameters, in the order in which they are told.
package struct Features: Sendable, Equatable {
    package private(set) var entries: [(name: String, parameters: String)] = []

    package init() {}

    /// One entry for each line, such as `AUTH TLS` or `MLST type*;size*;`.
    package init(lines: [String]) {
        for line in lines {
            let line = line.drop(while: { $0 == " " })
            guard let space = line.firstIndex(of: " ") else {
                if !line.isEmpty { entries.append((line.uppercased(), "")) }
                continue
            }
            entries.append((line[..<space].uppercased(), String(line[line.index(after: space)...])))
        }
    }

    /// Reads a 211 reply: the lines between the first and the last.
    package init(reply: Reply) {
        self.init(lines: reply.lines.count > 2 ? Array(reply.lines.dropFirst().dropLast()) : [])
    }

    package func contains(_ name: String) -> Bool { entries.contains { $0.name == name } }

    /// Whether an extension of this name is listed with this parameter among those that `;` or a space divides.
    package func contains(_ name: String, _ parameter: String) -> Bool {
        entries.contains { entry in
            entry.name == name
                && entry.parameters.split(whereSeparator: { $0 == ";" || $0 == " " })
                    .contains { ASCII.equalIgnoringCase($0, parameter) }
        }
    }

    /// The reply to FEAT.
    package var reply: Reply {
        guard !entries.isEmpty else { return Reply(211, "No features") }
        let lines = entries.map { $0.parameters.isEmpty ? $0.name : $0.name + " " + $0.parameters }
        return Reply(211, lines: ["Extensions supported:"] + lines + ["End"])
    }

    package static func == (a: Features, b: Features) -> Bool {
        a.entries.elementsEqual(b.entries) { $0 == $1 }
    }
}
