// Values that can be compared: small integers and dates.

/// A number of 16 bits with its meaning. Integers and dates are never compared with each other.
package enum NumericValue: Hashable, Sendable {
    case integer(UInt16)
    case date(UInt16)

    static let bitCount = 16
    static let largestNumber = Int(UInt16.max)

    /// Reads `0` to `65535` without leading zeros, or a day such as `2026-11-24`; nil for other text.
    init?(_ text: String) {
        if let day = Day(text) {
            self = .date(day.number)
        } else if let number = UInt16(text), String(number) == text {
            self = .integer(number)
        } else {
            return nil
        }
    }

    init(_ number: Int, like other: NumericValue) {
        let number = UInt16(clamping: number)
        switch other {
        case .integer: self = .integer(number)
        case .date: self = .date(number)
        }
    }

    var number: Int {
        switch self {
        case .integer(let number), .date(let number): Int(number)
        }
    }

    var isDate: Bool { if case .date = self { true } else { false } }

    var text: String {
        switch self {
        case .integer(let number): String(number)
        case .date(let number): Day(number: number).description
        }
    }
}
