// Months and days as small numbers, without a clock or a time zone.

/// A calendar month, from 2000-01 to 2341-04.
package struct Month: Hashable, Comparable, Sendable {
    /// Months since January 2000: 0 to 4095.
    package let number: Int

    static let bitCount = 12
    static let largestNumber = (1 << bitCount) - 1

    /// The month with that number, or nil outside 0…4095.
    package init?(number: Int) {
        guard (0...Self.largestNumber).contains(number) else { return nil }
        self.number = number
    }

    /// The month of a time of the clock, in UTC; times outside the calendar count as its first or last month.
    package init(secondsSince1970: Int64) {
        let day = Calendar.civil(daysSince1970: Int((secondsSince1970 - (secondsSince1970 >= 0 ? 0 : 86_399)) / 86_400))
        number = min(max((day.year - 2000) * 12 + day.month - 1, 0), Self.largestNumber)
    }

    /// Reads `2026-11`.
    package init?(_ text: String) {
        let fields = Calendar.fields(text, widths: [4, 2])
        guard fields.count == 2, (1...12).contains(fields[1]), fields[0] >= 2000 else { return nil }
        self.init(number: (fields[0] - 2000) * 12 + fields[1] - 1)
    }

    /// The month `count` later, or the last of the calendar.
    package func advanced(by count: Int) -> Month {
        Month(number: min(max(number + count, 0), Self.largestNumber)) ?? self
    }

    package static func < (first: Month, second: Month) -> Bool { first.number < second.number }
}

extension Month: CustomStringConvertible {
    package var description: String { "\(2000 + number / 12)-\(Calendar.twoDigits(number % 12 + 1))" }
}

/// A calendar day, from 2000-01-01 to 2179-06-06.
package struct Day: Hashable, Comparable, Sendable {
    /// Days since 2000-01-01.
    package let number: UInt16

    package init(number: UInt16) {
        self.number = number
    }

    /// Reads `2026-11-24`; nil for what is no day of the calendar.
    package init?(_ text: String) {
        let fields = Calendar.fields(text, widths: [4, 2, 2])
        guard fields.count == 3, (1...12).contains(fields[1]), fields[2] >= 1 else { return nil }
        let days = Calendar.daysSince2000(year: fields[0], month: fields[1], day: fields[2])
        guard let number = UInt16(exactly: days) else { return nil }
        self.number = number
        guard description == text else { return nil }
    }

    package static func < (first: Day, second: Day) -> Bool { first.number < second.number }
}

extension Day: CustomStringConvertible {
    package var description: String {
        let day = Calendar.civil(daysSince1970: Int(number) + Calendar.daysFrom1970To2000)
        return "\(day.year)-\(Calendar.twoDigits(day.month))-\(Calendar.twoDigits(day.day))"
    }
}

/// The proleptic Gregorian calendar in integers. Source: Hinnant, "chrono-compatible low-level date algorithms".
private enum Calendar {
    static let daysFrom1970To2000 = 10_957

    static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func daysSince2000(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 - daysFrom1970To2000
    }

    /// Numbers of exactly these widths between hyphens, or nothing.
    static func fields(_ text: String, widths: [Int]) -> [Int] {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == widths, parts.allSatisfy({ $0.allSatisfy(AttributeSyntax.isDigit) }) else { return [] }
        return parts.map { $0.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
    }

    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
