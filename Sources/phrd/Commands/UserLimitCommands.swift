// `phrd user quota` and `phrd user limit`: what an account may use.
import ArgumentParser
import Audit
import Authentication
import Exchange
import FTPProtocol
import RecordStore

extension UserCommand {
    struct Quota: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set how much an account may hold: all files that it has sent and that still have their names.",
            discussion: """
                --disk bounds what all that it has sent may take of the disk, with older versions and deleted files, which are kept; without it, so many
                times --bytes as limits.disk_factor says.
                A running server sees it at the next upload. SITE QUOTA and AVBL tell the client what is left.
                Examples:
                  phrd user quota stmary --bytes 10G --files 1000
                  phrd user quota stmary --files none
                  phrd user quota stmary --disk 500G
                """)

        @OptionGroup var options: SiteOptions
        @Argument var name: String
        @Option(help: "Bytes, such as 500M or 10G, or none.") var bytes: Bound?
        @Option(help: "Files, or none.") var files: Bound?
        @Option(help: "Bytes of the disk, or none to have them follow from --bytes.") var disk: Bound?

        func validate() throws {
            if bytes == nil, files == nil, disk == nil { throw ValidationError("say --bytes, --files or --disk") }
        }

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).limits.change(name) { limits in
                if let bytes { limits.quotaBytes = bytes.value }
                if let files { limits.quotaFiles = files.value }
                if let disk { limits.quotaDisk = disk.value }
            }
            try Site.recordChange(.accountChanged, account: name, configuration)
            print("quota of \(name) set")
        }
    }

    struct Limit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set how fast an account's transfers may be, how many sessions it may have, from where and when it may log in.",
            discussion: """
                Rates are for all sessions of the account together; a running server takes them at the next login. Sessions from other networks or at
                other times end within seconds, after their transfer. "none" lifts a limit.
                Examples:
                  phrd user limit stmary --upload-rate 5M --download-rate 1M --sessions 8
                  phrd user limit stmary --network 192.0.2.0/24 --network 2001:db8::/32
                  phrd user limit stmary --hours "mon-fri 07:00-19:00, sat 08:00-12:00" --time-zone Europe/Berlin
                  phrd user limit stmary --network none --hours none
                """)

        @OptionGroup var options: SiteOptions
        @Argument var name: String
        @Option(help: "Bytes a second, such as 500K or 5M, or none.") var uploadRate: Bound?
        @Option(help: "Bytes a second, or none.") var downloadRate: Bound?
        @Option(help: "Sessions at once, or none.") var sessions: Bound?
        @Option(help: "A network to log in from, in the place of those before, or none. May be repeated.") var network: [String] = []
        @Option(help: "Days and hours such as \"mon-fri 07:00-19:00\", or none.") var hours: String?
        @Option(help: "The time zone of the hours, such as Europe/Berlin.") var timeZone = "UTC"

        func validate() throws {
            guard uploadRate != nil || downloadRate != nil || sessions != nil || !network.isEmpty || hours != nil else {
                throw ValidationError("say what to limit; see --help")
            }
            for bound in [uploadRate, downloadRate, sessions] where bound?.value == 0 {
                throw ValidationError("0 would let nothing through: phrd user disable \(name) does that")
            }
            _ = try ranges
            _ = try schedule
        }

        private var ranges: [NetworkPrefix] {
            get throws {
                guard network != ["none"] else { return [] }
                return try network.map { text in
                    guard let range = NetworkPrefix(text) else { throw ValidationError("\(text) is no network such as 192.0.2.0/24 or 2001:db8::/32") }
                    return range
                }
            }
        }

        private var schedule: LoginHours? {
            get throws {
                guard let hours, hours != "none" else { return nil }
                guard let schedule = LoginHours(hours, zone: timeZone) else {
                    throw ValidationError(
                        "\"\(hours)\" in \(timeZone) cannot be understood; write \"mon-fri 07:00-19:00\" and a time zone such as Europe/Berlin")
                }
                return schedule
            }
        }

        func run() throws {
            let (ranges, schedule) = (try ranges, try schedule)
            let configuration = try options.enter()
            try Site.registry(configuration).limits.change(name) { limits in
                if let uploadRate { limits.uploadRate = uploadRate.value }
                if let downloadRate { limits.downloadRate = downloadRate.value }
                if let sessions { limits.sessions = sessions.value.map { Int(clamping: $0) } }
                if !network.isEmpty { limits.networks = ranges }
                if hours != nil { limits.hours = schedule }
            }
            try Site.recordChange(.accountChanged, account: name, configuration)
            print("limits of \(name) set")
        }
    }
}

/// Limits as `phrd user list` shows them.
struct LimitFacts: Encodable {
    let quotaBytes: UInt64?
    let quotaFiles: UInt64?
    /// Of the disk: as set, or as it follows from the bytes.
    let quotaDisk: UInt64?
    let uploadRate: UInt64?
    let downloadRate: UInt64?
    let sessions: Int?
    let networks: [String]
    let hours: String?
    let timeZone: String?

    init(_ limits: AccountLimits, _ configuration: Configuration) {
        let quota = configuration.limits.quota(of: limits)
        quotaBytes = quota.bytes
        quotaFiles = quota.files
        quotaDisk = quota.disk
        uploadRate = limits.uploadRate
        downloadRate = limits.downloadRate
        sessions = limits.sessions
        networks = limits.networks.map(\.text)
        hours = limits.hours?.text
        timeZone = limits.hours?.zoneName
    }

    /// Empty, or begins with a comma.
    var text: String {
        var parts: [String] = []
        if let quotaBytes { parts.append("quota \(Bound.text(quotaBytes)) bytes") }
        if let quotaFiles { parts.append("quota \(quotaFiles) files") }
        if let quotaDisk { parts.append("quota \(Bound.text(quotaDisk)) bytes of the disk") }
        if let uploadRate { parts.append("uploads \(Bound.text(uploadRate))/s") }
        if let downloadRate { parts.append("downloads \(Bound.text(downloadRate))/s") }
        if let sessions { parts.append("\(sessions) sessions") }
        if !networks.isEmpty { parts.append("from \(networks.joined(separator: " "))") }
        if let hours, let timeZone { parts.append("\(hours) (\(timeZone))") }
        return parts.map { ", \($0)" }.joined()
    }
}
