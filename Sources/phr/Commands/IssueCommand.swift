// phr issue: gives attributes to people.

internal import ArgumentParser
internal import Client

struct IssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Give somebody attributes, by name, from a request file, or for the requests in your mail.",
        discussion: """
            The key is bound to the holder's identity, put on the ledger, and sent to him sealed; he takes it with phr accept. What he \
            holds from you already stays in the new key. --mail asks for each waiting request, --yes grants all.

            Examples:
              phr issue bob care-team
              phr issue drhouse doctor department=nephrology clearance=3 --valid-for 6 --authority stmary
              phr issue --mail
              phr issue --file bob.request --out bob.key
            """)

    @Argument(help: ArgumentHelp("Who, and then the attributes: doctor, role=doctor, clearance=3, since=2024-05-01.", valueName: "user attribute"))
    var arguments: [String] = []

    @Flag(name: .long, help: "Go through the requests in your mail.")
    var mail = false

    @Option(name: .long, help: ArgumentHelp("Grant the request in this file.", valueName: "file"))
    var file: String?

    @Flag(name: [.customLong("yes"), .customLong("all")], help: "With --mail: grant all without asking.")
    var yes = false

    @Option(name: .long, help: ArgumentHelp("With --mail: take the requests of this person off the list, ungranted. May be repeated.", valueName: "name"))
    var decline: [String] = []

    @Option(name: .long, help: ArgumentHelp("Valid for so many months from now.", valueName: "months"))
    var validFor = IssueOptions.defaultMonths

    @Flag(name: .long, help: "Exactly these attributes, without those held already; refused when older keys of this epoch have more.")
    var only = false

    @Option(name: .long, help: ArgumentHelp("The authority, if you issue for several.", valueName: "name"))
    var authority: String?

    @Option(name: .long, help: ArgumentHelp("Write the sealed key to this file instead of mailing it.", valueName: "file"))
    var out: String?

    @Flag(name: [.short, .long], help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard [!arguments.isEmpty, mail, file != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("give a user and attributes, or --file, or --mail")
        }
        if !arguments.isEmpty, arguments.count < 2 { throw ValidationError("name the attributes that \(arguments[0]) is to get") }
        if mail, out != nil { throw ValidationError("--out takes one key; what is granted with --mail goes by mail") }
        if !mail, yes || !decline.isEmpty { throw ValidationError("--yes and --decline go with --mail") }
        if only, arguments.isEmpty { throw ValidationError("--only goes with a user and attributes") }
    }

    private var options: IssueOptions {
        IssueOptions(validMonths: validFor, isExact: only, authority: authority, file: out, mayReplace: force)
    }

    func run() async throws {
        let (options, file, user, attributes) = (options, file, arguments.first, Array(arguments.dropFirst()))
        if mail { return try await runMail() }
        let report = try await common.withSession { session in
            if let file { return try await session.grantRequest(inFile: file, options: options) }
            return try await session.issue(to: user ?? "", attributes: attributes, options: options)
        }
        Console.result(report, asJSON: common.json) { Self.lines(report) }
    }

    static func line(_ report: IssueReport) -> String {
        "\(report.holder) has \(report.attributes.joined(separator: ", ")) of \(report.authority) until \(report.notAfter) (epoch \(report.epoch), place \(report.leaf), ledger entry \(report.ledgerIndex ?? 0))"
    }

    private static func lines(_ report: IssueReport) -> [String] {
        let handedOver =
            report.handedOver == "mail"
            ? "\(report.holder) takes it with: phr accept --mail" : "Sealed for \(report.holder) in \(report.handedOver ?? ""); taken with: phr accept FILE"
        return [line(report), handedOver]
    }

    // MARK: --mail

    struct MailReport: Encodable {
        let granted: [IssueReport]
        let declined: [WaitingRequest]
        let waiting: [WaitingRequest]
        let refused: [RefusedMessage]
    }

    private func runMail() async throws {
        let decliners = Set(decline)
        let waiting = try await common.withSession { session in
            (declined: decliners.isEmpty ? [] : try await session.declineRequests { decliners.contains($0.sender) }, rest: try await session.waitingRequests())
        }
        let chosen = choose(waiting.rest.requests)
        var granted: [IssueReport] = []
        if !chosen.isEmpty {
            let (options, isQuiet) = (options, common.quiet || common.json)
            granted = try await common.withSession { session in
                let bar = CountProgress("Issuing", isQuiet: isQuiet)
                return try await session.grantRequests(options: options, choose: { chosen.contains($0.id) }, progress: bar.update).granted
            }
        }
        let left = waiting.rest.requests.filter { !chosen.contains($0.id) }
        let report = MailReport(granted: granted, declined: waiting.declined, waiting: left, refused: waiting.rest.refused)
        Console.result(report, asJSON: common.json) {
            report.granted.map(Self.line) + report.declined.map { "Declined: \(Self.words($0))" } + report.waiting.map { "Waiting: \(Self.words($0))" }
                + (report.granted.isEmpty && report.declined.isEmpty && report.waiting.isEmpty ? ["No requests"] : [])
        }
        for message in report.refused { Console.note("\(message.name) is not granted: \(message.reason)") }
        if !left.isEmpty, !yes { Console.note("hint: grant all that wait with: phr issue --mail --yes") }
        if !report.refused.isEmpty { throw ExitCode(CommandStatus.tampered.rawValue) }
    }

    private func choose(_ requests: [WaitingRequest]) -> Set<String> {
        if yes { return Set(requests.map(\.id)) }
        var chosen: Set<String> = []
        for request in requests {
            guard let answer = Console.ask("\(Console.printable(Self.words(request))). Grant? [y/N/q] ") else { break }
            if answer == "q" { break }
            if answer == "y" || answer == "yes" { chosen.insert(request.id) }
        }
        return chosen
    }

    private static func words(_ request: WaitingRequest) -> String {
        let holds = request.holds.isEmpty ? "" : ", holds \(request.holds.joined(separator: ", "))"
        return
            "\(request.sender) asks \(request.authority) for \(request.attributes.joined(separator: ", ")) (\(Console.time(Int64(clamping: request.time)))\(holds))"
    }
}
