// phr breakglass: emergency access, prepared by the patient, never used in silence.

internal import ArgumentParser
internal import Client

struct BreakglassCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breakglass", abstract: "Open a patient's records in an emergency, with a trace on the ledger and a notice to the patient.",
        discussion: """
            The patient prepares it: the hospital has a sealed key and one half of what opens it, the site has the other half. The site \
            gives its half out only after the request with its reason is on the ledger and a notice lies in the patient's mail.

            Examples:
              phr breakglass setup stmary
              phr breakglass alice/allergies.json --reason "unconscious, trauma room 2"
              phr breakglass list
            """,
        subcommands: [BreakglassSetupCommand.self, BreakglassOpenCommand.self, BreakglassListCommand.self, BreakglassWithdrawCommand.self],
        defaultSubcommand: BreakglassOpenCommand.self)
}

struct BreakglassSetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Prepare emergency access to your records for a hospital.",
        discussion: """
            You must be an authority (phr authority init). It opens records whose policy names the attribute, such as \
            "alice:care-team or alice:emergency".

            Example: phr breakglass setup stmary --note "allergic to penicillin"
            """)

    @Argument(help: "The hospital.")
    var holder: String

    @Option(name: .long, help: "The attribute that it gets.")
    var attribute = "emergency"

    @Option(name: .long, help: ArgumentHelp("What it reads first; the site can read it too.", valueName: "text"))
    var note = ""

    @Option(name: .long, help: ArgumentHelp("Valid for so many months from now.", valueName: "months"))
    var validFor = IssueOptions.defaultMonths

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (holder, attribute, note, validFor) = (holder, attribute, note, validFor)
        let report = try await common.withSession {
            try await $0.prepareEmergency(for: holder, attribute: attribute, note: note, validMonths: validFor)
        }
        Console.result(report, asJSON: common.json) {
            let policy = report.attributes.map { "\(report.owner):\($0)" }.joined(separator: " or ")
            return [
                "\(report.holder) can open records with \(policy) in an emergency, until \(report.notAfter) (ledger entry \(report.ledgerIndex))",
                "Every use is on the ledger and in your mail: phr breakglass list",
            ]
        }
    }
}

struct BreakglassOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open a record in an emergency.",
        discussion: """
            Without a record's name it lists what is there; with --keep-hours the key stays in your keyring that long, for phr get.

            Example: phr breakglass alice/allergies.json --reason "unconscious, trauma room 2" --out allergies.json
            """)

    @Argument(help: ArgumentHelp("The patient, or one of the patient's records.", valueName: "owner[/name]"))
    var target: String

    @Option(name: .long, help: ArgumentHelp("Why. The patient reads it.", valueName: "text"))
    var reason: String

    @Option(name: [.short, .long], help: ArgumentHelp("The file or folder to write to.", valueName: "file"))
    var out: String?

    @Option(name: .long, help: ArgumentHelp("Keep the key for so many hours, at most 72.", valueName: "hours"))
    var keepHours: Int?

    @Flag(name: [.short, .long], help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(1...1000).contains(reason.utf8.count) { throw ValidationError("a reason has 1 to 1,000 bytes") }
    }

    func run() async throws {
        let hasName = target.contains("/")
        let record = hasName ? try RemoteName.record(target) : nil
        guard let owner = record.map({ $0.tree == "records" ? $0.owner : nil }) ?? target else {
            throw ValidationError("name a record of a patient: OWNER/NAME")
        }
        let (reason, out, keepHours, force, isQuiet) = (reason, out, keepHours, force, common.quiet || common.json)
        let report = try await common.withSession { session in
            let bar = ProgressBar(record?.description ?? owner, isQuiet: isQuiet)
            return try await session.breakGlass(
                owner: owner, reason: reason, record: record, to: out, mayReplace: force, keepHours: keepHours, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) { Self.lines(report) }
    }

    private static func lines(_ report: EmergencyReport) -> [String] {
        var lines = [
            "Recorded: \(report.holder) opened records of \(report.owner) at \(Console.time(Int64(clamping: report.time))), \"\(Console.printable(report.reason))\" (ledger entry \(report.ledgerIndex) of \(report.ledgerSize))",
            "\(report.owner) has been told",
        ]
        if !report.note.isEmpty { lines.append("Note of \(report.owner): \(Console.printable(report.note))") }
        if let record = report.record {
            lines.append(
                "\(record.remote) -> \(record.file) (\(Console.size(record.byteCount)), version \(record.version), ledger entry \(record.ledgerIndex))")
        }
        for name in report.listing ?? [] { lines.append("  \(Console.printable(report.owner + "/" + name))") }
        if let until = report.keptUntil {
            lines.append("The key is kept until \(Console.time(Int64(clamping: until))): phr get \(report.owner)/NAME")
        } else if report.record == nil {
            lines.append("The key was not kept; open a record with: phr breakglass \(report.owner)/NAME --reason …")
        }
        return lines
    }
}

struct BreakglassListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show who is prepared for an emergency, and each use, proven on the ledger.",
        discussion: """
            Example: phr breakglass list
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withSession { try await $0.listEmergencies() }
        Console.result(report, asJSON: common.json) {
            var lines = report.givenTo.map { "\($0.name) can use your emergency access: \(Self.words($0))" }
            lines += report.receivedFrom.map { "\($0.name) has prepared emergency access for you: \(Self.words($0))" }
            lines += report.usesOfOurs.map { "Used by \($0.holder) at \(Self.words($0))" }
            lines += report.usesByUs.map { "You used that of \($0.owner) at \(Self.words($0))" }
            return lines.isEmpty ? ["No emergency access is prepared, and none was used"] : lines
        }
    }

    private static func words(_ prepared: EmergencyList.Prepared) -> String {
        "\(prepared.attributes.joined(separator: ", ")) until \(prepared.notAfter)\(prepared.isExpired ? " (expired)" : "")"
    }

    private static func words(_ use: EmergencyList.Use) -> String {
        "\(Console.time(Int64(clamping: use.time))): \"\(Console.printable(use.reason))\" (ledger entry \(use.ledgerIndex))"
    }
}

struct BreakglassWithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take emergency access back: the site forgets its half, and the key is revoked.",
        discussion: """
            Example: phr breakglass withdraw stmary
            """)

    @Argument(help: "The hospital.")
    var holder: String

    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let holder: String
        /// `nil` when its key was revoked or out of date already.
        let revocation: RevocationReport?
    }

    func run() async throws {
        let holder = holder
        let report = Report(holder: holder, revocation: try await common.withSession { try await $0.withdrawEmergency(from: holder) })
        Console.result(report, asJSON: common.json) { ["\(report.holder) has no emergency access to your records any more"] }
    }
}
