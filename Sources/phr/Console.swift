// Where words go: results to standard output, all else to standard error.

internal import Client
internal import Foundation
internal import Glibc

enum Console {
    /// Prints a result: as one JSON object, or as the lines for people.
    static func result(_ value: some Encodable, asJSON: Bool, lines: () -> [String]) {
        if asJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            if let data = try? encoder.encode(value) { write(String(decoding: data, as: UTF8.self), to: STDOUT_FILENO) }
        } else {
            for line in lines() { write(line, to: STDOUT_FILENO) }
        }
    }

    /// Says what went wrong and what to do, and ends the program.
    static func fail(_ error: ClientError) -> Never {
        note(error.message)
        for line in error.details { note("  \(line)") }
        if let hint = error.hint { note("hint: \(hint)") }
        exit(error.status.rawValue)
    }

    /// Control characters, which may come from a server or a file name, are shown and not sent to the terminal.
    static func note(_ text: String) { write("phr: \(printable(text))", to: STDERR_FILENO) }

    static func printable(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { safe, scalar in
            if scalar.properties.generalCategory == .control {
                safe += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                safe.unicodeScalars.append(scalar)
            }
        }
    }

    /// Lines with columns as wide as their widest cell.
    static func table(_ rows: [[String]]) -> [String] {
        let rows = rows.map { $0.map(printable) }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }
    }

    /// Asks on the terminal; `nil` when there is none, or at its end.
    static func ask(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        raw(question, to: STDERR_FILENO)
        return readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
    }

    /// A moment as people read it, in UTC.
    static func time(_ seconds: Int64?) -> String {
        guard let seconds else { return "-" }
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    /// `1.5 MiB`
    static func size(_ byteCount: UInt64?) -> String {
        guard let byteCount else { return "-" }
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(byteCount)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(byteCount) B" : "\(Double(Int(value * 10)) / 10) \(units[unit])"
    }

    private static func write(_ line: String, to descriptor: Int32) {
        raw(line + "\n", to: descriptor)
    }

    static func raw(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
