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

            With --policy everyone whose attributes satisfy it can open the files as well. The policy is sealed under once for \
            all files. What arrives in somebody's inbox is also sealed under that inbox's policy. Policies can be read by \
            anyone who holds the envelope, and do not stand up to a quantum computer.

            Examples:
              phr put visit.json scan.dcm alice/2026/ --to drbob
              phr put scan.dcm --policy "alice:care-team or (stmary:doctor and stmary:cardiology)"
            """)

    @Argument(help: ArgumentHelp("Files, and then the remote name or folder.", valueName: "file"))
    var arguments: [String]

    @Option(name: .long, help: ArgumentHelp("Let this person open it too. May be repeated.", valueName: "name"))
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("Let everyone who satisfies this policy open it too. May be repeated.", valueName: "policy"))
    var policy: [String] = []

    @Flag(name: .long, help: "Pad the content, so that its exact size does not show.")
    var pad = false

    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var files = arguments
        var remote: String?
        if files.count > 1, let last = files.last, last.contains("/"), unsafe access(last, F_OK) != 0 {
            remote = files.removeLast()
        }
        let name = try remote.map { try RemoteName($0) }
        let isFolder = files.count > 1 || remote?.hasSuffix("/") == true
        let options = PutOptions(recipients: to, policies: policy, isPadded: pad)
        let records = try authorities.records()
        let sources = files
        let isQuiet = common.quiet || common.json
        let reports = try await common.withSession { session in
            try await session.use(records)
            return try await session.put(sources, to: name, isFolder: isFolder, options: options) { file in
                ProgressBar(file, isQuiet: isQuiet).update
            }
        }
        if !common.quiet, let report = reports.first(where: { !$0.isPostQuantum }) {
            Console.note("note: a quantum computer could open this, because of \(report.policies.count == 1 ? "its policy" : "its policies")")
        }
        Console.result(reports, asJSON: common.json) {
            reports.map { report in
                let readers = (report.recipients + report.policies.map { "whoever satisfies \($0)" }).joined(separator: ", ")
                return "\(report.file) -> \(report.remote) (\(Console.size(report.byteCount)), for \(readers), ledger entry \(report.ledgerIndex))"
            }
        }
    }
}
