// The program `phr`: encrypts before upload, verifies before and after each transfer, decrypts on this machine only.

internal import ArgumentParser
internal import Client
internal import FTPProtocol
internal import Glibc

@main
struct PHRCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phr",
        abstract: "Health records, sealed on your machine and proven on a ledger.",
        discussion: """
            Records have names such as alice/visit.json, which is /records/alice/visit.json.phr on the server. \
            The identity and what is remembered of servers lie in PHR_HOME, by default ~/.phr. \
            The passphrase comes from the file in PHR_PASSPHRASE_FILE, from --passphrase-fd, or from the terminal.

            Exit codes:
            \(CommandStatus.allCases.map { "  \($0.rawValue)\t\($0.explanation)" }.joined(separator: "\n"))
            """,
        version: SoftwareVersion.text,
        subcommands: [
            InitCommand.self, LoginCommand.self, PutCommand.self, GetCommand.self, ListCommand.self, RemoveCommand.self, RenameCommand.self,
            MakeFolderCommand.self, InfoCommand.self, ShareCommand.self, UnshareCommand.self, PolicyCommand.self, RequestCommand.self,
            IssueCommand.self, AcceptCommand.self, AttributesCommand.self, AuthorityCommand.self, BreakglassCommand.self, VerifyCommand.self,
            ExportProofCommand.self,
        ])

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            if let error = ClientError(known: error) { Console.fail(error) }
            exit(withError: error)
        }
    }
}
