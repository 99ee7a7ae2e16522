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
        return ["\(report.remote) \(report.wasAlreadySo ? "is already" : "is now") for \(names) (header \(report.headerRevision), ledger entry \(report.ledgerIndex))"]
    }
}

struct UnshareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshare", abstract: "Take somebody out of those who can open a record.",
        discussion: """
            Whoever opened it before may have kept a copy: unsharing keeps later readers out.

            Example: phr unshare alice/visit.json --from drbob
            """)

    @Argument(help: "The record.")
    var remote: String

    @Option(name: .long, help: ArgumentHelp("Who is not to open it any more. May be repeated.", valueName: "name"))
    var from: [String]

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if from.isEmpty { throw ValidationError("give at least one --from") }
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let people = from
        let report = try await common.withSession { try await $0.unshare(name, from: people) }
        Console.result(report, asJSON: common.json) { ShareCommand.lines(report) }
    }
}
