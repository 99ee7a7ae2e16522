// `phrd hook-runner`.
import ArgumentParser
import Dispatch
import Exchange
import Foundation

struct HookRunnerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook-runner", abstract: "Run hooks.command for each event of a server.",
        discussion: """
            Listens at hooks.socket; the server sends the events of hooks.events there after they were committed. The command gets each as a line of
            JSON on its standard input, one after the other, without a shell. It is best run by a user that cannot read the records.
            SIGTERM and SIGINT end it after the command that is running.
            Example: phrd hook-runner --config conf/phrd.toml
            """)

    @OptionGroup var options: SiteOptions

    func run() throws {
        let configuration = try options.load()
        let runner = try HookRunner(configuration, logger: options.logger(configuration))
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in runner.stop() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try runner.run { FileHandle.standardOutput.write(Data("phrd hook-runner ready: \(configuration.hooks.socket)\n".utf8)) }
    }
}
