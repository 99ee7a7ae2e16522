// `phrd folder quota` and `phrd folder rules`: what a folder takes.
import ArgumentParser
import Audit
import Exchange
import RecordStore

extension FolderCommand {
    struct Quota: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set how much a folder may hold, whoever sent it.",
            discussion: """
                A running server sees it within a second.
                Example: phrd folder quota /exchange/lab --bytes 10G --files 1000
                """)

        @OptionGroup var options: SiteOptions
        @Argument var path: String
        @Option(help: "Bytes, such as 500M or 10G, or none.") var bytes: Bound?
        @Option(help: "Files, or none.") var files: Bound?

        func validate() throws {
            if bytes == nil, files == nil { throw ValidationError("say --bytes, --files or both") }
        }

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).folders.changeRules(of: try FolderPath(path)) { rules in
                if let bytes { rules.quota.bytes = bytes.value }
                if let files { rules.quota.files = files.value }
            }
            try Site.recordChange(.folderChanged, folder: path, configuration)
            print("quota of \(path) set")
        }
    }

    struct Rules: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set which names a folder takes, and for how long it keeps files.",
            discussion: """
                Patterns have * for any characters and ? for one, and match in both cases; a list takes the place of the one before. A client that sends
                under a temporary name needs a pattern for it too. --keep-days takes files away so many days after they came, within the hour: from
                an exchange folder for everybody, with an entry on the ledger; from an inbox out of its sender's sight. "none" lifts a rule.
                Examples:
                  phrd folder rules /exchange/lab --allow '*.hl7' --allow '*.tmp' --name-length 64
                  phrd folder rules /inbox/alice --forbid '*.exe' --forbid '.*'
                  phrd folder rules /exchange/lab --allow none --keep-days 90
                """)

        @OptionGroup var options: SiteOptions
        @Argument var path: String
        @Option(help: "A pattern that names must match, or none. May be repeated.") var allow: [String] = []
        @Option(help: "A pattern that names must not match, or none. May be repeated.") var forbid: [String] = []
        @Option(help: "The longest name in bytes, or none.") var nameLength: Bound?
        @Option(help: "Days, or none.") var keepDays: Bound?

        func validate() throws {
            guard !allow.isEmpty || !forbid.isEmpty || nameLength != nil || keepDays != nil else { throw ValidationError("say which rule to set; see --help") }
            if let length = nameLength?.value, !(1...255).contains(length) { throw ValidationError("--name-length must be from 1 to 255") }
            if let days = keepDays?.value, !(1...36_500).contains(days) { throw ValidationError("--keep-days must be from 1 to 36500") }
            for pattern in allow + forbid where pattern.isEmpty || pattern.utf8.count > 255 || pattern.contains(where: \.isNewline) {
                throw ValidationError("\(pattern.debugDescription) is no pattern for a name")
            }
        }

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).folders.changeRules(of: try FolderPath(path)) { rules in
                if !allow.isEmpty { rules.allowedNames = allow == ["none"] ? [] : allow }
                if !forbid.isEmpty { rules.forbiddenNames = forbid == ["none"] ? [] : forbid }
                if let nameLength { rules.maximumNameLength = nameLength.value.map { Int(clamping: $0) } }
                if let keepDays { rules.retentionDays = keepDays.value.map { Int(clamping: $0) } }
            }
            try Site.recordChange(.folderChanged, folder: path, configuration)
            print("rules of \(path) set")
        }
    }
}

/// Rules as `phrd folder list` shows them.
struct RuleFacts: Encodable {
    let quotaBytes: UInt64?
    let quotaFiles: UInt64?
    /// Of the disk, as it follows from the bytes.
    let quotaDisk: UInt64?
    let allowedNames: [String]
    let forbiddenNames: [String]
    let maximumNameLength: Int?
    let retentionDays: Int?

    init(_ rules: FolderRules, _ configuration: Configuration) {
        let quota = configuration.limits.quota(of: rules)
        quotaBytes = quota.bytes
        quotaFiles = quota.files
        quotaDisk = quota.disk
        allowedNames = rules.allowedNames
        forbiddenNames = rules.forbiddenNames
        maximumNameLength = rules.maximumNameLength
        retentionDays = rules.retentionDays
    }

    /// Empty, or begins with two spaces.
    var text: String {
        var parts: [String] = []
        if let quotaBytes { parts.append("quota \(Bound.text(quotaBytes)) bytes") }
        if let quotaFiles { parts.append("quota \(quotaFiles) files") }
        if let quotaDisk { parts.append("quota \(Bound.text(quotaDisk)) bytes of the disk") }
        if !allowedNames.isEmpty { parts.append("names \(allowedNames.joined(separator: " "))") }
        if !forbiddenNames.isEmpty { parts.append("no names \(forbiddenNames.joined(separator: " "))") }
        if let maximumNameLength { parts.append("names to \(maximumNameLength) bytes") }
        if let retentionDays { parts.append("kept \(retentionDays) days") }
        return parts.map { "  \($0)" }.joined()
    }
}
