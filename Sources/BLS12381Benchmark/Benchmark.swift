// Times the pairing library's operations and prints the least time of many runs of each.
//
//     bls12381-bench [--json] [--seconds S] [--repeat N] [name, or part of one …]
//
// --seconds is the time spent on each operation (default 0.5). --repeat runs each operation N times and prints nothing, for
// an instruction counter: what N = 11 takes beyond N = 1 is ten times the operation.

import BLS12381
internal import Glibc

@main
enum Benchmark {
    static func main() {
        var isJSON = false, seconds = 0.5
        var repeatCount: Int?
        var filters: [String] = []
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--repeat":
                guard let text = arguments.popFirst(), let value = Int(text), value > 0 else { usage() }
                repeatCount = value
            case "--seconds":
                guard let text = arguments.popFirst(), let value = Double(text), value > 0 else { usage() }
                seconds = value
            case _ where argument.hasPrefix("-"): usage()
            default: filters.append(argument)
            }
        }
        let all = operations()
        let names = Set(all.map(\.name))
        // A whole name means that operation alone.
        let chosen = all.filter { operation in
            filters.isEmpty || filters.contains { names.contains($0) ? operation.name == $0 : operation.name.contains($0) }
        }
        if let repeatCount {
            for operation in chosen {
                for _ in 0..<repeatCount { operation.run() }
            }
            return
        }
        let results = chosen.map { measure($0.name, budget: .seconds(seconds), $0.run) }
        print(isJSON ? json(results) : table(results))
    }

    private static func usage() -> Never {
        print("usage: bls12381-bench [--json] [--seconds S] [--repeat N] [name, or part of one …]")
        exit(64)
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
