// Times attribute encryption from issuing to opening and prints CPU milliseconds, the least of many runs of each.
//
//     abe-bench [--json] [--seconds S] [--repeat N] [part of a name …]
//
// n is the number of attributes in the policy, a that of authorities; the holder has at least twenty attributes. "cold" is the first use,
// without remembered hashes and tables; "core" the pairings alone (CPA). "seal" seals a thousand small records, with one encapsulation
// for all (shared) or one for each. --seconds is the time spent on each operation (default 0.3). --repeat runs each operation N
// times and prints nothing, for an instruction counter: what N = 11 takes beyond N = 1 is ten times the operation.

import AttributeEncryption

@main
enum Benchmark {
    static func main() throws {
        var isJSON = false
        var repeatCount: Int?
        var seconds = 0.3
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
        var results: [Measurement] = []
        let isWanted = { (name: String) in filters.isEmpty || filters.contains { name.contains($0) } }
        for operations in Scenario.all.map({ scenario in { try scenario.operations(where: isWanted) } }) + [{ try Sealing.operations(where: isWanted) }] {
            for operation in try operations() {
                if let repeatCount {
                    for _ in 0..<repeatCount { try operation.run() }
                    continue
                }
                let result = try measure(operation, seconds: seconds)
                results.append(result)
                if !isJSON { print(line(result)) }
            }
        }
        if isJSON, repeatCount == nil { print(json(results)) }
    }

    private static func usage() -> Never {
        print("usage: abe-bench [--json] [--seconds S] [--repeat N] [part of a name …]")
        exitProcess(64)
    }

    private static func line(_ result: Measurement) -> String {
        let number = decimal(result.milliseconds)
        return result.name.padded(to: 44) + String(repeating: " ", count: max(10 - number.count, 1)) + number + " ms"
            + (result.byteCount.map { "  \($0) bytes" } ?? "")
    }

    private static func json(_ results: [Measurement]) -> String {
        let entries = results.map { result in
            "\"\(result.name)\": {\"ms\": \(decimal(result.milliseconds))" + (result.byteCount.map { ", \"bytes\": \($0)" } ?? "") + "}"
        }
        return "{" + entries.joined(separator: ", ") + "}"
    }

    /// Three digits after the point.
    private static func decimal(_ value: Double) -> String {
        let thousandths = String(Int((value * 1000).rounded()))
        let padded = String(repeating: "0", count: max(4 - thousandths.count, 0)) + thousandths
        return padded.dropLast(3) + "." + padded.suffix(3)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}
