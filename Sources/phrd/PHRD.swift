/// `phrd`: the server and its administration.
import ArgumentParser
import Exchange
import FTPProtocol
import Foundation
import Logging

@main
struct PHRD: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phrd",
        abstract: "An FTPS server that stores health records as sealed envelopes and proves every change.",
        discussion: """
            A new site:
              phrd init --config conf/phrd.toml
              phrd user add alice --role patient --password-file alice.pw
              phrd folder add /inbox/alice --owner alice --writer stmary
              phrd serve --config conf/phrd.toml

            Exit codes: 0 done, 1 a check found problems, 64 usage, 69 cannot start, or no server runs, 78 configuration.
            """,
        version: SoftwareVersion.text,
        subcommands: [
            Initialize.self, Serve.self, UserCommand.self, FolderCommand.self, BanCommand.self, WhoCommand.self, KickCommand.self, LedgerCommand.self,
            AuditCommand.self, HookRunnerCommand.self, CertificateCommand.self, DoctorCommand.self, CheckConfiguration.self,
        ])

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            // Whatever this program makes is its user's alone; sockets for others say so. The programs of hooks keep what the operator set.
            if !(command is HookRunnerCommand) { umask(0o077) }
            if let command = command as? any PreparedCommand { try command.prepare() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch let error as ConfigurationError {
            for problem in error.problems { complain(problem) }
            Foundation.exit(78)
        } catch  where exitCode(for: error) == .validationFailure || isParserError(error) {
            exit(withError: error)
        } catch {
            complain("\(error)")
            Foundation.exit(69)
        }
    }

    /// Errors of the parser itself print usage and exit with 64; `--help` exits with 0.
    private static func isParserError(_ error: any Error) -> Bool {
        exitCode(for: error) != .failure
    }

    static func complain(_ message: String) {
        FileHandle.standardError.write(Data("phrd: \(message)\n".utf8))
    }
}

/// A command that changes users before its asynchronous part, when the process may have several threads.
protocol PreparedCommand: SendableMetatype {
    func prepare() throws
}

/// Options that every command has.
struct SiteOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file.")
    var config = "conf/phrd.toml"

    @Option(name: .long, help: "Overrides one value: section.key=value. May be repeated.")
    var set: [String] = []

    func load() throws -> Configuration {
        try ConfigurationFile.load(path: config, environment: ProcessInfo.processInfo.environment, overrides: set)
    }

    /// The configuration, for commands that touch data, keys or anchor: as root they become the owner of the data first, so that they leave none of
    /// root's files there and follow none of his links as root. What only root may read must have been read.
    func enter() throws -> Configuration {
        let configuration = try load()
        try configuration.becomeOwner()
        return configuration
    }

    /// Looks at the files that a configuration names.
    func check(_ configuration: Configuration) throws {
        try ConfigurationFile.check(filesOf: configuration, path: config)
    }

    /// Sets the log up as the configuration says and gives the program's logger.
    func logger(_ configuration: Configuration) -> Logger {
        let level = Logger.Level(rawValue: configuration.log.level) ?? .notice
        let isJSON = configuration.log.format == "json"
        LoggingSystem.bootstrap { label in
            if isJSON { return JSONLogHandler(label: label, level: level) }
            return TextLogHandler(label: label, level: level)
        }
        return Logger(label: "phrd")
    }
}

/// Prints a value as JSON on standard output.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self).escapedInJSON)
}
