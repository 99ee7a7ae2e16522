// `phrd init`, `phrd serve`, `phrd check-config`.
import ArgumentParser
import Confinement
import Exchange
import Foundation
import Logging
import Transport

struct Initialize: AsyncParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new site: folders, private keys, databases and the first block of its ledger.",
        discussion: """
            As root it makes them for process.user, as whom the server will run.
            Example: phrd init --config conf/phrd.toml
            """)

    @OptionGroup var options: SiteOptions

    func prepare() throws { try options.load().becomeFounder() }

    func run() async throws {
        let configuration = try options.load()
        try await Site.create(configuration, logger: options.logger(configuration))
        print("site \(configuration.site.name) is ready")
        print("data:   \(configuration.storage.data)")
        print("keys:   \(configuration.storage.keys)  (back them up apart from the data)")
        print("anchor: \(configuration.storage.anchor)")
    }
}

struct Serve: AsyncParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server in the foreground.",
        discussion: """
            SIGTERM and SIGINT end it after running transfers; SIGHUP reads certificates, hosts, limits and more again (docs/operations.md).
            With --takeover it gets the listening sockets of the server that runs on the same data; that one ends as after SIGTERM, and no
            connection is refused meanwhile. Under systemd, sockets come from .socket units (conf/), and a plain restart does the same.
            Examples:
              phrd serve --config conf/phrd.toml --set listen.explicit=127.0.0.1:2121
              phrd serve --config conf/phrd.toml --takeover
            """)

    @OptionGroup var options: SiteOptions
    @Flag(help: "Take the listening sockets over from the running server.") var takeover = false

    /// Gives up what the server does not need.
    func prepare() throws {
        let configuration = try options.load()
        do {
            try configuration.confinement.enter()
        } catch let error as ConfinementError {
            throw ConfigurationError(problems: [error.description])
        }
        let data = configuration.storage.data
        // What is not there at all is told by who needs it.
        guard unsafe access(data, R_OK | W_OK | X_OK) == 0 || errno != EACCES else {
            throw ConfigurationError(problems: [
                "storage.data: \(data) is not the server's user's; run phrd init as that user, or: chown -R \(configuration.process.user): \(data)"
            ])
        }
    }

    func run() async throws {
        let configuration = try options.load()
        let logger = options.logger(configuration)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        raiseDescriptorLimit()
        let environment = ProcessInfo.processInfo.environment
        let manager = try ServiceManager(notifySocket: environment["NOTIFY_SOCKET"])
        let inherited = takeover ? try SiteServer.takeOver(configuration) : try ServiceManager.inheritedSockets(environment)
        let site = try Site(opening: configuration, logger: logger)
        try await site.sweep()
        let server = try SiteServer(site, manager: manager, logger: logger)
        let bound = try await server.bind(inherited: inherited)
        let (path, overrides) = (options.config, options.set)
        try Signals.handle([
            SIGTERM: { await server.stop() },
            SIGINT: { await server.stop() },
            SIGHUP: {
                do {
                    await server.reload(try ConfigurationFile.load(path: path, environment: ProcessInfo.processInfo.environment, overrides: overrides))
                } catch {
                    logger.error("configuration not reloaded", metadata: ["error": "\(error)"])
                }
            },
        ])
        var ready = "phrd ready:"
        for address in bound.explicit { ready += " explicit \(address)" }
        for address in bound.implicit { ready += " implicit \(address)" }
        FileHandle.standardOutput.write(Data((ready + "\n").utf8))
        manager.tell(.ready, status: ready)
        await server.run()
        logger.notice("stopped")
    }

    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    }
}

struct CheckConfiguration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Say everything in the configuration, and about the files that it names, that keeps the server from starting.",
        discussion: """
            As root it looks with the eyes of the data folder's owner. Exit code 78 if there is something, with a line for each; until "phrd init" has run, the site is missing.
            Example: phrd check-config --config conf/phrd.toml
            """)

    @OptionGroup var options: SiteOptions
    @Flag(help: "Print the values that are in force, as JSON.") var json = false

    func run() throws {
        let configuration = try options.enter()
        for warning in configuration.warnings { PHRD.complain("warning: \(warning)") }
        if json { try printJSON(configuration) }
        try options.check(configuration)
        if !json { print("\(options.config): fine") }
    }
}
