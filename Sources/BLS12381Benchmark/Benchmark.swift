// Times the pairing library's operations and prints the least time of many runs of each.
//
//     bls12381-bench [--json] [--seconds S] [--once] [part of a name …]
//
// --seconds is the time spent on each operation (default 0.5). --once runs each operation once and prints nothing, for
// an instruction counter to look at.

import BLS12381

@main
enum Benchmark {
    static func main() {
        var isJSON = false, isOnce = false, seconds = 0.5
        var filters: [String] = []
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--once": isOnce = true
            case "--seconds":
                guard let text = arguments.popFirst(), let value = Double(text), value > 0 else { usage() }
                seconds = value
            case _ where argument.hasPrefix("-"): usage()
            default: filters.append(argument)
            }
        }
        let chosen = operations().filter { operation in filters.isEmpty || filters.contains { operation.name.contains($0) } }
        guard !isOnce else {
            for operation in chosen { operation.run() }
            return
        }
        let results = chosen.map { measure($0.name, budget: .seconds(seconds), $0.run) }
        print(isJSON ? json(results) : table(results))
    }

    private static func usage() -> Never {
        fatalError("usage: bls12381-bench [--json] [--seconds S] [--once] [part of a name …]")
    }

    private static func table(_ results: [Measurement]) -> String {
        let width = results.map(\.name.count).max() ?? 0
        return results.map { result in
            let number = decimal(result.microseconds)
            return result.name + String(repeating: " ", count: width - result.name.count + max(12 - number.count, 1)) + number + " µs"
        }.joined(separator: "\n")
    }

    private static func json(_ results: [Measurement]) -> String {
        "{" + results.map { "\"\($0.name)\": \(decimal($0.microseconds))" }.joined(separator: ", ") + "}"
    }

    /// Three digits after the point.
    private static func decimal(_ value: Double) -> String {
        let thousandths = String(Int((value * 1000).rounded()))
        let padded = String(repeating: "0", count: max(4 - thousandths.count, 0)) + thousandths
        return padded.dropLast(3) + "." + padded.suffix(3)
    }
}
