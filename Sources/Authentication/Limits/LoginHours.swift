// Days and hours of a week in a time zone: "mon-fri 07:00-19:00, sat 08:00-12:00".
import Foundation

package struct LoginHours: Hashable, Sendable {
    /// Minutes of a day, on some days. An end at or before the start is on the next day.
    private struct Span: Hashable, Sendable {
        /// 0 is Sunday.
        let days: Set<Int>
        let start: Int
        let end: Int
    }

    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// As the operator wrote it.
    package let text: String
    /// A name of the time zone database, such as Europe/Berlin.
    package let zoneName: String
    private let zone: TimeZone
    private let spans: [Span]

    /// Nil unless both can be understood. Without days a span is of every day: "07:00-19:00".
    package init?(_ text: String, zone zoneName: String) {
        guard let zone = TimeZone(identifier: zoneName), zoneName == "UTC" || zoneName.contains("/") else { return nil }
        var spans: [Span] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: " ").map { $0.lowercased() }
            guard let hours = words.last, let days = words.count == 1 ? Set(0..<7) : words.count == 2 ? Self.days(words[0]) : nil,
                let (start, end) = Self.minutes(hours)
            else { return nil }
            spans.append(Span(days: days, start: start, end: end))
        }
        guard !spans.isEmpty else { return nil }
        self.text = text
        self.zoneName = zoneName
        self.zone = zone
        self.spans = spans
    }

    package func contains(secondsSince1970 now: Int64) -> Bool {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.weekday, .hour, .minute], from: Date(timeIntervalSince1970: TimeInterval(now)))
        let (day, minute) = ((parts.weekday ?? 1) - 1, (parts.hour ?? 0) * 60 + (parts.minute ?? 0))
        return spans.contains { span in
            if span.start < span.end { return span.days.contains(day) && (span.start..<span.end).contains(minute) }
            return (span.days.contains(day) && minute >= span.start) || (span.days.contains((day + 6) % 7) && minute < span.end)
        }
    }

    /// `mon` or `mon-fri`; `fri-mon` goes over the end of the week.
    private static func days(_ text: String) -> Set<Int>? {
        let names = text.split(separator: "-", omittingEmptySubsequences: false).map { dayNames.firstIndex(of: String($0)) }
        guard let first = names.first, let first, let last = names.last, let last, names.count <= 2 else { return nil }
        return Set((0...((last - first + 7) % 7)).map { (first + $0) % 7 })
    }

    /// `07:00-19:00`; the end may be 24:00.
    private static func minutes(_ text: String) -> (start: Int, end: Int)? {
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map { time -> Int? in
            let fields = time.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 2, fields.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt8(fields[0]), let minute = UInt8(fields[1]),
                minute < 60, hour < 24 || (hour == 24 && minute == 0)
            else { return nil }
            return Int(hour) * 60 + Int(minute)
        }
        guard times.count == 2, let start = times[0], let end = times[1], start < 24 * 60, start != end else { return nil }
        return (start, end)
    }
}
