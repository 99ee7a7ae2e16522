/// `[audit]`: the log of who did what.

extension Configuration {
    package struct Audit: Codable, Sendable {
        /// Writes `audit.jsonl` into the data folder.
        package var enabled = true
        /// Names of records in the log; otherwise just the folders they lie in.
        package var record_names = false
        /// MiB after which the file is put aside and a new one begun.
        package var file_mib = 64
        /// Minutes after which the ledger is told where the log stands, if it has grown; also at the server's end.
        package var anchor_minutes = 60
        /// Refusals before a login that are told one by one each minute, from one network; the rest is told as a number.
        package var network_refusals = 20
        /// The same in all.
        package var refusals = 100

        var problems: [String] {
            var problems: [String] = []
            for (key, value) in [("audit.file_mib", file_mib), ("audit.anchor_minutes", anchor_minutes)] where !(1...1_000_000).contains(value) {
                problems.append("\(key) must be from 1 to 1000000")
            }
            for (key, value) in [("audit.network_refusals", network_refusals), ("audit.refusals", refusals)] where !(0...1_000_000).contains(value) {
                problems.append("\(key) must be from 0 to 1000000")
            }
            return problems
        }

        var refusalBound: RefusalMeter.Bound { RefusalMeter.Bound(ofNetwork: network_refusals, inAll: refusals) }

        /// Bytes after which the file is put aside.
        var fileLimit: UInt64 { UInt64(file_mib) << 20 }
    }
}
