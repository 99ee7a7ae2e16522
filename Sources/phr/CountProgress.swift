// A line on the terminal that shows how many of a number of things are done; in a pipe, nothing.

internal import Glibc

final class CountProgress {
    private let what: String
    private let isShown: Bool

    init(_ what: String, isQuiet: Bool) {
        self.what = what
        isShown = !isQuiet && isatty(STDERR_FILENO) == 1
    }

    deinit { if isShown { Console.raw("\r\u{1B}[K", to: STDERR_FILENO) } }

    func update(_ done: Int, _ total: Int, _ name: String) {
        guard isShown, total > 1 else { return }
        let width = 24
        let filled = done * width / total
        let bar = "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]"
        Console.raw("\r\u{1B}[K\(what) \(bar) \(done) of \(total) \(Console.printable(name))", to: STDERR_FILENO)
    }
}
