// A line on the terminal that shows how far a transfer is; in a pipe, nothing.

internal import Glibc

final class ProgressBar {
    private let name: String
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var next = ContinuousClock.now

    init(_ name: String, isQuiet: Bool) {
        self.name = name
        isShown = !isQuiet && isatty(STDERR_FILENO) == 1
    }

    deinit { if isShown { Console.raw("\r\u{1B}[K", to: STDERR_FILENO) } }

    /// Draws at most ten times a second.
    func update(_ done: UInt64, _ total: UInt64?) {
        let now = ContinuousClock.now
        guard isShown, now >= next || done == total else { return }
        next = now.advanced(by: .milliseconds(100))
        let elapsed = start.duration(to: now)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let speed = seconds > 0.2 ? Console.size(UInt64(Double(done) / seconds)) + "/s" : ""
        var bar = ""
        if let total, total > 0 {
            let width = 24
            let filled = min(width, Int(Double(done) / Double(total) * Double(width)))
            bar =
                "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "] "
                + "\(min(100, Int(Double(done) / Double(total) * 100)))% "
        }
        Console.raw("\r\u{1B}[K\(name) \(bar)\(Console.size(done))\(total.map { " of " + Console.size($0) } ?? "") \(speed)", to: STDERR_FILENO)
    }
}
