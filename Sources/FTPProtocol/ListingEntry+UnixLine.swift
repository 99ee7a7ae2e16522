// LIST lines in the form of `ls -l`, the only one that every client understands.

extension ListingEntry {
    private static let months: [[UInt8]] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
    private static let halfYear: Int64 = 182 * 86_400

    /// The line without its line end: `-rw-r--r--   1 phr      phr             3 Nov 24 01:42 name`.
    ///
    /// Times are UTC; those more than half a year away show the year. `now` is in seconds since 1970.
    package func unixLine(now: Int64) -> String {
        var bytes: [UInt8] = []
        appendUnixLine(now: now, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the line without its line end.
    package func appendUnixLine(now: Int64, to bytes: inout [UInt8]) {
        bytes += unixMode.utf8
        bytes += "   1 ".utf8
        Self.append(owner, to: &bytes)
        Self.append(group, to: &bytes)
        StrictDecimal.append(kind.isDirectory ? 0 : size ?? 0, width: 12, filler: 0x20, to: &bytes)
        bytes.append(0x20)
        let time = modified ?? 0
        let date = FTPTimestamp(seconds: time).civil
        bytes += Self.months[date.month - 1]
        bytes.append(0x20)
        StrictDecimal.append(UInt64(date.day), width: 2, filler: 0x20, to: &bytes)
        bytes.append(0x20)
        if time > now + 86_400 || time < now - Self.halfYear {
            StrictDecimal.append(UInt64(date.year), width: 5, filler: 0x20, to: &bytes)
        } else {
            StrictDecimal.append(UInt64(date.hour), width: 2, filler: 0x30, to: &bytes)
            bytes.append(0x3A)
            StrictDecimal.append(UInt64(date.minute), width: 2, filler: 0x30, to: &bytes)
        }
        bytes.append(0x20)
        bytes += name.utf8
    }

    /// The mode that agrees with the `perm` fact, for the owner's column.
    private var unixMode: String {
        let writable = permissions.utf8.contains { $0 == 0x77 || $0 == 0x61 || $0 == 0x63 }  // w, a, c
        if kind.isDirectory { return writable ? "drwxr-x---" : "dr-xr-x---" }
        return writable ? "-rw-r-----" : "-r--r-----"
    }

    private static func append(_ word: String, to bytes: inout [UInt8]) {
        bytes += word.utf8
        bytes += repeatElement(0x20, count: max(8 - word.utf8.count, 0) + 1)
    }
}
