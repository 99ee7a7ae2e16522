// phr authority issuer: who may issue in an authority's name.

internal import ArgumentParser
internal import Client

struct AuthorityIssuerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issuer", abstract: "Let others issue in your name, such as the desks of a hospital.",
        discussion: """
            An issuer gets your secret key and a range of places of his own. Each issuance is on the ledger with his signing key, and \
            he reports it to you by mail. To take him out means new keys for all, because he had the secret.

            Examples:
              phr authority issuer add frontdesk
              phr authority issuer list
              phr authority issuer remove frontdesk
            """,
        subcommands: [IssuerAddCommand.self, IssuerRemoveCommand.self, IssuerListCommand.self])
}

struct IssuerAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "List somebody as an issuer and mail him the key; again for the same, to send it once more.",
        discussion: """
            He takes it with: phr accept --mail

            Example: phr authority issuer add frontdesk --places 256
            """)

    @Argument(help: "Who.")
    var user: String

    @Option(name: .long, help: ArgumentHelp("How many keys he can have out at once; a sixteenth of all by default.", valueName: "number"))
    var places: UInt32?

    @Option(name: .long, help: ArgumentHelp("The authority, if you own several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (user, places, authority) = (user, places, authority)
        let report = try await common.withSession { try await $0.addIssuer(user, leafCount: places, authority: authority) }
        Console.result(report, asJSON: common.json) {
            [
                "\(report.name) issues for \(report.authority) on places \(report.firstLeaf) to \(report.lastLeaf) (record \(report.sequence), ledger entry \(report.ledgerIndex))",
                "\(report.name) takes the key with: phr accept --mail",
            ]
        }
    }
}

struct IssuerRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take an issuer out: begins a new epoch, with new keys for all who hold one.",
        discussion: """
            Example: phr authority issuer remove frontdesk
            """)

    @Argument(help: "Who.")
    var user: String

    @Option(name: .long, help: ArgumentHelp("The authority, if you own several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (user, authority, isQuiet) = (user, authority, common.quiet || common.json)
        let report = try await common.withSession { session in
            let bar = CountProgress("Issuing", isQuiet: isQuiet)
            return try await session.removeIssuer(user, authority: authority, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) { ["\(user) does not issue for \(report.authority) any more"] + RotateCommand.lines(report) }
        try RotateCommand.finish(report)
    }
}

struct IssuerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all who issue or have issued in your name.",
        discussion: """
            Example: phr authority issuer list
            """)

    @Option(name: .long, help: ArgumentHelp("The authority, if you own several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let authority = authority
        let reports = try await common.withSession { try await $0.listIssuers(authority: authority) }
        Console.result(reports, asJSON: common.json) {
            guard !reports.isEmpty else { return ["Nobody else issues in your name"] }
            return Console.table(
                reports.map { report in
                    [
                        report.name, "places \(report.firstLeaf) to \(report.lastLeaf)", "since \(Console.time(Int64(clamping: report.added)))",
                        report.removed.map { "removed \(Console.time(Int64(clamping: $0)))" } ?? "issues",
                    ]
                })
        }
    }
}
