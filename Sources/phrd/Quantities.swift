// Amounts and times as operators write them: 10G, 500K, none; 30m, 2h, 7d.
import ArgumentParser
import RecordStore

/// A bound, or that there is none. K, M, G and T are powers of 1024.
struct Bound: ExpressibleByArgument {
    let value: UInt64?

    init?(argument: String) {
        if argument == "none" {
            value = nil
            return
        }
        let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        let unit = argument.last.flatMap { units[Character($0.uppercased())] }
        guard let number = UInt64(unit == nil ? argument[...] : argument.dropLast()), !argument.hasPrefix("+") else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflows, product <= UInt64(Int64.max) else { return nil }
        value = product
    }

    static func text(_ value: UInt64) -> String {
        for (unit, size) in [("T", UInt64(1) << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] where value >= size && value % size == 0 {
            return "\(value / size)\(unit)"
        }
        return "\(value)"
    }
}

/// A length of time: a number with s, m, h, d or w.
struct TimeSpan: ExpressibleByArgument {
    let seconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = UInt32(argument.dropLast()), number > 0, !argument.hasPrefix("+") else {
            return nil
        }
        seconds = Int64(number) * unit
    }
}

/// What an account or a folder holds.
struct UsageFacts: Encodable {
    let bytes: UInt64
    let files: UInt64
    /// Bytes of the disk, with older versions and what has lost its name.
    let disk: UInt64

    init(_ usage: Usage) {
        bytes = usage.bytes
        files = usage.files
        disk = usage.disk
    }
}
