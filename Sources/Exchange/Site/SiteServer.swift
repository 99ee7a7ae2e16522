/// Runs a site: FTP service, signals, housekeeping, orderly end.
import Authentication
import FTPServer
import Foundation
package import Logging
package import Transport

package final class SiteServer: Sendable {
    let site: Site
    let server: Server
    let loops: [EventLoop]
    let logger: Logger
    let manager: ServiceManager

    package init(_ site: Site, manager: ServiceManager, logger: Logger) throws {
        self.site = site
        self.manager = manager
        self.logger = logger
        loops = try (0..<site.configuration.threads.event_loops).map { try EventLoop.start(name: "phrd-loop-\($0)") }
        server = Server(
            settings: site.configuration.serverSettings, context: try site.configuration.tlsContext(),
            authenticator: SiteAuthenticator(site: site, logger: logger), loops: loops, logger: logger)
    }

    /// - Parameter inherited: listening sockets from another process, instead of those in the configuration.
    package func bind(inherited: [InheritedSocket] = []) async throws -> (explicit: [SocketAddress], implicit: [SocketAddress]) {
        for socket in inherited where ![Server.explicitName, Server.implicitName].contains(socket.name) {
            throw SiteError("a socket named \"\(socket.name)\" was handed over: its unit needs FileDescriptorName=explicit or implicit")
        }
        return try await server.bind(inherited: inherited)
    }

    /// Serves until `stop`.
    package func run() async {
        let successor = waitForSuccessor()
        let watchdog = watch()
        defer {
            successor?.close()
            watchdog?.cancel()
        }
        let housekeeping = Task { [self] in
            while !Task.isCancelled {
                do {
                    try await site.purgePartials()
                    try await site.enforceRetention()
                } catch {
                    logger.error("housekeeping failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
        let supervision = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                if Task.isCancelled { return }
                await enforceChanges()
            }
        }
        await server.run()
        housekeeping.cancel()
        supervision.cancel()
        await supervision.value
        await housekeeping.value
        site.close()
        for loop in loops { loop.stop() }
    }

    /// Applies what the command line has changed to the sessions that run: bans, disabled accounts, networks and hours.
    private func enforceChanges() async {
        do {
            let (limits, disabled) = try await site.pool.run { [site] in
                try site.loginGuard.refresh()
                return (try site.limits.all(), try site.accounts.disabledNames())
            }
            await server.endSessions { [site] peer, user in
                let ban = user.map { site.loginGuard.ban(of: peer, account: $0) } ?? site.loginGuard.ban(of: peer)
                // Guesses of a neighbour behind the same address do not end the sessions of those who know their password.
                if let ban, ban.source == .operator { return LoginGuard.text }
                guard let user else { return nil }
                if disabled.contains(user) { return "The account was disabled; ask the operator" }
                return limits[user]?.refusal(of: peer)
            }
        } catch {
            logger.error("bans and limits cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Reads certificate and settings again; a mistake in them leaves the running ones in force.
    package func reload(_ configuration: Configuration) {
        manager.tell(.reloading)
        defer { manager.tell(.ready) }
        do {
            server.reload(settings: configuration.serverSettings, context: try configuration.tlsContext())
            site.loginGuard.use(configuration.bans)
            logger.notice("configuration and certificates reloaded")
        } catch {
            logger.error("reload failed; the old settings stay", metadata: ["error": "\(error)"])
        }
    }

    package func stop() async {
        manager.tell(.stopping)
        logger.notice("stopping", metadata: ["sessions": "\(server.sessionCount)"])
        await server.shutdown(within: .seconds(site.configuration.limits.shutdown_seconds))
    }
}
