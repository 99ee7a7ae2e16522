// phr share and phr unshare: who can open a record, without touching its body.

internal import ArgumentParser
internal import Client

struct ShareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share", abstract: "Let somebody open a record.",
        discussion: """
            Writes a new header, signed by you and put on the ledger. The body stays as it is.

            Example: phr share alice/visit.json --to drbob
            """)

    @Argument(help: "The record.")
    var remote: String

    @Option(name: .long, help: ArgumentHelp("Who is to open it. May be repeated.", valueName: "name"))
    var to: [String]

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if to.isEmpty { throw ValidationError("give at least one --to") }
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let people = to
        let report = try await common.withSession { try await $0.share(name, with: people) }
        Console.result(report, asJSON: common.json) { ShareCommand.lines(report) }
    }

    static func lines(_ report: ShareReport) -> [String] {
        let names = report.recipients.joined(separator: ", ")
        let state = "version \(report.version), header \(report.headerRevision), ledger entry \(report.ledgerIndex)"
        var lines = ["\(report.remote) \(report.wasAlreadySo ? "is already" : "is now") for \(names) (\(state))"]
        if report.isResealed { lines.append("sealed anew under a new key; older versions open for those they were sealed for, and only you can fetch them") }
        return lines
    }
}

struct UnshareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshare", abstract: "Take somebody out of those who can open a record.",
        discussion: """
            Brings the record, seals it under a new key for those who stay, and stores it as the next version: a reader who \
            kept the old key cannot open it. With --header-only the body stays as it is and only the header is replaced, which \
            is quick for large records and keeps out whoever has not opened it before. Nothing takes back what was read.

            Example: phr unshare alice/visit.json --from drbob
            """)

    @Argument(help: "The record.")
    var remote: String

    @Option(name: .long, help: ArgumentHelp("Who is not to open it any more. May be repeated.", valueName: "name"))
    var from: [String]

    @Flag(name: .long, help: "Replace the header only; the body keeps its key.")
    var headerOnly = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if from.isEmpty { throw ValidationError("give at least one --from") }
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let (people, headerOnly) = (from, headerOnly)
        let isQuiet = common.quiet || common.json
        let report = try await common.withSession { session in
            let bar = ProgressBar(name.description, isQuiet: isQuiet)
            return try await session.unshare(name, from: people, headerOnly: headerOnly, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) { ShareCommand.lines(report) }
    }
}
