// Times as FTP writes them, YYYYMMDDHHMMSS[.sss] in UTC (RFC 3659 §2.3), by arithmetic alone.

/// A moment in UTC with millisecond precision, in the years 1 to 9999.
package struct FTPTimestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    package let seconds: Int64
    /// 0 to 999, counted forwards from `seconds`.
    package let milliseconds: Int

    private static let earliest: Int64 = -62_135_596_800  // 0001-01-01 00:00:00
    private static let latest: Int64 = 253_402_300_799  // 9999-12-31 23:59:59

    /// A moment, moved to the nearest that can be written.
    package init(seconds: Int64, milliseconds: Int = 0) {
        self.seconds = min(max(seconds, Self.earliest), Self.latest)
        self.milliseconds = min(max(milliseconds, 0), 999)
    }

    /// Reads 14 digits and, if there is one, a fraction of 1 to 9 digits, of which three count.
    ///
    /// Second 60 is accepted, as a leap second, and is the first second of the next minute.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(25))
        guard bytes.count >= 14, bytes[..<14].allSatisfy(ASCII.isDigit) else { return nil }
        func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
        let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
        guard year >= 1, (1...12).contains(month), (1...Self.dayCount(year: year, month: month)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var milliseconds = 0
        if bytes.count > 14 {
            let fraction = bytes[15...]
            guard bytes[14] == 0x2E, (1...9).contains(fraction.count), fraction.allSatisfy(ASCII.isDigit) else { return nil }
            for place in 0..<3 {
                milliseconds = milliseconds * 10 + (place < fraction.count ? Int(fraction[15 + place] - 0x30) : 0)
            }
        }
        let days = Self.days(year: year, month: month, day: day)
        self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second, milliseconds: milliseconds)
    }

    /// Splits the argument of MFMT, or of MDTM with a time to set, into its time and the path behind it.
    package static func split(argument: String) -> (time: FTPTimestamp, path: String)? {
        guard let space = argument.utf8.firstIndex(of: 0x20), let time = FTPTimestamp(argument[..<space]) else { return nil }
        let path = argument[argument.utf8.index(after: space)...]
        return path.isEmpty ? nil : (time, String(path))
    }

    package static func < (a: FTPTimestamp, b: FTPTimestamp) -> Bool {
        (a.seconds, a.milliseconds) < (b.seconds, b.milliseconds)
    }

    func append(to bytes: inout [UInt8]) {
        let parts = civil
        StrictDecimal.append(UInt64(parts.year), width: 4, filler: 0x30, to: &bytes)
        for part in [parts.month, parts.day, parts.hour, parts.minute, parts.second] {
            bytes.append(0x30 + UInt8(part / 10))
            bytes.append(0x30 + UInt8(part % 10))
        }
        if milliseconds > 0 {
            bytes.append(0x2E)
            StrictDecimal.append(UInt64(milliseconds), width: 3, filler: 0x30, to: &bytes)
        }
    }

    /// The calendar fields in UTC.
    package var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            days -= 1
            rest += 86_400
        }
        let date = Self.date(days: days)
        return (date.year, date.month, date.day, Int(rest / 3600), Int(rest / 60 % 60), Int(rest % 60))
    }

    private static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that start in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1))
    }
}

extension FTPTimestamp: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
