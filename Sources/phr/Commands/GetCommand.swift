// phr get: brings a record, verifies and opens it.

internal import ArgumentParser
internal import Client

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Bring a record, verify it and open it.",
        discussion: """
            Proof and header are checked before the body is asked for. A download that was cut off goes on where it \
            stopped. The file appears under its name only after all checks.

            Example: phr get alice/visit.json
            """)

    @Argument(help: "The record.")
    var remote: String

    @Argument(help: "The file or folder to write to.")
    var local: String?

    @Flag(name: .long, help: "Keep the envelope, verified but not opened.")
    var envelope = false

    @Flag(name: [.short, .long], help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let name = try RemoteName.record(remote)
        let (local, envelope, force) = (local, envelope, force)
        let isQuiet = common.quiet || common.json
        let report = try await common.withSession { session in
            let bar = ProgressBar(name.description, isQuiet: isQuiet)
            return try await session.get(name, to: local, envelopeOnly: envelope, mayReplace: force, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) {
            ["\(report.remote) -> \(report.file) (\(Console.size(report.byteCount)), version \(report.version), ledger entry \(report.ledgerIndex))"]
        }
    }
}
