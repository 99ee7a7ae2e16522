// phr put: seals files and sends them.

internal import ArgumentParser
internal import Client
internal import Glibc

struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Seal files on this machine and send them.",
        discussion: """
            The last argument is the remote name when it holds a slash and is no file here; a slash at its end, or several \
            files, make it a folder. Without it files go to your own folder.

            Example: phr put visit.json scan.dcm alice/2026/ --to drbob
            """)

    @Argument(help: ArgumentHelp("Files, and then the remote name or folder.", valueName: "file"))
    var arguments: [String]

    @Option(name: .long, help: ArgumentHelp("Let this person open it too. May be repeated.", valueName: "name"))
    var to: [String] = []

    @Flag(name: .long, help: "Pad the content, so that its exact size does not show.")
    var pad = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        var files = arguments
        var remote: String?
        if files.count > 1, let last = files.last, last.contains("/"), unsafe access(last, F_OK) != 0 {
            remote = files.removeLast()
        }
        let name = try remote.map { try RemoteName($0) }
        let isFolder = files.count > 1 || remote?.hasSuffix("/") == true
        let options = PutOptions(recipients: to, isPadded: pad)
        let sources = files
        let isQuiet = common.quiet || common.json
        let reports = try await common.withSession { session in
            try await session.put(sources, to: name, isFolder: isFolder, options: options) { file in
                ProgressBar(file, isQuiet: isQuiet).update
            }
        }
        Console.result(reports, asJSON: common.json) {
            reports.map { report in
                "\(report.file) -> \(report.remote) (\(Console.size(report.byteCount)), for \(report.recipients.joined(separator: ", ")), ledger entry \(report.ledgerIndex))"
            }
        }
    }
}
