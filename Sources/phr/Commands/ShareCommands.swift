// phr share and phr unshare: who can open a record, without touching its body.

internal import ArgumentParser
internal import Client

struct ShareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share", abstract: "Let somebody, or everyone with certain attributes, open a record.",
        discussion: """
            Writes a new header, signed by you and put on the ledger. The body stays as it is.

            Examples:
              phr share alice/visit.json --to drbob
              phr share alice/visit.json --policy "stmary:doctor and stmary:cardiology and valid now"
            """)

    @Argument(help: "The record.")
    var remote: String

    @Option(name: .long, help: ArgumentHelp("Who is to open it. May be repeated.", valueName: "name"))
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("Everyone who satisfies this policy is to open it. May be repeated.", valueName: "policy"))
    var policy: [String] = []

    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if to.isEmpty, policy.isEmpty { throw ValidationError("give at least one --to or --policy") }
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let (people, policies, files) = (to, policy, try authorities.records())
        let report = try await common.withSession { session in
            try await session.use(files)
            return try await session.share(name, with: people, policies: policies)
        }
        if !common.quiet, !policies.isEmpty { Console.note("note: a quantum computer could open this, because of its policy") }
        Console.result(report, asJSON: common.json) { ShareCommand.lines(report) }
    }

    static func lines(_ report: ShareReport) -> [String] {
        let names = (report.recipients + report.policies.map { "whoever satisfies \($0)" }).joined(separator: ", ")
        let state = "version \(report.version), header \(report.headerRevision), ledger entry \(report.ledgerIndex)"
        var lines = ["\(report.remote) \(report.wasAlreadySo ? "is already" : "is now") for \(names) (\(state))"]
        if report.isResealed { lines.append("sealed anew under a new key; older versions open for those they were sealed for, and only you can fetch them") }
        return lines
    }
}

struct UnshareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshare", abstract: "Take people or policies out of those who can open a record.",
        discussion: """
            Brings the record, seals it under a new key for those who stay, and stores it as the next version: a reader who \
            kept the old key cannot open it. With --header-only the body stays as it is and only the header is replaced, which \
            is quick for large records and keeps out whoever has not opened it before. Nothing takes back what was read.

            Somebody whose attributes an authority has revoked still opens what was sealed before. --revoked seals a record anew \
            under the same policies as they hold now.

            Examples:
              phr unshare alice/visit.json --from drbob
              phr unshare alice/visit.json --policy "stmary:doctor and stmary:cardiology"
              phr unshare alice/visit.json --revoked
            """)

    @Argument(help: "The record.")
    var remote: String

    @Option(name: .long, help: ArgumentHelp("Who is not to open it any more. May be repeated.", valueName: "name"))
    var from: [String] = []

    @Option(name: .long, help: ArgumentHelp("The policy that is not to open it any more. May be repeated.", valueName: "policy"))
    var policy: [String] = []

    @Flag(name: .long, help: "No policy is to open it any more.")
    var allPolicies = false

    @Flag(name: .long, help: "Keep all policies, but shut out whom their authorities have revoked since.")
    var revoked = false

    @Flag(name: .long, help: "Replace the header only; the body keeps its key.")
    var headerOnly = false

    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if from.isEmpty, policy.isEmpty, !allPolicies, !revoked { throw ValidationError("give at least one --from or --policy, --all-policies or --revoked") }
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let options = UnshareOptions(people: from, policies: policy, allPolicies: allPolicies, renewsPolicies: revoked, headerOnly: headerOnly)
        let files = try authorities.records()
        let isQuiet = common.quiet || common.json
        let report = try await common.withSession { session in
            let bar = ProgressBar(name.description, isQuiet: isQuiet)
            try await session.use(files)
            return try await session.unshare(name, options, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) { ShareCommand.lines(report) }
    }
}
