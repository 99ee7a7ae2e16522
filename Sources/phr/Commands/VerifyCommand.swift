// phr verify: checks an envelope against the ledger.

internal import ArgumentParser
internal import Client
internal import Glibc

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte of an envelope against the ledger. Needs no key that opens it.",
        discussion: """
            A file on this machine is checked offline, with the proof beside it (FILE.proof) and what the profile \
            remembers of the ledger.

            Example: phr verify alice/visit.json
            """)

    @Argument(help: "An envelope on this machine, or a record on the server.")
    var name: String

    @Option(name: .long, help: ArgumentHelp("The proof of a file on this machine.", valueName: "file"))
    var proof: String?

    @Flag(name: .long, help: "For a record on the server: check proof and header only, do not read the body.")
    var quick = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report: VerifyReport
        if unsafe access(name, F_OK) == 0 {
            let profile = try common.store().load(common.profile)
            report = try LocalEnvelope.verify(name, proofPath: proof, profile: profile)
        } else {
            let remote = try RemoteName.record(name)
            let (quick, isQuiet) = (quick, common.quiet || common.json)
            report = try await common.withSession { session in
                let bar = ProgressBar(remote.description, isQuiet: isQuiet)
                return try await session.verify(remote, withBody: !quick, progress: bar.update)
            }
        }
        Console.result(report, asJSON: common.json) {
            let what = report.checkedByteCount.map { "all \(Console.size($0)) checked" } ?? "header checked, body not read"
            return [
                "\(report.name) is genuine: \(what)",
                "ledger \(report.ledgerOrigin), entry \(report.ledgerIndex) of \(report.ledgerSize), header \(report.headerRevision)",
            ]
        }
    }
}
